//! The files that [`crate::wycheproof`] writes.

use serde_json::Value;

use super::document;
use super::vector::Vector;
use crate::case::Expectation::{Beginning, OtherThan, Output, Refused};
use crate::case::{Case, Exchange, compute};
use crate::wycheproof::{AES_CBC_PKCS5, AES_GCM, HMAC_SHA256, RSA_OAEP};

/// The row of the keys of 192 bits, which the platform has not and the core refuses, valid vectors and invalid alike.
pub const REFUSED_KEYS: &str = "wycheproof-aes-cbc-pkcs5.json 192 bits, refused";

/// The row of the keys that account events have not.
pub const REFUSED_GCM_KEYS: &str = "wycheproof-aes-gcm.json 192 and 256 bits, refused";

/// The row of the initialisation vectors that no layout has.
pub const REFUSED_GCM_VECTORS: &str = "wycheproof-aes-gcm.json vectors of other lengths, refused";

/// The row of a modulus that the platform does not allow.
pub const REFUSED_MODULI: &str = "wycheproof-rsa-oaep.json 2048 bits, refused";

/// The row of paddings that are sound and that the platform does not use.
pub const REFUSED_PADDINGS: &str = "wycheproof-rsa-oaep.json a label, or other hash functions, refused";

pub(super) fn cases() -> Vec<Case> {
    let mut cases = file(HMAC_SHA256, hmac_sha256);
    cases.extend(file(AES_CBC_PKCS5, aes_cbc_pkcs5));
    cases.extend(file(AES_GCM, aes_gcm));
    cases.extend(file(RSA_OAEP, rsa_oaep));
    cases
}

/// The row, where it is not that of the result, and what is asked.
type Reading = (Option<&'static str>, Vec<Exchange>);

fn file(file: &str, read: fn(Vector<'_>, &Value, bool) -> Reading) -> Vec<Case> {
    let document = document(file);
    let vectors = document["vectors"].as_array().expect("a list of vectors").iter();
    let case = |vector: &Value| {
        let vector = Vector(vector);
        let valid = match vector.text("result") {
            "valid" => true,
            "invalid" => false,
            other => panic!("{file}: no rule for {other} vectors"),
        };
        let (row, exchanges) = read(vector, &document["keys"], valid);
        let group = row.map_or_else(|| format!("{file} {}", vector.text("result")), str::to_string);
        Case { group, name: vector.text("id").into(), configuration: None, exchanges }
    };
    let mut cases: Vec<Case> = vectors.map(case).collect();
    cases.sort_by(|one, other| one.group.cmp(&other.group));
    cases
}

/// A tag may be cut: it is the beginning of the MAC if it is valid, and is not if it is invalid.
fn hmac_sha256(vector: Vector<'_>, _: &Value, valid: bool) -> Reading {
    let (key, message, tag) = (vector.hex("key"), vector.hex("message"), vector.hex("tag"));
    let expect = if valid { Beginning(tag) } else { OtherThan(tag) };
    (None, vec![compute("hmac-sha256", &[&key, &message], expect)])
}

fn aes_cbc_pkcs5(vector: Vector<'_>, _: &Value, valid: bool) -> Reading {
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

/// Account events have keys of 128 bits and vectors of 12, 16 or 24 bytes.
fn aes_gcm(vector: Vector<'_>, _: &Value, valid: bool) -> Reading {
    let (key, iv) = (vector.hex("key"), vector.hex("iv"));
    let (plain, sealed) = (vector.hex("plain"), vector.hex("sealed"));
    let seal = |expect| compute("aes-gcm-seal", &[&key, &iv, &plain], expect);
    let open = |expect| compute("aes-gcm-open", &[&key, &iv, &sealed], expect);
    let both = |input: &'static str| {
        let length = || Refused(input, "length".into());
        vec![seal(length()), open(length())]
    };
    match (key.len(), iv.len(), valid) {
        (16, 12 | 16 | 24, true) => (None, vec![seal(Output(sealed.clone())), open(Output(plain.clone()))]),
        (16, 12 | 16 | 24, false) => (None, vec![open(Refused("sealed", "undecryptable".into()))]),
        (16, _, _) => (Some(REFUSED_GCM_VECTORS), both("iv")),
        _ => (Some(REFUSED_GCM_KEYS), both("key")),
    }
}

/// What is padded with other hash functions or carries a label opens for nobody, and a short key is none.
fn rsa_oaep(vector: Vector<'_>, keys: &Value, valid: bool) -> Reading {
    let key = vector.0["key"].as_u64().and_then(|place| keys[usize::try_from(place).ok()?].as_str());
    let (key, ciphertext) = (key.expect("a key in its place"), vector.hex("ciphertext"));
    let open = |expect| vec![compute("rsa-oaep-decrypt", &[key.as_bytes(), &ciphertext], expect)];
    let undecryptable = || Refused("ciphertext", "undecryptable".into());
    let is_tried = vector.text("hashes").starts_with("Sha2_256/");
    match (vector.0["bits"].as_u64(), valid) {
        (Some(2_048), _) => (Some(REFUSED_MODULI), open(Refused("key", "size".into()))),
        (_, true) if is_tried && vector.text("label").is_empty() => (None, open(Output(vector.hex("plain")))),
        (_, true) => (Some(REFUSED_PADDINGS), open(undecryptable())),
        (_, false) => (None, open(undecryptable())),
    }
}
