//! The module. The program of `countersign-artefact` does the work: its tools are too many for this one, which has to
//! compile before anything is installed.

use std::path::PathBuf;

use crate::step::{self, Result, cargo, step, target};

/// Runs that program. What it builds lies in a folder of its own, so that it disturbs no other build.
pub(crate) fn program(command: &str, files: &[PathBuf]) -> Result {
    let run = ["run", "--quiet", "--package", "countersign-artefact", "--features", "program", "--", command];
    step::run(cargo(run).arg(target("xtask-artefact")).args(files))
}

/// `cargo xtask artefact`
pub(crate) fn write() -> Result {
    let path = portable();
    program("portable", std::slice::from_ref(&path))?;
    println!("{}", path.display());
    Ok(())
}

/// Where the module lies that [`write`] writes.
pub(crate) fn portable() -> PathBuf {
    target("artefact").join("countersign.wasm")
}

/// How the command line asks for JSON.
pub(crate) const JSON: &str = "--json";

/// `cargo xtask size`
pub(crate) fn size(json: bool) -> Result {
    program("size", json.then(|| PathBuf::from(JSON)).as_slice())
}

/// What the module may weigh, and that its bytes do not depend on the folder that built it.
pub(crate) fn check() -> Result {
    step("the module", || program("check", &[]))
}
