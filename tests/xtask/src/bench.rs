//! `cargo xtask bench`: builds everything that is measured, then has `countersign-benches` measure it and print one table.
//!
//! What is compared with what, and what is equal on both sides, is in `benches/README.md`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::step::{self, Result, cargo, step, target, workspace};
use crate::{artefact, js};

/// How long and how often, and in which form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Options {
    quick: bool,
    markdown: bool,
}

impl Options {
    pub(crate) fn parse(words: &[&str]) -> Option<Self> {
        words.iter().try_fold(Self::default(), |options, word| match *word {
            "--quick" => Some(Self { quick: true, ..options }),
            "--markdown" => Some(Self { markdown: true, ..options }),
            _ => None,
        })
    }
}

const THOROUGH: [&str; 6] = ["--warm-up-time", "0.5", "--measurement-time", "1.5", "--sample-size", "50"];
/// Shows that everything runs; its figures mean little.
const QUICK: [&str; 6] = ["--warm-up-time", "0.05", "--measurement-time", "0.1", "--sample-size", "10"];

pub(crate) fn run(options: Options) -> Result {
    js::build()?;
    step("bench: the peer", || js::install(&benches().join("peer")))?;
    step("bench: build", || {
        let packages = ["--package", "countersign", "--package", "countersign-benches"];
        step::run(cargo(["build", "--release"]).args(packages))
    })?;
    step("bench: artefact A", artefact::write)?;
    let criterion = target("criterion");
    step("bench: criterion", || {
        let mut bench = cargo(["bench", "--quiet", "--package", "countersign-benches", "--"]);
        let effort = if options.quick { QUICK } else { THOROUGH };
        step::run(bench.env("CRITERION_HOME", &criterion).args(effort).stdout(Stdio::null()))
    })?;
    let release = target("release");
    let mut report = Command::new(release.join("countersign-benches"));
    report.arg("report").current_dir(workspace());
    let paths = [
        ("--gateway", release.join("countersign")),
        ("--benches", benches()),
        // Ledgers lie in the target folder: a temporary one may be in memory.
        ("--folder", target("bench")),
        ("--criterion", criterion),
        ("--portable", artefact::portable()),
        ("--javascript", js::package().join("dist/countersign.wasm")),
    ];
    for (name, path) in paths {
        report.arg(name).arg(path);
    }
    report.args(options.quick.then_some("--quick")).args(options.markdown.then_some("--markdown"));
    step::run(&mut report)
}

fn benches() -> PathBuf {
    workspace().join("benches")
}
