//! `cargo xtask js`: the package for JavaScript, ready to be packed or imported where it stands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::artefact;
use crate::step::{self, Result, step, workspace};

pub(crate) fn package() -> PathBuf {
    workspace().join("bindings/js")
}

pub(crate) fn build() -> Result {
    step("js: artefact B", artefact)?;
    step("js: packages", || install(&package()))?;
    step("js: compile", || step::run(&mut npm(&package(), &["run", "--silent", "compile"])))
}

/// The module and its glue, where the sources expect them.
fn artefact() -> Result {
    artefact::program("js", &[package().join("src/generated"), package().join("dist")])
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
    // What npm compiles is compiled against the headers that came with Node.js. Otherwise they would be downloaded.
    if let Some(home) = home_with_headers() {
        npm.env("npm_config_nodedir", home);
    }
    npm
}

/// The folder above `bin/node`, if `include/node` lies beside it.
fn home_with_headers() -> Option<PathBuf> {
    let printed = step::output(Command::new("node").args(["-p", "process.execPath"])).ok()?;
    let node = PathBuf::from(String::from_utf8(printed).ok()?.trim());
    let home = node.parent()?.parent()?.to_owned();
    home.join("include/node/node_version.h").is_file().then_some(home)
}
