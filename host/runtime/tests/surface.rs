//! What the module asks of a host and what it offers, line by line: every binding relies on it.

use std::path::Path;
use std::{env, fs};

use countersign_runtime::artefact;

#[test]
fn imports_and_exports_are_the_golden_ones() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/surface.txt");
    let golden = fs::read_to_string(golden).expect("the golden list");
    let surface = countersign_artefact::surface(artefact()).expect("a module for every runtime");
    assert_eq!(surface, golden.lines().collect::<Vec<_>>());
}

#[test]
fn of_all_proposals_two_instructions_are_needed() {
    let needed = countersign_artefact::proposals(artefact()).expect("valid WebAssembly 2.0");
    assert_eq!(needed, ["bulk-memory: memory.copy and memory.fill"]);
}

#[test]
fn no_path_of_the_building_machine_is_in_the_module() {
    let workspace = countersign_artefact::workspace();
    let home = env::home_dir().expect("a home folder");
    for text in [&*workspace.to_string_lossy(), &*home.to_string_lossy(), "registry"] {
        let found = artefact().windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!found, "the module contains {text}");
    }
}
