//! The text form of an encrypted value: sixteen characters of IV, then the Base64 of the ciphertext.
//!
//! So travel the buyer's `mobilePhone` and `email` in requests and `userName` and `password` in answers (SaaS
//! access guide V1, newInstance and its AES sample code). `instanceId`, URLs and `memo` are never encrypted.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::{CbcKey, Iv, KeyLength, credential};
//!
//! let key = CbcKey::derive(b"test-access-key-0001", KeyLength::Aes256);
//! let iv = Iv::new(*b"AbCdEfGh12345678").ok_or("letters and digits alone")?;
//! let text = credential::encrypt(&key, &iv, b"admin");
//! assert_eq!(text, "AbCdEfGh123456783R6beZMNnzErfVi2wc+K9g==");
//! assert_eq!(**credential::decrypt(&key, &text).map_err(|error| error.code())?, *b"admin");
//! # Ok::<(), &str>(())
//! ```

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::cbc::{CbcKey, DecryptError};
use crate::wire::base64;

/// Longest text that the platform stores, in characters, IV included (SaaS access guide V1, FAQ). A longer one shows
/// the buyer no credentials at all.
pub const TEXT_LIMIT: usize = 128;

/// Longest plaintext, in bytes, whose text fits [`TEXT_LIMIT`]: 112 characters of Base64 are 84 bytes, which hold
/// five blocks, of which one byte at least is padding.
pub const PLAINTEXT_LIMIT: usize = 79;

/// Characters of the IV at the front of the text.
const IV_CHARACTERS: usize = 16;

/// An IV that is text: sixteen characters out of `A-Z a-z 0-9`, whose ASCII bytes are the IV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iv([u8; IV_CHARACTERS]);

impl Iv {
    /// `None` unless all sixteen bytes are ASCII letters or digits.
    #[must_use]
    pub fn new(bytes: [u8; IV_CHARACTERS]) -> Option<Self> {
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(Self(bytes))
    }

    /// For bytes that were picked out of the alphabet.
    pub(super) fn from_alphanumeric(bytes: [u8; IV_CHARACTERS]) -> Self {
        Self(bytes)
    }

    /// The sixteen bytes, each an ASCII letter or digit.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; IV_CHARACTERS] {
        &self.0
    }
}

/// Why a text could not be decrypted. For the operator: outside, both are one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialError {
    /// It is no such text, whatever the key: shorter than an IV, an IV that is not ASCII, or no Base64 behind it.
    Malformed,
    /// The ciphertext is no whole number of blocks or its padding is wrong: most often another key or key length.
    Undecryptable,
}

impl CredentialError {
    /// A stable code for logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "credential_malformed",
            Self::Undecryptable => "credential_undecryptable",
        }
    }
}

impl From<DecryptError> for CredentialError {
    fn from(_: DecryptError) -> Self {
        Self::Undecryptable
    }
}

/// The text of `plain` (UTF-8 bytes) under a key and a fresh IV.
///
/// Plaintexts beyond [`PLAINTEXT_LIMIT`] give texts beyond [`TEXT_LIMIT`]; refusing them is the caller's part.
#[must_use]
pub fn encrypt(key: &CbcKey, iv: &Iv, plain: &[u8]) -> String {
    let mut text: String = iv.as_bytes().iter().copied().map(char::from).collect();
    base64::encode_to(&mut text, &key.encrypt(iv.as_bytes(), plain));
    text
}

/// The plaintext of such a text, raw bytes, wiped on drop.
///
/// A blank stands for a `+` that was decoded once too often on its way and is read as one (inferred from
/// implementers' code). Otherwise the Base64 is standard and strict. Any sixteen ASCII bytes are taken as IV.
///
/// # Errors
///
/// [`CredentialError::Malformed`] before [`CredentialError::Undecryptable`].
pub fn decrypt(key: &CbcKey, text: &str) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let text = restore_plus(text);
    let (iv, body) = text.as_bytes().split_first_chunk().ok_or(CredentialError::Malformed)?;
    if !iv.is_ascii() {
        return Err(CredentialError::Malformed);
    }
    let ciphertext = base64::decode(body).map_err(|_| CredentialError::Malformed)?;
    Ok(key.decrypt(iv, &ciphertext)?)
}

fn restore_plus(text: &str) -> Cow<'_, str> {
    if text.contains(' ') { Cow::Owned(text.replace(' ', "+")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::KeyLength;

    fn iv() -> Iv {
        Iv::new(*b"AbCdEfGh12345678").unwrap()
    }

    #[test]
    fn the_longest_plaintext_fits_the_limit_exactly() {
        for length in [KeyLength::Aes128, KeyLength::Aes256] {
            let key = CbcKey::derive(b"test-access-key-0001", length);
            assert!(encrypt(&key, &iv(), &[b'x'; PLAINTEXT_LIMIT]).len() <= TEXT_LIMIT);
            assert!(encrypt(&key, &iv(), &[b'x'; PLAINTEXT_LIMIT + 1]).len() > TEXT_LIMIT);
        }
    }

    #[test]
    fn a_lost_plus_is_found_again() {
        let key = CbcKey::derive(b"test-access-key-0001", KeyLength::Aes256);
        let text = encrypt(&key, &iv(), b"18699999999");
        assert!(text.contains('+'));
        assert_eq!(**decrypt(&key, &text.replace('+', " ")).unwrap(), *b"18699999999");
    }

    #[test]
    fn an_iv_is_letters_and_digits() {
        assert!(Iv::new(*b"0123456789azAZmM").is_some());
        for byte in [b'+', b' ', b'/', 0, 0x80, 0xff] {
            let mut bytes = *b"0123456789azAZmM";
            bytes[7] = byte;
            assert!(Iv::new(bytes).is_none(), "{byte:#x}");
        }
    }
}
