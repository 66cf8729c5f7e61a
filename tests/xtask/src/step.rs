//! One step at a time, named, timed, and the first failure is the last step.

use std::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;
use std::{env, fmt};

use crate::setup::{NIGHTLY, Toolchain};

pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Runs `work` under a headline and says how long it took.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {name}");
    let begun = Instant::now();
    let result = work().map_err(|error| format!("{name}: {error}"))?;
    println!("-- {name}: {:.1} s", begun.elapsed().as_secs_f64());
    Ok(result)
}

/// The cargo of the named toolchain.
pub(crate) fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut cargo = rust("cargo");
    cargo.args(arguments);
    cargo
}

/// A program of the toolchain that `rust-toolchain.toml` names, in the workspace, whichever toolchain runs this one.
/// Without rustup it is the one that there is.
pub(crate) fn rust(program: &str) -> Command {
    let channel = &Toolchain::of_this_repository().channel;
    let ours = env::var("RUSTUP_TOOLCHAIN").unwrap_or_default();
    let is_named =
        ours.strip_prefix(channel.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if !is_named && has_rustup() {
        return of_toolchain(channel, &[program]);
    }
    let cargo = env::var_os("CARGO").filter(|_| program == "cargo");
    let mut command = Command::new(cargo.unwrap_or_else(|| program.into()));
    command.current_dir(workspace());
    command
}

/// A command of the nightly toolchain.
pub(crate) fn nightly(command: &[&str]) -> Command {
    of_toolchain(NIGHTLY, command)
}

/// This program was started by another toolchain, which says so to its children.
fn of_toolchain(name: &str, command: &[&str]) -> Command {
    let mut rustup = Command::new("rustup");
    rustup.args(["run", name]).args(command).current_dir(workspace());
    for inherited in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        rustup.env_remove(inherited);
    }
    rustup
}

/// Whether rustup is here.
pub(crate) fn has_rustup() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let mut rustup = Command::new("rustup");
        rustup.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        rustup.status().is_ok_and(|status| status.success())
    })
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

pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
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
