//! AES in CBC mode with PKCS#7 padding (NIST SP 800-38A, RFC 5652 §6.3), which Java calls `AES/CBC/PKCS5Padding`.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::{CbcKey, KeyLength};
//!
//! let key = CbcKey::derive(b"test-access-key-0001", KeyLength::Aes256);
//! let iv = *b"AbCdEfGh12345678";
//! let ciphertext = key.encrypt(&iv, b"admin");
//! assert_eq!(ciphertext.len(), 16);
//! assert_eq!(*key.decrypt(&iv, &ciphertext)?, b"admin");
//! # Ok::<(), countersign_core::crypto::DecryptError>(())
//! ```

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use aes::{Aes128, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::consts::U16;
use cbc::cipher::{
    BlockCipherDecrypt, BlockCipherEncrypt, BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit,
};
use cbc::{Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::sha1prng;

/// Bytes in one block of AES.
pub const BLOCK: usize = 16;

/// How long the AES key of a product is, as the seller chose it when publishing (`encryptType` 2 and 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLength {
    /// `AES128_CBC_PKCS5Padding`, `encryptType` 2.
    Aes128,
    /// `AES256_CBC_PKCS5Padding`, `encryptType` 1, the platform's default.
    Aes256,
}

/// An AES key with its round keys expanded once. Wiped on drop.
///
/// Boxed, so that a move leaves no copy of the round keys behind.
pub enum CbcKey {
    /// Ten rounds.
    Aes128(Box<Aes128>),
    /// Fourteen rounds.
    Aes256(Box<Aes256>),
}

/// The ciphertext is not a whole number of blocks, is empty, or ends in a wrong padding.
///
/// One error for all: which of them it was would help only somebody who guesses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecryptError;

impl CbcKey {
    /// The key that the platform's Java sample derives from an access key (raw UTF-8 bytes);
    /// see [`sha1prng`].
    #[must_use]
    pub fn derive(access_key: &[u8], length: KeyLength) -> Self {
        match length {
            KeyLength::Aes128 => Self::aes128(&sha1prng::first_bytes(access_key)),
            KeyLength::Aes256 => Self::aes256(&sha1prng::first_bytes(access_key)),
        }
    }

    /// Expands a key of 16 raw bytes.
    #[must_use]
    pub fn aes128(key: &[u8; 16]) -> Self {
        Self::Aes128(Box::new(Aes128::new(key.into())))
    }

    /// Expands a key of 32 raw bytes.
    #[must_use]
    pub fn aes256(key: &[u8; 32]) -> Self {
        Self::Aes256(Box::new(Aes256::new(key.into())))
    }

    /// Which of the two it is.
    #[must_use]
    pub fn length(&self) -> KeyLength {
        match self {
            Self::Aes128(_) => KeyLength::Aes128,
            Self::Aes256(_) => KeyLength::Aes256,
        }
    }

    /// The ciphertext, raw bytes: one to sixteen bytes longer than `plain`, a multiple of [`BLOCK`].
    #[must_use]
    pub fn encrypt(&self, iv: &[u8; BLOCK], plain: &[u8]) -> Vec<u8> {
        match self {
            Self::Aes128(cipher) => encrypt(&**cipher, iv, plain),
            Self::Aes256(cipher) => encrypt(&**cipher, iv, plain),
        }
    }

    /// The plaintext, raw bytes, wiped on drop.
    ///
    /// Not constant-time in the padding. That is no oracle as long as a ciphertext is decrypted only after the
    /// signature over the request that carried it was verified.
    ///
    /// # Errors
    ///
    /// [`DecryptError`], one for all causes.
    pub fn decrypt(&self, iv: &[u8; BLOCK], ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        match self {
            Self::Aes128(cipher) => decrypt(&**cipher, iv, ciphertext),
            Self::Aes256(cipher) => decrypt(&**cipher, iv, ciphertext),
        }
    }
}

impl fmt::Debug for CbcKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CbcKey(redacted)")
    }
}

fn encrypt(cipher: impl BlockCipherEncrypt<BlockSize = U16>, iv: &[u8; BLOCK], plain: &[u8]) -> Vec<u8> {
    Encryptor::inner_iv_init(cipher, iv.into()).encrypt_padded_vec::<Pkcs7>(plain)
}

fn decrypt(
    cipher: impl BlockCipherDecrypt<BlockSize = U16>,
    iv: &[u8; BLOCK],
    ciphertext: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let mut buffer = Zeroizing::new(ciphertext.to_vec());
    let length = Decryptor::inner_iv_init(cipher, iv.into())
        .decrypt_padded::<Pkcs7>(&mut buffer)
        .map_err(|_| DecryptError)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const IV: &[u8; BLOCK] = b"AbCdEfGh12345678";

    fn keys() -> [CbcKey; 2] {
        [KeyLength::Aes128, KeyLength::Aes256].map(|length| CbcKey::derive(b"test-access-key-0001", length))
    }

    #[test]
    fn every_length_comes_back_and_a_whole_block_grows_by_one() {
        let plain: Vec<u8> = (0..=255).collect();
        for key in keys() {
            for length in (0..=plain.len()).step_by(if cfg!(miri) { 32 } else { 1 }) {
                let ciphertext = key.encrypt(IV, &plain[..length]);
                assert_eq!(ciphertext.len(), (length / BLOCK + 1) * BLOCK);
                assert_eq!(**key.decrypt(IV, &ciphertext).unwrap(), plain[..length]);
            }
        }
    }

    #[test]
    fn what_is_no_whole_number_of_blocks_is_refused() {
        for key in keys() {
            for length in [0, 1, 15, 17, 31] {
                assert_eq!(key.decrypt(IV, &std::vec![0; length]), Err(DecryptError), "{length}");
            }
        }
    }

    #[test]
    fn the_wrong_key_is_refused_like_a_damaged_block() {
        let [short, long] = keys();
        let ciphertext = short.encrypt(IV, b"admin");
        assert_eq!(long.decrypt(IV, &ciphertext), Err(DecryptError));
        let mut damaged = ciphertext;
        damaged[15] ^= 1;
        assert_eq!(short.decrypt(IV, &damaged), Err(DecryptError));
    }
}
