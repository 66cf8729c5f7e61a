//! One driver: a child process that answers one JSON object per line.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;

/// How a driver is started. A language is one more of these.
#[derive(Debug)]
pub struct Launch {
    /// Its column in the matrix.
    pub name: &'static str,
    /// The program.
    pub command: Command,
    /// The command that builds it, for whoever has not done so.
    pub built_by: &'static str,
}

/// A driver that is running.
pub struct Driver {
    /// Its column in the matrix.
    pub name: &'static str,
    built_by: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl fmt::Debug for Driver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Driver({}, {})", self.name, self.child.id())
    }
}

impl Driver {
    /// Starts a driver, in a process group of its own: what starts by way of `npm` or a shell is a grandchild of
    /// this process, and would outlive its parent.
    ///
    /// # Errors
    /// When the command cannot be started.
    pub fn start(launch: Launch) -> io::Result<Self> {
        let Launch { name, mut command, built_by } = launch;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| failed(name, built_by, &error))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("the driver has no pipes"));
        };
        Ok(Self { name, built_by, child, input, output: BufReader::new(output) })
    }

    /// One line in, one line out.
    ///
    /// # Errors
    /// When the driver ends, or answers no JSON; the message says what builds it.
    pub fn ask(&mut self, line: &Value) -> io::Result<Value> {
        self.exchange(line).map_err(|error| failed(self.name, self.built_by, &error))
    }

    fn exchange(&mut self, line: &Value) -> io::Result<Value> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            return Err(io::Error::other("it ended without an answer"));
        }
        serde_json::from_str(&answer).map_err(|_| io::Error::other(format!("it said {answer:?}")))
    }
}

fn failed(name: &str, built_by: &str, cause: &io::Error) -> io::Error {
    io::Error::other(format!("the driver `{name}`: {cause}; `{built_by}` builds it"))
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::json;

    use super::*;

    fn shell(script: &str) -> Launch {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Launch { name: "shell", command, built_by: "cargo xtask shell" }
    }

    #[test]
    fn a_driver_that_is_not_built_says_what_builds_it() {
        let missing = Launch { command: Command::new("./no-such-program"), ..shell("true") };
        let ended = Driver::start(shell("exit 1")).expect("a shell").ask(&json!({}));
        for error in [Driver::start(missing).expect_err("nothing to start"), ended.expect_err("it ended")] {
            assert!(error.to_string().contains("`cargo xtask shell` builds it"), "{error}");
        }
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        let mut driver = Driver::start(shell("read -r line; echo hello")).expect("a shell");
        driver.ask(&json!({})).expect_err("no JSON");
    }

    #[test]
    fn a_driver_takes_its_grandchildren_with_it() {
        let (mut survivor, voice) = io::pipe().expect("a pipe");
        let mut launch = shell("(sleep 20; echo survived >&2) & read -r line; echo '{}'; wait");
        launch.command.stderr(voice);
        let mut driver = Driver::start(launch).expect("a shell");
        driver.ask(&json!({})).expect("the grandchild was started before the answer");
        drop(driver);
        let mut said = String::new();
        survivor.read_to_string(&mut said).expect("the pipe ends when nobody holds it");
        assert_eq!(said, "");
    }
}
