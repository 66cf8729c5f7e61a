//! What must not be reported.

use std::hint::black_box;

use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes256, Block};
use countersign_core::crypto::oaep::{self, OaepHashes};
use countersign_core::crypto::{CbcKey, KeyLength, MacKey, compare, hmac_sha256, sha1prng};
use countersign_core::wire::hex;
use sha2::{Digest as _, Sha256};

use crate::taint::{declassified, secret};

pub(crate) const ALL: &[(&str, fn())] = &[
    ("two signatures are compared", two_signatures),
    ("a ring of keys is searched for the one that matches", ring),
    ("a V2 signature is made and compared with every key of a ring", v2_ring),
    ("a V1 token is made and compared", v1_token),
    ("a MAC key longer than a block is prepared", long_key),
    ("an AES key is derived from an access key", derived_key),
    ("a credential is encrypted", credential),
    ("a block is decrypted with AES-128 and AES-256", block),
    ("the padding of a client secret is looked at, right and wrong in every way", padding),
];

/// Every length of a key is public, its bytes are not.
const KEY: [u8; 20] = *b"test-access-key-0001";
const OTHER: [u8; 20] = *b"test-access-key-0002";

fn two_signatures() {
    let signature = [7; 32];
    for made in [[7; 32], [0; 32]] {
        let equal = compare::equal(&signature, &secret(made));
        assert_eq!(declassified(equal).to_bool(), made == signature);
    }
}

fn ring() {
    let signature = [7; 32];
    let made = [[1; 32], [7; 32], [3; 32]].map(secret);
    let found = compare::lowest_match(made.iter().map(|made| compare::equal(&signature, made)));
    assert_eq!(declassified(found).reveal(), Some(1));
}

/// As the dialect does it: two MACs for each key, the first as hexadecimal digits within the second.
fn v2_ring() {
    let (nonce, stamp, body) = (b"50D83FDECAED6CCD", b"1680508066618", br#"{"activity":"releaseInstance"}"#);
    let sign = |key: &[u8; 20]| {
        let mac = MacKey::new(key);
        let inner = hex::encode_32(&mac.mac(&[body]));
        mac.mac(&[key, nonce, stamp, &inner])
    };
    let signature = sign(&OTHER);
    let keys = [KEY, OTHER].map(secret);
    let found = compare::lowest_match(keys.iter().map(|key| compare::equal(&signature, &sign(key))));
    assert_eq!(declassified(found).reveal(), Some(1));
}

fn v1_token() {
    let (stamp, text) = (b"20200727073711903", b"activity=releaseInstance&instanceId=1");
    let token = hmac_sha256(&[&KEY, stamp], &[text]);
    let made = hmac_sha256(&[&secret(KEY), stamp], &[text]);
    assert!(declassified(compare::equal(&token, &made)).to_bool());
}

fn long_key() {
    let mac = MacKey::new(&secret([7; 100])).mac(&[b"text"]);
    black_box(mac);
}

fn derived_key() {
    let drawn = sha1prng::first_bytes::<32>(&secret(KEY));
    assert_eq!(declassified(*drawn), *sha1prng::first_bytes::<32>(&KEY));
    black_box(CbcKey::derive(&secret(KEY), KeyLength::Aes128));
}

fn credential() {
    let (iv, plain) = (b"AbCdEfGh12345678", *b"a password of thirty-two letters");
    for length in [KeyLength::Aes128, KeyLength::Aes256] {
        black_box(CbcKey::derive(&secret(KEY), length).encrypt(iv, &secret(plain)));
    }
}

fn block() {
    let (mut short, mut long) = (Block::from(secret([1; 16])), Block::from([2; 16]));
    let key = secret([7; 32]);
    Aes128::new(&secret([7; 16]).into()).decrypt_block(&mut short);
    Aes256::new(&key.into()).encrypt_block(&mut long);
    Aes256::new(&key.into()).decrypt_block(&mut long);
    assert_eq!(declassified(<[u8; 16]>::from(long)), [2; 16]);
    black_box(short);
}

/// The block is what a private key made of a ciphertext: whoever learns the first thing that is wrong with it can decrypt
/// (Manger, 2001). That it fits, and how, an answer tells.
fn padding() {
    let digest: [u8; 32] = Sha256::digest([]).into();
    let data = |first: &[u8; 32], before: u8, one: u8| {
        let mut data = [0; 351];
        data[..32].copy_from_slice(first);
        data[333] = before;
        data[334] = one;
        data[335..].copy_from_slice(b"client-secret-01");
        data
    };
    for (first, data, fits) in [
        (0, data(&digest, 0, 1), true),
        (1, data(&digest, 0, 1), false),
        (0, data(&[7; 32], 0, 1), false),
        (0, data(&digest, 2, 1), false),
        (0, data(&digest, 0, 0), false),
    ] {
        let block = secret(masked(first, data));
        for hashes in OaepHashes::ALL {
            let opened = oaep::unmask(&block, hashes).expect("it is long enough");
            let expected = fits && hashes.name() == "sha-256/sha-256";
            assert_eq!(declassified(opened.fits()).to_bool(), expected, "{}", hashes.name());
        }
    }
}

/// A block of 384 bytes, masked with SHA-256 (RFC 8017, 7.1.1).
fn masked(first: u8, data: [u8; 351]) -> [u8; 384] {
    let mut block = [0; 384];
    block[0] = first;
    block[1..33].copy_from_slice(&[9; 32]);
    block[33..].copy_from_slice(&data);
    let (seed, data) = block[1..].split_at_mut(32);
    mask(seed, data);
    mask(data, seed);
    block
}

fn mask(seed: &[u8], bytes: &mut [u8]) {
    for (chunk, counter) in bytes.chunks_mut(32).zip(0_u32..) {
        let mask = Sha256::new().chain_update(seed).chain_update(counter.to_be_bytes()).finalize();
        chunk.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}
