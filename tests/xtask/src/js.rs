//! `cargo xtask js`: the package for JavaScript, ready to be packed or imported where it stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{self, Result, step, target, workspace};
use crate::tools;

pub(crate) fn package() -> PathBuf {
    workspace().join("bindings/js")
}

pub(crate) fn build() -> Result {
    step("tools", || tools::require(&[tools::NODE, tools::NPM]))?;
    step("js: artefact B", artefact)?;
    step("js: packages", || install(&package()))?;
    step("js: compile", || step::run(&mut npm(&package(), &["run", "--silent", "compile"])))
}

/// The module and its glue, where the sources expect them.
fn artefact() -> Result {
    let built = countersign_artefact::build_js(&workspace(), &target("xtask-artefact"))?;
    let generated = package().join("src/generated");
    let dist = package().join("dist");
    fs::create_dir_all(&generated)?;
    fs::create_dir_all(&dist)?;
    fs::write(generated.join("countersign.js"), built.glue)?;
    fs::write(generated.join("countersign.d.ts"), built.types)?;
    fs::write(dist.join("countersign.wasm"), built.wasm)?;
    Ok(())
}

/// What the lock file names, unless it is there already.
pub(crate) fn install(folder: &Path) -> Result {
    let installed = folder.join("node_modules/.package-lock.json");
    let is_current = match (modified(&installed), modified(&folder.join("package-lock.json"))) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    };
    if is_current { Ok(()) } else { step::run(&mut npm(folder, &["ci", "--no-audit", "--no-fund"])) }
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

pub(crate) fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args(arguments);
    npm
}
