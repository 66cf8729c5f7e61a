//! Keys, signatures and ciphertexts as Node computes them.

use countersign_core::crypto::{CbcKey, Iv, KeyLength, credential, hmac_sha256, sha1prng};
use countersign_core::wire;
use countersign_oracle::Node;
use countersign_oracle::cases::{generate, matching, text};
use countersign_oracle::node::{base64, bytes};
use proptest::prelude::*;
use serde_json::json;

use crate::{agree, compare, difference};

pub(crate) const LENGTHS: [(KeyLength, u64); 2] = [(KeyLength::Aes128, 128), (KeyLength::Aes256, 256)];

fn any_bytes(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), length)
}

pub(crate) fn signatures(node: Node, count: usize) -> Vec<String> {
    let cases = generate(&(any_bytes(0..150), any_bytes(0..300)), count);
    compare(
        node,
        &cases,
        |(key, message)| json!({"op": "mac", "key": base64(key), "message": base64(message)}),
        |(key, message), answer| {
            difference(key, &hmac_sha256(&[key], &[message])[..], &bytes(&answer.unwrap()))
        },
    )
}

pub(crate) fn keys(node: Node, count: usize) -> Vec<String> {
    let seeds = generate(&prop_oneof![any_bytes(0..4), any_bytes(0..100), text().prop_map(Vec::from)], count);
    compare(
        node,
        &seeds,
        |seed| json!({"op": "key", "seed": base64(seed), "length": 32}),
        |seed, answer| difference(seed, &sha1prng::first_bytes::<32>(seed)[..], &bytes(&answer.unwrap())),
    )
}

/// The texts are the same, and each reads what the other wrote.
pub(crate) fn credentials(node: Node, count: usize) -> Vec<String> {
    let cases = generate(&(text(), matching("[A-Za-z0-9]{16}"), text()), count);
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for (access_key, iv, plain) in &cases {
        for (length, bits) in LENGTHS {
            let key = CbcKey::derive(access_key.as_bytes(), length);
            let written = credential::encrypt(
                &key,
                &Iv::new(iv.as_bytes().try_into().unwrap()).unwrap(),
                plain.as_bytes(),
            );
            let access_key = base64(access_key.as_bytes());
            questions.push(json!({"op": "encrypt", "key": access_key, "bits": bits, "iv": iv, "plain": base64(plain.as_bytes())}));
            questions.push(json!({"op": "decrypt", "key": access_key, "bits": bits, "text": written}));
            ours.push((key, written, plain));
        }
    }
    let mut findings = Vec::new();
    for ((key, written, plain), answers) in ours.iter().zip(node.ask(&questions).chunks(2)) {
        let theirs = answers[0].as_ref().unwrap().as_str().unwrap();
        findings.extend(difference(plain, written.as_str(), theirs));
        let read = credential::decrypt(key, theirs).map(|plain| plain.to_vec()).ok();
        findings.extend(difference(plain, &read, &Some(plain.as_bytes().to_vec())));
        let theirs = answers[1].as_ref().map(bytes).ok();
        findings.extend(difference(plain, &Some(plain.as_bytes().to_vec()), &theirs));
    }
    findings
}

/// Whole blocks of anything: both refuse the same paddings, and what one reads by chance, so does the other.
pub(crate) fn damaged_credentials(node: Node, count: usize) -> Vec<String> {
    let blocks = (1_usize..4).prop_flat_map(|blocks| any_bytes(blocks * 16..blocks * 16 + 1));
    let cases = generate(&(matching("[a-z]{8}"), matching("[A-Za-z0-9]{16}"), blocks, any::<bool>()), count);
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(key, iv, blocks, long)| (key, iv + &wire::base64::encode(&blocks), LENGTHS[usize::from(long)]))
        .collect();
    compare(
        node,
        &cases,
        |(key, text, (_, bits))| json!({"op": "decrypt", "key": base64(key.as_bytes()), "bits": bits, "text": text}),
        |(key, text, (length, _)), answer| {
            let ours = credential::decrypt(&CbcKey::derive(key.as_bytes(), *length), text);
            difference(text, &ours.ok().map(|plain| plain.to_vec()), &answer.ok().as_ref().map(bytes))
        },
    )
}

#[test]
fn signatures_are_nodes() {
    agree(signatures, 3_000);
}

#[test]
fn access_keys_give_the_keys_of_the_generator_as_it_is_described() {
    agree(keys, 4_000);
}

#[test]
fn credentials_are_written_and_read_both_ways() {
    agree(credentials, 2_000);
}

#[test]
fn the_same_ciphertexts_are_accepted() {
    agree(damaged_credentials, 4_000);
}
