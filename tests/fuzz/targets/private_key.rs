//! Private keys: PEM, PKCS#8, and the numbers in it, from whoever writes a configuration.
//!
//! A key that is taken opens what it opened before, and refuses the rest; nothing panics, whatever the numbers are.

#![no_main]

use std::sync::LazyLock;

use countersign_core::crypto::{PrivateKey, PrivateKeyError};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The key of the vectors, and what it opens.
static KNOWN: LazyLock<(String, Vec<u8>, Vec<u8>)> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/oaep.json")).expect("vectors");
    let bytes = |text: &Value| -> Vec<u8> {
        let text = text.as_str().expect("digits");
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("digits"))
            .collect()
    };
    let pem = vectors["keys"][0]["pem"].as_str().expect("a key").to_owned();
    let case = &vectors["opened"][0];
    (pem, bytes(&case["plain"]), bytes(&case["ciphertext"]))
});

fuzz_target!(|data: &[u8]| {
    let (pem, plain, ciphertext) = &*KNOWN;
    // Either the text itself, or the known key with some of its bytes changed.
    let text = match data.split_first() {
        Some((0, edits)) => edited(pem, edits),
        _ => String::from_utf8_lossy(data).into_owned(),
    };
    match PrivateKey::from_pem(&text) {
        Err(PrivateKeyError::Malformed | PrivateKeyError::Size) => {}
        Ok(key) => {
            // Another spelling of the same key, or a key that is broken: then it opens nothing.
            if let Some((opened, _)) = key.open(ciphertext) {
                assert_eq!(*opened, *plain);
            }
            assert!(key.open(&ciphertext[1..]).is_none());
            assert_eq!(format!("{key:?}"), "PrivateKey(redacted)");
        }
    }
});

/// Pairs of place and byte.
fn edited(pem: &str, edits: &[u8]) -> String {
    let mut bytes = pem.as_bytes().to_vec();
    for edit in edits.chunks_exact(3) {
        let place = usize::from(u16::from_le_bytes([edit[0], edit[1]])) % bytes.len();
        bytes[place] = edit[2];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
