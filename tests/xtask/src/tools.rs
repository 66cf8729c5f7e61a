//! What the suites need on the machine. A test whose tool is missing fails here, with the name of what to install.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::step::{Result, output, workspace};

/// A program, and what to install where it is missing.
pub(crate) struct Tool {
    program: &'static str,
    package: &'static str,
}

pub(crate) const JAVAC: Tool =
    Tool { program: "javac", package: "a JDK of at least 17 (Debian: openjdk-17-jdk-headless)" };
pub(crate) const MAVEN: Tool = Tool { program: "mvn", package: "Maven (Debian: maven)" };
pub(crate) const NODE: Tool = Tool { program: "node", package: "Node.js of at least 20" };
pub(crate) const NPM: Tool = Tool { program: "npm", package: "npm, which comes with Node.js" };
pub(crate) const VALGRIND: Tool =
    Tool { program: "valgrind", package: "valgrind and its headers (Debian: valgrind)" };

const RUST_TARGETS: [&str; 2] = ["wasm32v1-none", "wasm32-unknown-unknown"];

/// These programs and the Rust targets; all that is missing is named at once.
///
/// # Errors
///
/// The list of what to install.
pub(crate) fn require(tools: &[Tool]) -> Result {
    let mut missing: Vec<String> = Vec::new();
    for target in RUST_TARGETS {
        if !has_rust_target(target)? {
            missing.push(format!("the Rust target {target}: rustup target add {target}"));
        }
    }
    for tool in tools.iter().filter(|tool| !is_installed(tool.program)) {
        missing.push(format!("{}: {}", tool.program, tool.package));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("these are missing on this machine\n  {}", missing.join("\n  ")).into())
}

fn has_rust_target(target: &str) -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc.current_dir(workspace()).args(["--print", "target-libdir", "--target", target]);
    let folder = String::from_utf8(output(&mut rustc)?)?;
    Ok(Path::new(folder.trim()).is_dir())
}

fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
