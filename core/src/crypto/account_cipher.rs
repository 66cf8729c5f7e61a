//! The ciphers of account events: AES-128 in GCM, whose initialisation vector may have 12 or 16 bytes, and in ECB.
//!
//! Hazard, said aloud: ECB neither authenticates nor hides what repeats. It is what some identity centres still send.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use aes::Aes128;
use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::consts::{U12, U16, U24};
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce};
use aes_gcm::{AesGcm, Tag};
use cbc::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt};

/// A key with its round keys, for either mode. Wiped on drop.
pub(crate) struct AccountKey {
    block: Box<Aes128>,
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AccountKey(redacted)")
    }
}

const TAG: usize = 16;

impl AccountKey {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self { block: Box::new(Aes128::new(key.into())) }
    }

    /// What a ciphertext with its tag behind it says; `None` where the tag does not hold.
    pub(crate) fn open_gcm(&self, iv: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (ciphertext, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG)?)?;
        let tag = Tag::try_from(tag).ok()?;
        let mut plain = ciphertext.to_vec();
        match iv.len() {
            12 => self.decrypt::<U12>(iv, &tag, &mut plain)?,
            16 => self.decrypt::<U16>(iv, &tag, &mut plain)?,
            _ => self.decrypt::<U24>(iv, &tag, &mut plain)?,
        }
        Some(plain)
    }

    /// The ciphertext, its tag behind it.
    pub(crate) fn seal_gcm(&self, iv: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = plain.to_vec();
        let tag = match iv.len() {
            12 => self.encrypt::<U12>(iv, &mut sealed)?,
            16 => self.encrypt::<U16>(iv, &mut sealed)?,
            _ => self.encrypt::<U24>(iv, &mut sealed)?,
        };
        sealed.extend_from_slice(&tag);
        Some(sealed)
    }

    fn decrypt<N: ArraySize>(&self, iv: &[u8], tag: &Tag, text: &mut [u8]) -> Option<()> {
        let nonce = Nonce::<AesGcm<Aes128, N>>::try_from(iv).ok()?;
        AesGcm::<Aes128, N>::from((*self.block).clone())
            .decrypt_inout_detached(&nonce, &[], text.into(), tag)
            .ok()
    }

    fn encrypt<N: ArraySize>(&self, iv: &[u8], text: &mut [u8]) -> Option<Tag> {
        let nonce = Nonce::<AesGcm<Aes128, N>>::try_from(iv).ok()?;
        AesGcm::<Aes128, N>::from((*self.block).clone()).encrypt_inout_detached(&nonce, &[], text.into()).ok()
    }

    /// What a ciphertext in ECB with PKCS#7 padding says.
    pub(crate) fn open_ecb(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let (blocks, rest) = ciphertext.as_chunks::<16>();
        if !rest.is_empty() {
            return None;
        }
        let mut plain = Vec::with_capacity(ciphertext.len());
        for block in blocks {
            let mut block = Block::<Aes128>::from(*block);
            self.block.decrypt_block(&mut block);
            plain.extend_from_slice(&block);
        }
        let padding = usize::from(*plain.last()?);
        let length = plain.len().checked_sub(padding)?;
        let sound = (1..=16).contains(&padding)
            && plain.get(length..)?.iter().all(|byte| usize::from(*byte) == padding);
        plain.truncate(length);
        sound.then_some(plain)
    }

    pub(crate) fn seal_ecb(&self, plain: &[u8]) -> Vec<u8> {
        let padding = u8::try_from(16_usize.wrapping_sub(plain.len() & 15)).unwrap_or(16);
        let mut padded = plain.to_vec();
        padded.resize(plain.len().saturating_add(usize::from(padding)), padding);
        let mut sealed = Vec::with_capacity(padded.len());
        for block in padded.as_chunks::<16>().0 {
            let mut block = Block::<Aes128>::from(*block);
            self.block.encrypt_block(&mut block);
            sealed.extend_from_slice(&block);
        }
        sealed
    }
}
