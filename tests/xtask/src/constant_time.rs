//! `cargo xtask constant-time`: what handles keys, in the build that ships, under valgrind.
//!
//! Twice, since AES has two faces: the instructions of the processor, and the software that runs where there are none, in
//! the module above all. SHA-256 is software both times: valgrind does not emulate its instructions.

use std::fs;
use std::process::Command;

use crate::step::{self, Result, cargo, step, target};

const PACKAGE: &str = "countersign-constant-time";

pub(crate) fn run() -> Result {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("the analysis is made for Linux on x86-64".into());
    }
    step("constant time, with the processor's instructions for AES", || analyse("native", ""))?;
    step("constant time, with AES in software", || analyse("software", r#"--cfg aes_backend="soft""#))
}

fn analyse(name: &str, flags: &str) -> Result {
    let folder = target("constant-time").join(name);
    let mut build = cargo(["build", "--quiet", "--release", "--package", PACKAGE, "--target-dir"]);
    step::run(build.arg(&folder).env("RUSTFLAGS", flags))?;
    fs::create_dir_all(&folder)?;
    let reports = folder.join("reports.txt");
    let mut valgrind = Command::new("valgrind");
    // The controls leak on purpose; their reports would only frighten whoever reads the output.
    valgrind.args(["--quiet", "--error-limit=no"]).arg(format!("--log-file={}", reports.display()));
    step::run(valgrind.arg(folder.join("release").join(PACKAGE)))
        .map_err(|error| format!("{error}; see {}", reports.display()).into())
}
