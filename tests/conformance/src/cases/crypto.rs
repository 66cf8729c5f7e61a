//! `crypto.json`

use super::vector::Vector;
use crate::case::Expectation::{OtherThan, Output, Refused};
use crate::case::{Exchange, compute};

pub(super) fn exchanges(group: &str, vector: Vector<'_>) -> Vec<Exchange> {
    match group {
        "aes_keys" => {
            let seed = vector.bytes("access_key");
            vec![
                compute("sha1prng", &[seed, b"16"], Output(vector.hex("aes128"))),
                compute("sha1prng", &[seed, b"32"], Output(vector.hex("aes256"))),
            ]
        }
        "wrong_aes_keys" => {
            let seed = vector.bytes("access_key");
            vec![compute("sha1prng", &[seed, b"32"], OtherThan(vector.hex("aes256")))]
        }
        "hmac" => {
            let (key, message) = (vector.joined("key_parts"), vector.joined("parts"));
            vec![compute("hmac-sha256", &[&key, &message], Output(vector.hex("mac")))]
        }
        "hmac_rfc" => {
            let key = vector.hex("key");
            vec![compute("hmac-sha256", &[&key, vector.bytes("text")], Output(vector.hex("mac")))]
        }
        "v2_signatures" => v2_signature(vector),
        "cbc" => {
            let (key, iv) = (vector.hex("key"), vector.hex("iv"));
            let (plain, ciphertext) = (vector.hex("plain"), vector.hex("ciphertext"));
            vec![
                compute("aes-cbc-encrypt", &[&key, &iv, &plain], Output(ciphertext.clone())),
                compute("aes-cbc-decrypt", &[&key, &iv, &ciphertext], Output(plain)),
            ]
        }
        "credentials" => {
            let (key, cipher) = (vector.bytes("access_key"), cipher(vector));
            let (iv, plain, text) = (vector.bytes("iv"), vector.bytes("plain"), vector.bytes("text"));
            vec![
                compute("credential-encrypt", &[key, cipher, iv, plain], Output(text.to_vec())),
                compute("credential-decrypt", &[key, cipher, text], Output(plain.to_vec())),
            ]
        }
        "refused_credentials" => {
            let inputs = [vector.bytes("access_key"), cipher(vector), vector.bytes("text")];
            vec![compute("credential-decrypt", &inputs, Refused("text", vector.text("error").into()))]
        }
        "entropy" => {
            let (fresh, label) = (vector.hex("fresh"), vector.bytes("label"));
            vec![
                compute("entropy-bytes", &[&fresh, label], Output(vector.hex("bytes48"))),
                compute("entropy-uuid", &[&fresh, label], Output(vector.bytes("uuid").to_vec())),
                compute("entropy-iv", &[&fresh, label], Output(vector.bytes("iv").to_vec())),
            ]
        }
        _ => Vec::new(),
    }
}

/// The MAC over access key, nonce, timestamp and the digits of the body's MAC.
fn v2_signature(vector: Vector<'_>) -> Vec<Exchange> {
    let key = vector.bytes("access_key");
    let parts = ["access_key", "nonce", "timestamp", "inner"].map(|part| vector.text(part));
    let signature = vector.text("signature");
    vec![
        compute("hmac-sha256", &[key, vector.bytes("payload")], Output(vector.hex("inner"))),
        compute("hmac-sha256", &[key, parts.concat().as_bytes()], Output(vector.hex("signature"))),
        compute("hex-encode", &[&vector.hex("signature")], Output(signature.into())),
        compute("hex-decode", &[signature.to_uppercase().as_bytes()], Output(vector.hex("signature"))),
    ]
}

/// The cipher as a seller's configuration calls it.
fn cipher(vector: Vector<'_>) -> &'static [u8] {
    match vector.text("key_length") {
        "aes128" => b"aes-128",
        "aes256" => b"aes-256",
        other => panic!("no such key length: {other}"),
    }
}
