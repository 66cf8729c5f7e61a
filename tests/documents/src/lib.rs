//! The documents of this repository, read by programs: what they show is run as printed, what they tabulate is compared
//! with what the code has. And its sources, as far as one file needs another.

pub mod arrows;
mod markdown;

use std::path::{Path, PathBuf};
use std::{fs, io};

pub use markdown::{Block, Document, Heading, Table};

/// Declares the documents whose Rust blocks are compiled and run, as printed, by the documentation tests of this crate.
macro_rules! rust_blocks_of {
    ($($name:ident = $path:literal),*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../", $path))]
            struct $name;
        )*

        /// Documents whose Rust blocks run as documentation tests.
        pub const WITH_RUST: &[&str] = &[$($path),*];
    };
}

rust_blocks_of!(Readme = "README.md", ReadmeZhCn = "README.zh-CN.md");

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// One document, by its path in the workspace.
///
/// # Errors
/// When it cannot be read.
pub fn document(path: &str) -> io::Result<Document> {
    Ok(Document::read(path, &fs::read_to_string(workspace().join(path))?))
}

/// Every Markdown file of the repository, by its path.
///
/// # Errors
/// When a folder or a file cannot be read.
pub fn documents() -> io::Result<Vec<Document>> {
    let mut paths = Vec::new();
    collect(&workspace(), &mut paths)?;
    paths.sort();
    let root = workspace();
    let relative = paths.iter().filter_map(|path| path.strip_prefix(&root).ok()?.to_str());
    relative.map(document).collect()
}

/// Whether a document is a page of a crate's documentation: a file of sources beside it includes it, so that the crate's
/// own documentation tests run its blocks, by rustdoc's rules.
///
/// # Errors
/// When its folder or a file there cannot be read.
pub fn is_page_of_rustdoc(document: &Document) -> io::Result<bool> {
    let path = workspace().join(&document.path);
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(false);
    };
    let included = format!("#[doc = include_str!(\"{name}\")]");
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "rs") && fs::read_to_string(path)?.contains(&included) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is built or downloaded is not ours.
const FOREIGN: [&str; 3] = ["target", "node_modules", "dist"];

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !FOREIGN.contains(&name.as_ref()) && !name.starts_with('.') {
                collect(&path, found)?;
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
    Ok(())
}
