//! `cargo xtask fuzz`: every fuzz target, from the kept corpus on, for a bounded number of rounds and always with the same
//! seed, so that a run is repeatable and a failure is one of the code.
//!
//! Without a sanitizer: the crates under test forbid `unsafe`, so that AddressSanitizer could only watch the libraries
//! beneath, and Miri does that better. Coverage instrumentation alone needs no nightly compiler: the fuzzed code is
//! compiled by the very compiler that compiles what ships.

use std::fs;
use std::process::Command;

use crate::step::{self, Result, cargo, output, step, target, workspace};

const FOLDER: &str = "tests/fuzz";

/// Rounds after the corpus. Whole calls and stories run a few thousand times a second, readers a hundred times as often.
fn rounds(target: &str) -> u32 {
    match target {
        "private_key" => 4_000,
        "account" | "admit" | "frames" | "lists" | "operations" => 20_000,
        _ => 100_000,
    }
}

/// What is fuzzed, and for how long; `None`: everything, and as long as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rounds {
    target: Option<String>,
    runs: Option<u32>,
}

impl Rounds {
    /// `[TARGET] [--runs N]`
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        let (target, options) = match words {
            [target, options @ ..] if !target.starts_with('-') => (Some((*target).to_owned()), options),
            options => (None, options),
        };
        let runs = match options {
            [] => None,
            ["--runs", runs] => Some(runs.parse().ok()?),
            _ => return None,
        };
        Some(Self { target, runs })
    }
}

/// `cargo xtask fuzz`
pub(crate) fn run(rounds: &Rounds) -> Result {
    let targets = targets()?;
    match &rounds.target {
        None => targets.iter().try_for_each(|target| fuzz(target, rounds.runs)),
        Some(target) if targets.contains(target) => fuzz(target, rounds.runs),
        Some(_) => Err(format!("the targets are {}", targets.join(", ")).into()),
    }
}

/// The crate of the targets is a workspace of its own: the checks of the other one do not reach it.
pub(crate) fn lints() -> Result {
    let manifest = format!("{FOLDER}/Cargo.toml");
    step::run(&mut cargo(["fmt", "--manifest-path", &manifest, "--check"]))?;
    let mut clippy = cargo(["clippy", "--quiet", "--locked", "--all-targets", "--manifest-path", &manifest]);
    clippy.arg("--target-dir").arg(target("fuzz"));
    step::run(clippy.args(["--", "--deny", "warnings"]))
}

fn targets() -> Result<Vec<String>> {
    let list = output(&mut cargo(["fuzz", "list", "--fuzz-dir", FOLDER]))?;
    Ok(String::from_utf8(list)?.lines().map(str::to_owned).collect())
}

fn fuzz(name: &str, runs: Option<u32>) -> Result {
    step(&format!("fuzz: {name}"), || {
        // The first folder takes what is found; the kept corpus is only read.
        let found = target("fuzz-found").join(name);
        fs::create_dir_all(&found)?;
        let mut cargo = command(name);
        cargo.arg(found).arg(workspace().join(FOLDER).join("corpus").join(name)).arg("--");
        cargo.args(["-seed=1", "-max_len=4096", "-timeout=20", "-verbosity=0"]);
        cargo.arg(format!("-runs={}", runs.unwrap_or_else(|| rounds(name))));
        let dictionary = workspace().join(FOLDER).join("dictionaries").join(format!("{name}.dict"));
        if dictionary.exists() {
            cargo.arg(format!("-dict={}", dictionary.display()));
        }
        step::run(&mut cargo)
    })
}

fn command(name: &str) -> Command {
    let mut cargo = cargo(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir", FOLDER, "--target-dir"]);
    cargo.arg(target("fuzz")).arg(name);
    cargo
}
