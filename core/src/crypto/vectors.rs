//! The vectors of `tests/vectors/crypto.json`.

use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;

use serde::Deserialize;

use super::*;
use crate::wire::{base64, hex};

#[derive(Deserialize)]
struct Vectors {
    aes_keys: Vec<AesKey>,
    wrong_aes_keys: Vec<WrongAesKey>,
    hmac: Vec<Hmac>,
    hmac_rfc: Vec<HmacRfc>,
    v2_signatures: Vec<V2Signature>,
    cbc: Vec<Cbc>,
    credentials: Vec<Credential>,
    refused_credentials: Vec<RefusedCredential>,
    entropy: Vec<Drawn>,
}

#[derive(Deserialize)]
struct AesKey {
    id: String,
    access_key: String,
    aes128: String,
    aes256: String,
}

#[derive(Deserialize)]
struct WrongAesKey {
    id: String,
    access_key: String,
    aes256: String,
}

#[derive(Deserialize)]
struct Hmac {
    id: String,
    key_parts: Vec<String>,
    parts: Vec<String>,
    mac: String,
}

#[derive(Deserialize)]
struct HmacRfc {
    id: String,
    key: String,
    text: String,
    mac: String,
}

#[derive(Deserialize)]
struct V2Signature {
    id: String,
    access_key: String,
    nonce: String,
    timestamp: String,
    payload: String,
    inner: String,
    signature: String,
}

#[derive(Deserialize)]
struct Cbc {
    id: String,
    key: String,
    iv: String,
    plain: String,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Credential {
    id: String,
    access_key: String,
    key_length: String,
    iv: String,
    plain: String,
    text: String,
}

#[derive(Deserialize)]
struct RefusedCredential {
    id: String,
    access_key: String,
    key_length: String,
    text: String,
    error: String,
}

#[derive(Deserialize)]
struct Drawn {
    id: String,
    fresh: String,
    label: String,
    bytes48: String,
    uuid: String,
    iv: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../../tests/vectors/crypto.json")).unwrap()
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.as_bytes()).unwrap()
}

fn key(access_key: &str, length: &str) -> CbcKey {
    let length = match length {
        "aes128" => KeyLength::Aes128,
        "aes256" => KeyLength::Aes256,
        other => panic!("no such key length: {other}"),
    };
    CbcKey::derive(access_key.as_bytes(), length)
}

fn slices(parts: &[String]) -> Vec<&[u8]> {
    parts.iter().map(String::as_bytes).collect()
}

#[test]
fn access_keys_give_the_jdks_aes_keys() {
    for case in vectors().aes_keys {
        let seed = case.access_key.as_bytes();
        assert_eq!(hex::encode(&*sha1prng::first_bytes::<16>(seed)), case.aes128, "{}", case.id);
        assert_eq!(hex::encode(&*sha1prng::first_bytes::<32>(seed)), case.aes256, "{}", case.id);
    }
}

#[test]
fn the_keys_of_common_errors_are_not_ours() {
    for case in vectors().wrong_aes_keys {
        let ours = sha1prng::first_bytes::<32>(case.access_key.as_bytes());
        assert_ne!(hex::encode(&*ours), case.aes256, "{}", case.id);
    }
}

#[test]
fn signatures_do_not_depend_on_how_the_text_is_cut() {
    for case in vectors().hmac {
        let (key_parts, parts) = (slices(&case.key_parts), slices(&case.parts));
        let (whole_key, whole) = (key_parts.concat(), parts.concat());
        let split = whole.split_at(whole.len() / 2);
        for parts in [&parts[..], &[&whole[..]], &[split.0, b"", split.1]] {
            assert_eq!(hex::encode(&hmac_sha256(&key_parts, parts)), case.mac, "{}", case.id);
            assert_eq!(hex::encode(&hmac_sha256(&[&whole_key], parts)), case.mac, "{}", case.id);
            assert_eq!(hex::encode(&MacKey::new(&whole_key).mac(parts)), case.mac, "{}", case.id);
        }
    }
}

#[test]
fn long_keys_are_hashed_first_however_they_are_cut() {
    for case in vectors().hmac_rfc {
        let key = bytes(&case.key);
        for cut in 0..=key.len() {
            let (front, back) = key.split_at(cut);
            let mac = hmac_sha256(&[front, back], &[case.text.as_bytes()]);
            assert_eq!(hex::encode(&mac), case.mac, "{} cut at {cut}", case.id);
        }
    }
}

#[test]
fn one_key_signs_many_texts() {
    let key = MacKey::new(b"test-access-key-0001");
    let first = key.mac(&[b"a"]);
    assert_ne!(first, key.mac(&[b"b"]));
    assert_eq!(first, key.mac(&[b"a"]));
}

#[test]
fn v2_signatures_are_two_macs_over_one_another() {
    for case in vectors().v2_signatures {
        let access_key = case.access_key.as_bytes();
        let key = MacKey::new(access_key);
        let inner = hex::encode_32(&key.mac(&[case.payload.as_bytes()]));
        assert_eq!(inner, case.inner.as_bytes(), "{}", case.id);
        let outer = key.mac(&[access_key, case.nonce.as_bytes(), case.timestamp.as_bytes(), &inner]);
        assert_eq!(Ok(outer), hex::decode_32(case.signature.as_bytes()), "{}", case.id);
        assert_eq!(Ok(outer), hex::decode_32(case.signature.to_ascii_uppercase().as_bytes()), "{}", case.id);
    }
}

#[test]
fn cbc_agrees_with_nist() {
    for case in vectors().cbc {
        let key_bytes = bytes(&case.key);
        let key = match key_bytes.len() {
            16 => CbcKey::aes128(key_bytes.as_slice().try_into().unwrap()),
            _ => CbcKey::aes256(key_bytes.as_slice().try_into().unwrap()),
        };
        let iv = bytes(&case.iv).try_into().unwrap();
        assert_eq!(hex::encode(&key.encrypt(&iv, &bytes(&case.plain))), case.ciphertext, "{}", case.id);
        let plain = key.decrypt(&iv, &bytes(&case.ciphertext)).unwrap();
        assert_eq!(hex::encode(&plain), case.plain, "{}", case.id);
    }
}

#[test]
fn credentials_are_written_and_read() {
    for case in vectors().credentials {
        let key = key(&case.access_key, &case.key_length);
        let iv = Iv::new(case.iv.as_bytes().try_into().unwrap()).unwrap();
        assert_eq!(credential::encrypt(&key, &iv, case.plain.as_bytes()), case.text, "{}", case.id);
        assert_eq!(case.text[..16], case.iv, "{}", case.id);
        let plain = credential::decrypt(&key, &case.text).unwrap();
        assert_eq!(**plain, *case.plain.as_bytes(), "{}", case.id);
    }
}

#[test]
fn damaged_credentials_are_refused_with_a_reason() {
    for case in vectors().refused_credentials {
        let refused = credential::decrypt(&key(&case.access_key, &case.key_length), &case.text);
        assert_eq!(refused.expect_err(&case.id).code(), case.error, "{}", case.id);
    }
}

#[test]
fn entropy_is_expanded_under_labels() {
    for case in vectors().entropy {
        let entropy = Entropy::new(bytes(&case.fresh).as_slice().try_into().unwrap());
        assert_eq!(hex::encode(&entropy.bytes::<48>(&case.label)), case.bytes48, "{}", case.id);
        assert_eq!(entropy.uuid(&case.label), case.uuid, "{}", case.id);
        assert_eq!(entropy.iv(&case.label).as_bytes(), case.iv.as_bytes(), "{}", case.id);
    }
}

#[test]
fn an_auth_token_is_compared_as_bytes() {
    let case = vectors().hmac.into_iter().find(|case| case.id == "v1-auth-token-published").unwrap();
    let token = base64::decode_32(b"Gzbfjf9LHRBcI3bFVi++sLinCNOBF6qa7is1fvjEgYQ=").unwrap();
    let mac = hmac_sha256(&slices(&case.key_parts), &slices(&case.parts));
    assert!(compare::equal(&token, &mac).to_bool());
    let access_key_alone = hmac_sha256(&[b"xxxxxxx"], &slices(&case.parts));
    assert!(!compare::equal(&token, &access_key_alone).to_bool());
}

#[test]
fn nothing_secret_is_printed() {
    let printed = [
        std::format!("{:?}", MacKey::new(b"secret")),
        std::format!("{:?}", CbcKey::derive(b"secret", KeyLength::Aes128)),
        std::format!("{:?}", Entropy::new(&[7; 32])),
    ];
    let expected =
        ["MacKey(redacted)", "CbcKey(redacted)", "Entropy(MacKey(redacted))"].map(ToOwned::to_owned);
    assert_eq!(printed, expected);
}

/// Said by types, since memory that was freed cannot be looked at without `unsafe`.
#[test]
fn everything_that_holds_a_key_is_wiped_on_drop() {
    const fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<sha2::Sha256>(); // an HMAC is two of them
    wiped::<aes::Aes128>();
    wiped::<aes::Aes256>();
    wiped::<::cbc::Encryptor<aes::Aes256>>();
    wiped::<zeroize::Zeroizing<Vec<u8>>>();
}
