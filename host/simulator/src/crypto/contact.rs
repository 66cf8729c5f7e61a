//! Contact data in V1 requests and credentials in V1 answers: AES-CBC with PKCS#5 padding under a key that SHA1PRNG
//! derives from the access key.
//!
//! The text form is 16 characters out of `A–Z a–z 0–9`, whose ASCII bytes are the IV, followed directly by the
//! ciphertext in standard Base64.

use super::{AccessKey, base64, sha1prng};
use aes::{Aes128, Aes256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use std::fmt;
use zeroize::Zeroizing;

/// The alphabet of an IV.
pub const IV_ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The key length, chosen when the product was published (requests) or said by `encryptType` (answers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strength {
    /// AES256_CBC_PKCS5Padding, `encryptType` 1; what an absent `encryptType` means.
    #[default]
    Aes256,
    /// AES128_CBC_PKCS5Padding, `encryptType` 2.
    Aes128,
}

impl Strength {
    /// The `encryptType` that names it.
    #[must_use]
    pub fn encrypt_type(self) -> &'static str {
        match self {
            Self::Aes256 => "1",
            Self::Aes128 => "2",
        }
    }

    /// What an `encryptType` names.
    #[must_use]
    pub fn from_encrypt_type(text: &str) -> Option<Self> {
        [Self::Aes256, Self::Aes128].into_iter().find(|strength| strength.encrypt_type() == text)
    }
}

/// Why a text could not be encrypted or decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContactError {
    /// The IV is not 16 characters out of [`IV_ALPHABET`].
    Iv,
    /// What follows the IV is not standard Base64 with padding.
    Base64,
    /// The ciphertext is no whole number of blocks, or its padding is wrong: most often another key or key length.
    Padding,
    /// The plaintext is not UTF-8.
    Utf8,
}

impl ContactError {
    /// The stable code that tests match on.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Iv => "contact-iv",
            Self::Base64 => "contact-base64",
            Self::Padding => "contact-padding",
            Self::Utf8 => "contact-utf8",
        }
    }
}

impl fmt::Display for ContactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iv => "the first 16 characters are not letters and digits",
            Self::Base64 => "what follows the first 16 characters is not standard Base64",
            Self::Padding => "it does not decrypt under this key and key length",
            Self::Utf8 => "it decrypts to something that is not UTF-8",
        })
    }
}

impl std::error::Error for ContactError {}

/// Encrypts a text under a given IV of 16 letters and digits.
///
/// # Errors
/// [`ContactError::Iv`].
pub fn encrypt(key: &AccessKey, strength: Strength, iv: &str, text: &str) -> Result<String, ContactError> {
    let iv_bytes = iv_of(iv.as_bytes())?;
    let message = text.as_bytes();
    let mut buffer = vec![0; message.len().saturating_add(16)];
    let seed = key.reveal().as_bytes();
    let ciphertext = match strength {
        Strength::Aes256 => {
            let key = Zeroizing::new(sha1prng::first::<32>(seed));
            cbc::Encryptor::<Aes256>::new((&*key).into(), &iv_bytes.into())
                .encrypt_padded_b2b::<Pkcs7>(message, &mut buffer)
        }
        Strength::Aes128 => {
            let key = Zeroizing::new(sha1prng::first::<16>(seed));
            cbc::Encryptor::<Aes128>::new((&*key).into(), &iv_bytes.into())
                .encrypt_padded_b2b::<Pkcs7>(message, &mut buffer)
        }
    }
    .map_err(|_| ContactError::Padding)?;
    Ok(format!("{iv}{}", base64(ciphertext)))
}

/// Decrypts a text. Nothing is forgiven: a blank where a `+` was lost is an error.
///
/// # Errors
/// [`ContactError`], in the order of its variants.
pub fn decrypt(key: &AccessKey, strength: Strength, text: &str) -> Result<String, ContactError> {
    let (iv, ciphertext) = text.as_bytes().split_at_checked(16).ok_or(ContactError::Iv)?;
    let iv = iv_of(iv)?;
    let ciphertext = STANDARD.decode(ciphertext).map_err(|_| ContactError::Base64)?;
    let mut buffer = vec![0; ciphertext.len()];
    let seed = key.reveal().as_bytes();
    let plaintext = match strength {
        Strength::Aes256 => {
            let key = Zeroizing::new(sha1prng::first::<32>(seed));
            cbc::Decryptor::<Aes256>::new((&*key).into(), &iv.into())
                .decrypt_padded_b2b::<Pkcs7>(&ciphertext, &mut buffer)
        }
        Strength::Aes128 => {
            let key = Zeroizing::new(sha1prng::first::<16>(seed));
            cbc::Decryptor::<Aes128>::new((&*key).into(), &iv.into())
                .decrypt_padded_b2b::<Pkcs7>(&ciphertext, &mut buffer)
        }
    }
    .map_err(|_| ContactError::Padding)?;
    String::from_utf8(plaintext.to_vec()).map_err(|_| ContactError::Utf8)
}

fn iv_of(bytes: &[u8]) -> Result<[u8; 16], ContactError> {
    let iv: [u8; 16] = bytes.try_into().map_err(|_| ContactError::Iv)?;
    if iv.iter().all(u8::is_ascii_alphanumeric) { Ok(iv) } else { Err(ContactError::Iv) }
}
