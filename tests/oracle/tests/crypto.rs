//! Keys, signatures and ciphertexts as the JDK computes them.

use countersign_core::crypto::{CbcKey, CredentialError, Iv, KeyLength, credential, hmac_sha256, sha1prng};
use countersign_core::wire::base64;
use countersign_oracle::cases::{generate, matching, text};
use countersign_oracle::{Oracle, question};
use proptest::prelude::*;

const LENGTHS: [(KeyLength, &[u8]); 2] = [(KeyLength::Aes128, b"128"), (KeyLength::Aes256, b"256")];

fn oracle() -> Oracle {
    Oracle::prepare(env!("CARGO_TARGET_TMPDIR"))
}

fn iv() -> impl Strategy<Value = Iv> {
    matching("[A-Za-z0-9]{16}").prop_map(|text| Iv::new(text.as_bytes().try_into().unwrap()).unwrap())
}

#[test]
fn access_keys_give_the_same_aes_keys() {
    let seed = prop_oneof![
        4 => matching("[a-z0-9-]{36}").prop_map(String::into_bytes),
        3 => text().prop_map(String::into_bytes),
        2 => proptest::collection::vec(any::<u8>(), 0..4),
        1 => proptest::collection::vec(any::<u8>(), 0..300),
    ];
    let seeds = generate(&seed, 4_000);
    assert!(seeds.iter().any(Vec::is_empty));
    let questions: Vec<_> =
        seeds.iter().flat_map(|seed| LENGTHS.map(|(_, bits)| question("key", &[bits, seed]))).collect();
    let answers = oracle().ask(&questions);
    for (seed, keys) in seeds.iter().zip(answers.chunks(2)) {
        assert_eq!(keys[0], Ok(sha1prng::first_bytes::<16>(seed).to_vec()), "{seed:?}");
        assert_eq!(keys[1], Ok(sha1prng::first_bytes::<32>(seed).to_vec()), "{seed:?}");
    }
}

#[test]
fn signatures_are_the_same() {
    let key = proptest::collection::vec(any::<u8>(), 1..150);
    let message = proptest::collection::vec(any::<u8>(), 0..300);
    let cases = generate(&(key, message, any::<prop::sample::Index>()), 2_000);
    let questions: Vec<_> = cases.iter().map(|(key, message, _)| question("mac", &[key, message])).collect();
    for ((key, message, cut), answer) in cases.iter().zip(oracle().ask(&questions)) {
        let (front, back) = key.split_at(cut.index(key.len()));
        assert_eq!(answer, Ok(hmac_sha256(&[front, back], &[message]).to_vec()));
    }
}

#[test]
fn credentials_are_the_same_texts_and_are_read_both_ways() {
    let cases = generate(&(matching("[a-z0-9-]{36}"), iv(), text()), 2_000);
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for (access_key, iv, plain) in &cases {
        for (length, bits) in LENGTHS {
            let key = CbcKey::derive(access_key.as_bytes(), length);
            let written = credential::encrypt(&key, iv, plain.as_bytes());
            let (access_key, plain) = (access_key.as_bytes(), plain.as_bytes());
            questions.push(question("encrypt", &[bits, access_key, iv.as_bytes(), plain]));
            questions.push(question("decrypt", &[bits, access_key, written.as_bytes()]));
            ours.push((key, written, plain));
        }
    }
    for ((key, written, plain), answers) in ours.iter().zip(oracle().ask(&questions).chunks(2)) {
        assert_eq!(answers[0].as_deref(), Ok(written.as_bytes()));
        assert_eq!(answers[1].as_deref(), Ok(*plain));
        assert_eq!(**credential::decrypt(key, written).unwrap(), **plain);
    }
}

/// Last blocks that end in every byte, repeated as often as a padding would be, once more and once less.
#[test]
fn the_same_paddings_are_accepted() {
    let oracle = oracle();
    let access_key = b"test-access-key-0001";
    let iv = b"AbCdEfGh12345678";
    let mut plains = Vec::new();
    for last in 0..=255_u8 {
        for repeated in [last.wrapping_sub(1), last, last.wrapping_add(1)] {
            let mut plain = [0xee; 32];
            plain.iter_mut().rev().take(usize::from(repeated).clamp(1, 16)).for_each(|byte| *byte = last);
            plains.push(plain);
        }
    }
    for (length, bits) in LENGTHS {
        let key = CbcKey::derive(access_key, length);
        let questions: Vec<_> =
            plains.iter().map(|plain| question("encrypt-blocks", &[bits, access_key, iv, plain])).collect();
        let texts: Vec<_> = oracle
            .ask(&questions)
            .into_iter()
            .map(|ciphertext| String::from_utf8(iv.to_vec()).unwrap() + &base64::encode(&ciphertext.unwrap()))
            .collect();
        let questions: Vec<_> =
            texts.iter().map(|text| question("decrypt", &[bits, access_key, text.as_bytes()])).collect();
        let mut accepted = 0;
        for (text, answer) in texts.iter().zip(oracle.ask(&questions)) {
            match (credential::decrypt(&key, text), answer) {
                (Ok(ours), Ok(theirs)) => {
                    assert_eq!(*ours, theirs);
                    accepted += 1;
                }
                (Err(CredentialError::Undecryptable), Err(class)) => assert_eq!(class, "BadPaddingException"),
                (ours, theirs) => panic!("{ours:?}, {theirs:?}"),
            }
        }
        assert!((16..100).contains(&accepted), "{accepted}");
    }
}

/// Damaged ciphertexts, and keys of the other length.
#[test]
fn the_same_ciphertexts_are_accepted() {
    let ciphertext = (1_usize..4).prop_flat_map(|blocks| proptest::collection::vec(any::<u8>(), blocks * 16));
    let cases = generate(&(matching("[a-z]{8}"), iv(), ciphertext), 4_000);
    let texts: Vec<_> = cases
        .iter()
        .map(|(_, iv, ciphertext)| {
            String::from_utf8(iv.as_bytes().to_vec()).unwrap() + &base64::encode(ciphertext)
        })
        .collect();
    let questions: Vec<_> = cases
        .iter()
        .zip(&texts)
        .map(|((access_key, ..), text)| {
            question("decrypt", &[b"256", access_key.as_bytes(), text.as_bytes()])
        })
        .collect();
    for (((access_key, ..), text), answer) in cases.iter().zip(&texts).zip(oracle().ask(&questions)) {
        let key = CbcKey::derive(access_key.as_bytes(), KeyLength::Aes256);
        assert_eq!(credential::decrypt(&key, text).ok().map(|plain| plain.to_vec()), answer.ok());
    }
}

/// Where we are stricter than the JDK, on purpose. The platform writes none of these.
#[test]
fn texts_that_only_java_accepts_stay_known() {
    let access_key = b"test-access-key-0001";
    let key = CbcKey::derive(access_key, KeyLength::Aes256);
    let known: [(&str, &[u8]); 3] = [
        ("AbCdEfGh12345678", b""),                              // nothing to decrypt
        ("AbCdEfGh123456783R6beZMNnzErfVi2wc+K9g", b"admin"),   // Base64 without padding
        ("AbCdEfGh123456783R6beZMNnzErfVi2wc+K9h==", b"admin"), // bits left over
    ];
    let questions = known.map(|(text, _)| question("decrypt", &[b"256", access_key, text.as_bytes()]));
    for ((text, plain), answer) in known.iter().zip(oracle().ask(&questions)) {
        assert_eq!(answer.as_deref(), Ok(*plain), "{text}");
        assert!(credential::decrypt(&key, text).is_err(), "{text}");
    }
}
