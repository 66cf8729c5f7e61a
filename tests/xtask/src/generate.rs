//! `cargo xtask generate`: files that programs write and people review. The checks write them anew and compare.

use std::fs;

use crate::artefact;
use crate::step::{Result, step, workspace};

pub(crate) fn run() -> Result {
    step("generate: imports and exports of the module", || {
        let lines = countersign_artefact::surface(&artefact::build()?)?;
        fs::write(workspace().join("host/runtime/tests/golden/surface.txt"), lines.join("\n") + "\n")?;
        Ok(())
    })
}
