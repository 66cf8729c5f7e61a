//! The commands of `cargo xtask` that build or read a module.
//!
//! ```text
//! countersign-artefact portable FOLDER FILE            artefact A
//! countersign-artefact surface  FOLDER FILE            what artefact A imports and exports
//! countersign-artefact js       FOLDER GENERATED DIST  artefact B: its glue and types, and the module
//! countersign-artefact check    FOLDER                 artefact A within its budget, the same bytes from two folders
//! countersign-artefact size     FOLDER [--json]        the bytes of artefact A by crate, and by room of the core
//! ```
//!
//! `FOLDER` is where cargo builds, apart from every other build.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use countersign_artefact::breakdown::Breakdown;
use countersign_artefact::{build, build_js, build_named, size, surface, workspace};

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let result = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["portable", folder, file] => portable(folder.as_ref(), file.as_ref()),
        ["surface", folder, file] => write_surface(folder.as_ref(), file.as_ref()),
        ["js", folder, generated, dist] => javascript(folder.as_ref(), generated.as_ref(), dist.as_ref()),
        ["check", folder] => check(folder.as_ref()),
        ["size", folder] => sizes(folder.as_ref(), |sizes| Ok(sizes.to_string())),
        ["size", folder, "--json"] => {
            sizes(folder.as_ref(), |sizes| Ok(serde_json::to_string_pretty(sizes)? + "\n"))
        }
        _ => Err("usage: countersign-artefact portable|surface|js|check|size FOLDER …".into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn portable(folder: &Path, file: &Path) -> Result {
    write(file, &build(&workspace(), folder)?)
}

fn write_surface(folder: &Path, file: &Path) -> Result {
    let lines = surface(&build(&workspace(), folder)?)?;
    write(file, (lines.join("\n") + "\n").as_bytes())
}

fn javascript(folder: &Path, generated: &Path, dist: &Path) -> Result {
    let built = build_js(&workspace(), folder)?;
    write(&generated.join("countersign.js"), built.glue.as_bytes())?;
    write(&generated.join("countersign.d.ts"), built.types.as_bytes())?;
    write(&dist.join("countersign.wasm"), &built.wasm)
}

fn check(folder: &Path) -> Result {
    let module = build(&workspace(), folder)?;
    let gzipped = size::gzipped(&module);
    let (most, most_gzipped) = (size::MAX_BYTES, size::MAX_GZIPPED_BYTES);
    println!("{} bytes, {gzipped} gzipped; at most {most} and {most_gzipped}", module.len());
    if module.len() > most || gzipped > most_gzipped {
        return Err("the module is larger than its budget".into());
    }
    if build_elsewhere()? != module {
        return Err("the module built in another folder has other bytes".into());
    }
    println!("the same bytes from two folders");
    Ok(())
}

fn sizes(folder: &Path, write: impl FnOnce(&Breakdown) -> Result<String>) -> Result {
    let breakdown = Breakdown::of(&build_named(&workspace(), folder)?)?;
    print!("{}", write(&breakdown)?);
    Ok(())
}

/// Builds a copy of the workspace in a folder whose path has another length.
fn build_elsewhere() -> Result<Vec<u8>> {
    let elsewhere = tempfile::Builder::new().prefix("countersign-another-folder-").tempdir()?;
    let copy = elsewhere.path().join("nested").join("workspace");
    let mut git = Command::new("git");
    git.current_dir(workspace()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = git.output()?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr)).into());
    }
    for file in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        copy_file(&workspace().join(file), &copy.join(file))?;
    }
    Ok(build(&copy, &elsewhere.path().join("target"))?)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    // Listed by git and deleted in the work tree: then it is in no copy either.
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to)?;
    }
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Result {
    fs::create_dir_all(file.parent().unwrap_or(file))?;
    fs::write(file, bytes).map_err(|error| format!("{}: {error}", file.display()).into())
}
