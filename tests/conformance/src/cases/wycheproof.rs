//! The files that [`crate::wycheproof`] writes.

use serde_json::Value;

use super::document;
use super::vector::Vector;
use crate::case::Expectation::{Beginning, OtherThan, Output, Refused};
use crate::case::{Case, Exchange, compute};
use crate::wycheproof::{AES_CBC_PKCS5, HMAC_SHA256};

/// The row of the keys of 192 bits, which the platform has not and the core refuses, valid vectors and invalid alike.
pub const REFUSED_KEYS: &str = "wycheproof-aes-cbc-pkcs5.json 192 bits, refused";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = file(HMAC_SHA256, hmac_sha256);
    cases.extend(file(AES_CBC_PKCS5, aes_cbc_pkcs5));
    cases
}

/// The row, where it is not that of the result, and what is asked.
type Reading = (Option<&'static str>, Vec<Exchange>);

fn file(file: &str, read: fn(Vector<'_>, bool) -> Reading) -> Vec<Case> {
    let document = document(file);
    let vectors = document["vectors"].as_array().expect("a list of vectors").iter();
    let case = |vector: &Value| {
        let vector = Vector(vector);
        let valid = match vector.text("result") {
            "valid" => true,
            "invalid" => false,
            other => panic!("{file}: no rule for {other} vectors"),
        };
        let (row, exchanges) = read(vector, valid);
        let group = row.map_or_else(|| format!("{file} {}", vector.text("result")), str::to_string);
        Case { group, name: vector.text("id").into(), configuration: None, exchanges }
    };
    let mut cases: Vec<Case> = vectors.map(case).collect();
    cases.sort_by(|one, other| one.group.cmp(&other.group));
    cases
}

/// A tag may be cut: it is the beginning of the MAC if it is valid, and is not if it is invalid.
fn hmac_sha256(vector: Vector<'_>, valid: bool) -> Reading {
    let (key, message, tag) = (vector.hex("key"), vector.hex("message"), vector.hex("tag"));
    let expect = if valid { Beginning(tag) } else { OtherThan(tag) };
    (None, vec![compute("hmac-sha256", &[&key, &message], expect)])
}

fn aes_cbc_pkcs5(vector: Vector<'_>, valid: bool) -> Reading {
    let (key, iv) = (vector.hex("key"), vector.hex("iv"));
    let (plain, ciphertext) = (vector.hex("plain"), vector.hex("ciphertext"));
    let encrypt = |expect| compute("aes-cbc-encrypt", &[&key, &iv, &plain], expect);
    let decrypt = |expect| compute("aes-cbc-decrypt", &[&key, &iv, &ciphertext], expect);
    let length = || Refused("key", "length".into());
    match (key.len(), valid) {
        (24, _) => (Some(REFUSED_KEYS), vec![encrypt(length()), decrypt(length())]),
        (_, true) => (None, vec![encrypt(Output(ciphertext.clone())), decrypt(Output(plain.clone()))]),
        (_, false) => (None, vec![decrypt(Refused("ciphertext", "undecryptable".into()))]),
    }
}
