//! JavaScript runs in Node with the built package, and compiles as TypeScript under `strict`.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign_documents::workspace;

use crate::gateway::Gateway;
use crate::platform;
use crate::ports::{self, GATEWAY};
use crate::session::Outcome;

pub(crate) fn run(folder: &Path, text: &str) -> Outcome {
    let package = workspace().join("bindings/js");
    if !package.join("dist/node.mjs").exists() {
        return Err("the package is not built: run `cargo xtask js`".to_owned());
    }
    let said = |error: std::io::Error| error.to_string();
    let modules = folder.join("node_modules");
    fs::create_dir_all(&modules).map_err(said)?;
    let linked = modules.join("countersign");
    if !linked.exists() {
        symlink(&package, &linked).map_err(said)?;
    }
    compile(folder, &package, text)?;
    fs::write(folder.join("block.mjs"), text).map_err(said)?;
    let mut node = Command::new("node");
    node.arg("block.mjs").current_dir(folder).env("KOOGALLERY_KEY", platform::KEY).process_group(0);
    let child = node.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(said)?;
    let mut child = child;
    let stderr = child.stderr.take();
    let mut running = Gateway::running(child);
    running.listen_to(stderr);
    if !text.contains(".listen(8080)") {
        return running.end();
    }
    if !ports::is_open(GATEWAY) {
        running.kill();
        return Err("it does not listen".to_owned());
    }
    let bought = platform::buys(
        "CS2211181819B4LVS",
        "CS2211181819B4LVS-000001",
        "87b94795-0603-4e24-8ae5-69420d60e3c8",
    );
    running.kill();
    bought
}

fn compile(folder: &Path, package: &Path, text: &str) -> Outcome {
    fs::write(folder.join("block.mts"), text).map_err(|error| error.to_string())?;
    let mut tsc = Command::new("node");
    tsc.arg(package.join("node_modules/typescript/bin/tsc")).current_dir(folder);
    tsc.args(["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"]);
    tsc.arg("--typeRoots").arg(package.join("node_modules/@types")).args(["--types", "node", "block.mts"]);
    let output = tsc.output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}
