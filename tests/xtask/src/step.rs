//! One step at a time, named, timed, and the first failure is the last step.

use std::error::Error;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fmt};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Runs `work` under a headline and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {name}");
    let begun = Instant::now();
    let result = work().map_err(|error| format!("{name}: {error}"))?;
    println!("-- {name}: {:.1} s", begun.elapsed().as_secs_f64());
    Ok(result)
}

/// The cargo that runs this program, in the workspace.
pub(crate) fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace()).args(arguments);
    cargo
}

/// Runs a command to its end; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result {
    let status = command.status().map_err(|error| Failed::new(command, &error))?;
    if status.success() { Ok(()) } else { Err(Failed::new(command, &status).into()) }
}

/// Runs a command and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output().map_err(|error| Failed::new(command, &error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failed::new(command, &String::from_utf8_lossy(&output.stderr)).into())
}

/// Runs a command on this input and returns what it printed. The input is small: it is written before anything is read.
pub(crate) fn output_of(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = pipes.spawn().map_err(|error| Failed::new(command, &error))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input)?;
    }
    let output = child.wait_with_output()?;
    if output.status.success() { Ok(output.stdout) } else { Err(Failed::new(command, &output.status).into()) }
}

pub(crate) fn workspace() -> PathBuf {
    countersign_artefact::workspace()
}

/// Where builds of this program's own go.
pub(crate) fn target(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    workspace().join(target.unwrap_or_else(|| "target".into())).join(Path::new(name))
}

#[derive(Debug)]
struct Failed(String);

impl Failed {
    fn new(command: &Command, cause: &dyn fmt::Display) -> Self {
        let words = command.get_args().map(|word| word.to_string_lossy());
        let line = std::iter::once(command.get_program().to_string_lossy()).chain(words);
        Self(format!("`{}`: {cause}", line.collect::<Vec<_>>().join(" ")))
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failed {}
