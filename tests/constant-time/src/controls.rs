//! What must be reported, each in a way of its own.

use std::hint::black_box;

use countersign_core::crypto::{CbcKey, KeyLength, compare};

use crate::taint::secret;

pub(crate) const ALL: &[(&str, fn())] = &[
    ("control: a comparison that ends at the first difference", early_exit),
    ("control: a table that is read where a secret says", table),
    ("control: a branch on what was not declassified", not_declassified),
    // Said in its documentation: a ciphertext is decrypted only after its signature was verified.
    ("control: the check of a padding", padding),
];

fn early_exit() {
    black_box(first_difference(&[7; 32], &secret([7; 32])));
}

#[inline(never)]
fn first_difference(left: &[u8; 32], right: &[u8; 32]) -> Option<usize> {
    left.iter().zip(right).position(|(left, right)| left != right)
}

fn table() {
    let table: [u8; 256] = std::array::from_fn(|index| index.to_le_bytes()[0]);
    black_box(black_box(&table)[usize::from(secret(7_u8))]);
}

fn not_declassified() {
    if compare::equal(&[7; 32], &secret([7; 32])).to_bool() {
        black_box(());
    }
}

fn padding() {
    let (key, iv) = (CbcKey::derive(b"test-access-key-0001", KeyLength::Aes256), b"AbCdEfGh12345678");
    let ciphertext: [u8; 16] = key.encrypt(iv, b"plain").try_into().unwrap_or_default();
    let key = CbcKey::derive(&secret(*b"test-access-key-0001"), KeyLength::Aes256);
    let _ = black_box(key.decrypt(iv, &ciphertext));
}
