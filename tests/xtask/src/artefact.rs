//! The module: what it may weigh, and that its bytes do not depend on the folder that built it.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::{fs, io};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::step::{Result, output, target, workspace};

/// Bytes of the module.
pub(crate) const MAX_SIZE: usize = 512 << 10;
/// Bytes of the module after gzip at its highest level.
pub(crate) const MAX_GZIPPED: usize = 200 << 10;

/// Builds the module in a folder of its own, so that it disturbs no other build.
pub(crate) fn build() -> Result<Vec<u8>> {
    Ok(countersign_artefact::build(&workspace(), &target("xtask-artefact"))?)
}

/// `cargo xtask artefact`
pub(crate) fn write() -> Result {
    let folder = target("artefact");
    fs::create_dir_all(&folder)?;
    let path = folder.join("countersign.wasm");
    fs::write(&path, build()?)?;
    println!("{}", path.display());
    Ok(())
}

pub(crate) fn check() -> Result {
    let module = build()?;
    let gzipped = gzipped_size(&module)?;
    println!("{} bytes, {gzipped} gzipped; at most {MAX_SIZE} and {MAX_GZIPPED}", module.len());
    if module.len() > MAX_SIZE || gzipped > MAX_GZIPPED {
        return Err("the module is larger than its budget".into());
    }
    if build_elsewhere()? != module {
        return Err("the module built in another folder has other bytes".into());
    }
    println!("the same bytes from two folders");
    Ok(())
}

pub(crate) fn gzipped_size(module: &[u8]) -> io::Result<usize> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(module)?;
    Ok(gzip.finish()?.len())
}

/// Builds a copy of the workspace in a folder whose path has another length.
fn build_elsewhere() -> Result<Vec<u8>> {
    let elsewhere = tempfile::Builder::new().prefix("countersign-another-folder-").tempdir()?;
    let copy = elsewhere.path().join("nested").join("workspace");
    let files = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let files = output(Command::new("git").current_dir(workspace()).args(files))?;
    for file in String::from_utf8(files)?.split_terminator('\0') {
        copy_file(&workspace().join(file), &copy.join(file))?;
    }
    Ok(countersign_artefact::build(&copy, &elsewhere.path().join("target"))?)
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    // Listed by git and deleted in the work tree: then it is in no copy either.
    if from.is_file() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        fs::copy(from, to)?;
    }
    Ok(())
}
