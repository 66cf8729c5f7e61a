//! `cargo xtask generate`: files that programs write and people review. The checks write them anew and compare.

use std::fs;

use crate::artefact;
use crate::step::{self, Result, cargo, step, workspace};

pub(crate) fn run() -> Result {
    step("generate: imports and exports of the module", || {
        artefact::program("surface", &[workspace().join("host/runtime/tests/golden/surface.txt")])
    })?;
    step("generate: vectors", || {
        step::run(&mut cargo(["run", "--quiet", "--package", "countersign-conformance"]))
    })?;
    step("generate: operations, their frames, and the codecs of the bindings", || {
        step::run(&mut cargo(["run", "--quiet", "--package", "countersign-schema"]))
    })?;
    step("generate: the schema of the JavaScript store", || {
        let schema = fs::read_to_string(workspace().join("host/ledger/src/sqlite/001.sql"))?;
        let head = "// Generated from the gateway's schema by `cargo xtask generate`: one file serves both.";
        let text = format!("{head}\n\nexport const SCHEMA = `{}`;\n", schema.replace('`', "\\`"));
        Ok(fs::write(workspace().join("bindings/js/src/store/schema.ts"), text)?)
    })?;
    step("generate: the table of reasons", || {
        let print = ["run", "--quiet", "--package", "countersign-core", "--example", "reasons", "--"];
        for (form, file) in [("markdown", "core/REASONS.md"), ("typescript", "bindings/js/src/reasons.ts")] {
            fs::write(workspace().join(file), step::output(cargo(print).arg(form))?)?;
        }
        Ok(())
    })?;
    step("generate: the OpenAPI document of the api listener", || {
        let print = ["run", "--quiet", "--package", "countersign", "--example", "openapi"];
        Ok(fs::write(workspace().join("host/service/openapi.json"), step::output(&mut cargo(print))?)?)
    })
}
