//! Pages of a crate's documentation are told from documents that are read as files.

use std::fs;
use std::path::Path;

use countersign_documents::{Document, is_page_of_rustdoc};

#[test]
fn a_page_is_what_a_file_of_sources_beside_it_includes() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("mod.rs"), "#[doc = include_str!(\"included.md\")]\npub mod included {}\n")
        .unwrap();
    for (name, is_page) in [("included.md", true), ("other.md", false)] {
        let document = Document::read(folder.join(name).to_str().unwrap(), "");
        assert_eq!(is_page_of_rustdoc(&document).unwrap(), is_page, "{name}");
    }
}
