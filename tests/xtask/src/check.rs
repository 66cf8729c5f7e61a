//! `cargo xtask check`: what must hold besides the tests.

use std::process::Command;

use crate::step::{self, Result, cargo, step, workspace};
use crate::{artefact, constant_time, fuzz, generate, miri, oracle};

pub(crate) fn run() -> Result {
    step("formatting", || step::run(&mut cargo(["fmt", "--all", "--check"])))?;
    step("lints", || {
        let clippy = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "--deny", "warnings"];
        step::run(&mut cargo(clippy))
    })?;
    // The exports, the allocator and the panic handler exist on this target only; and the core builds for it only
    // as long as it needs no operating system.
    step("lints of the module", || {
        let packages = ["--package", "countersign-core", "--package", "countersign-wasm"];
        let mut clippy = cargo(["clippy", "--target", "wasm32v1-none"]);
        step::run(clippy.args(packages).args(["--", "--deny", "warnings"]))
    })?;
    step("lints of the module for JavaScript", || {
        let mut clippy =
            cargo(["clippy", "--target", "wasm32-unknown-unknown", "--package", "countersign-wasm"]);
        step::run(clippy.args(["--features", "js", "--", "--deny", "warnings"]))
    })?;
    step("lints of the fuzz targets", fuzz::lints)?;
    step("documentation", || {
        let mut doc = cargo(["doc", "--workspace", "--all-features", "--no-deps"]);
        step::run(doc.env("RUSTDOCFLAGS", "--deny warnings"))
    })?;
    // Advisories are not among them: their database is not in any package registry, and a check that needs the
    // network would fail where there is none. `cargo deny check advisories` runs them by hand.
    step("dependencies", || {
        step::run(&mut cargo(["deny", "--all-features", "check", "bans", "licenses", "sources"]))
    })?;
    step("generated files", generated_files_are_current)?;
    oracle::check()?;
    artefact::check()?;
    constant_time::run()?;
    miri::run()?;
    fuzz::run(&fuzz::Rounds::default())
}

/// Generating changes nothing that git sees. The state before counts, so that the check works amid edits too.
fn generated_files_are_current() -> Result {
    let before = uncommitted()?;
    generate::run()?;
    if uncommitted()? == before {
        return Ok(());
    }
    step::run(Command::new("git").current_dir(workspace()).args(["--no-pager", "diff", "--stat"]))?;
    Err("generated files differ from those in the repository".into())
}

fn uncommitted() -> Result<(Vec<u8>, Vec<u8>)> {
    let git = |arguments: &[&str]| step::output(Command::new("git").current_dir(workspace()).args(arguments));
    Ok((git(&["diff", "HEAD"])?, git(&["status", "--porcelain"])?))
}
