//! `cargo xtask generate`: files that programs write and people review. The checks write them anew and compare.

use std::fs;

use crate::artefact;
use crate::step::{self, Result, cargo, step, workspace};

pub(crate) fn run() -> Result {
    step("generate: imports and exports of the module", || {
        let lines = countersign_artefact::surface(&artefact::build()?)?;
        fs::write(workspace().join("host/runtime/tests/golden/surface.txt"), lines.join("\n") + "\n")?;
        Ok(())
    })?;
    step("generate: scenes", || {
        step::run(&mut cargo(["run", "--quiet", "--package", "countersign-conformance"]))
    })?;
    step("generate: the table of reasons", || {
        let print = ["run", "--quiet", "--package", "countersign-core", "--example", "reasons", "--"];
        for (form, file) in [("markdown", "core/REASONS.md"), ("typescript", "bindings/js/src/reasons.ts")] {
            fs::write(workspace().join(file), step::output(cargo(print).arg(form))?)?;
        }
        Ok(())
    })
}
