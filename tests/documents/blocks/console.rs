//! What a terminal shows: commands after `$ `, and what they print.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use xtask::Invocation;

use crate::gateway::{self, Gateway};
use crate::session::{Outcome, Session};

/// The commands of a block, without comments.
pub(crate) fn commands(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("$ "));
    lines.map(|line| line.split(" # ").next().unwrap_or(line).trim_end())
}

/// Runs all commands in one shell and compares what they print. A gateway goes on running.
pub(crate) fn run(session: &mut Session, text: &str) -> Outcome {
    if commands(text).any(|command| command.starts_with("cargo xtask ")) {
        return commands(text).try_for_each(xtask);
    }
    let printed = text.lines().filter(|line| !line.starts_with("$ "));
    let script: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("$ ")).collect();
    let serves = script.last().is_some_and(|command| command.contains("cargo run -- serve"));
    let mut shell = gateway::shell(&script.join("\n"), session.folder.path());
    let mut child =
        shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    let lines = lines(child.stdout.take());
    let mut stderr = child.stderr.take();
    let mut running = Gateway::running(child);
    for expected in printed {
        let found = lines.recv_timeout(Duration::from_secs(120)).unwrap_or_default();
        if found != expected {
            running.kill();
            let mut said = String::new();
            let _ = stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
            return Err(format!("{expected:?} is printed here, {found:?} by the command: {said}"));
        }
    }
    if serves {
        running.listen_to(stderr);
        session.gateway = Some(running);
        return Ok(());
    }
    running.end()?;
    lines
        .recv_timeout(Duration::from_secs(10))
        .map_or(Ok(()), |more| Err(format!("{more:?} is not printed here")))
}

/// These commands build and run for minutes what other tests and the continuous integration run; `test` would run this
/// very test. Here they have to be commands, with options that they have.
fn xtask(command: &str) -> Outcome {
    let words: Vec<&str> = command.split_whitespace().collect();
    let known = words.strip_prefix(&["cargo", "xtask"]).and_then(Invocation::parse);
    known.map(drop).ok_or_else(|| format!("`{command}` is no command"))
}

fn lines(stdout: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = stdout.map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten();
        lines.map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    receiver
}
