//! Every vector through every driver: the expectations hold, and all drivers say the same to the byte. A test of the
//! package `countersign`, so that its binary is the one that was just built.
//!
//! `cargo test -p countersign --test conformance -- --nocapture` prints the matrix.

use std::path::Path;
use std::process::Command;

use countersign_conformance::cases::{
    self, REFUSED_GCM_KEYS, REFUSED_GCM_VECTORS, REFUSED_KEYS, REFUSED_MODULI, REFUSED_PADDINGS,
};
use countersign_conformance::driver::{Driver, Launch};
use countersign_conformance::matrix::Matrix;
use countersign_conformance::{generated, vectors};

/// The drivers. A language is one more row.
fn launches() -> [Launch; 3] {
    let engine = |name: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(["drive", "--engine", name]);
        Launch { name, command, built_by: "cargo build" }
    };
    let mut node = Command::new("npm");
    node.args(["run", "-s", "drive"]).current_dir(binding("js"));
    [engine("native"), engine("wasm"), Launch { name: "node", command: node, built_by: "cargo xtask js" }]
}

/// The folder of a binding. Every one of them has the same small program.
fn binding(language: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bindings").join(language)
}

#[test]
fn generated_files_are_what_their_generators_write() {
    for (file, text) in generated() {
        let found =
            std::fs::read_to_string(vectors().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(found == text, "{file}: run `cargo xtask generate`");
    }
}

#[test]
fn every_driver_gives_every_vector_the_same_answer() {
    let mut drivers =
        launches().map(|launch| Driver::start(launch).unwrap_or_else(|error| panic!("{error}")));
    let matrix = Matrix::of(&cases::all(), &mut drivers).unwrap_or_else(|error| panic!("{error}"));
    println!("{matrix}");
    assert!(matrix.findings.is_empty(), "{}", matrix.findings.join("\n"));
    // Counted, so that nothing vanishes: what Wycheproof has, and no fewer of ours than there were.
    for (row, count) in [
        ("wycheproof-hmac-sha256.json valid", 66),
        ("wycheproof-hmac-sha256.json invalid", 108),
        ("wycheproof-aes-cbc-pkcs5.json valid", 48),
        ("wycheproof-aes-cbc-pkcs5.json invalid", 96),
        (REFUSED_KEYS, 72),
        ("wycheproof-aes-gcm.json valid", 41),
        ("wycheproof-aes-gcm.json invalid", 27),
        (REFUSED_GCM_KEYS, 174),
        (REFUSED_GCM_VECTORS, 20),
        ("wycheproof-rsa-oaep.json valid", 40),
        ("wycheproof-rsa-oaep.json invalid", 94),
        (REFUSED_MODULI, 36),
        (REFUSED_PADDINGS, 35),
    ] {
        assert_eq!(matrix.cases(row), count, "{row}");
    }
    for (row, least) in [
        ("crypto.json aes_keys", 7),
        ("crypto.json refused_credentials", 17),
        ("wire.json forms", 41),
        ("wire.json times", 53),
        ("wire.json json", 93),
        ("canonical.json forms", 15),
        ("kit.json kit-v1", 74),
        ("kit.json kit-v2", 259),
        ("kit.json orgid-sync", 12),
        ("scenes.json", 39),
    ] {
        assert!(matrix.cases(row) >= least, "{row}: {}", matrix.cases(row));
    }
}
