//! What the platform encrypts for the seller: RSAES-OAEP (RFC 8017 §7.1) under the seller's public key.

use crate::Entropy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::{Oaep, PublicKey};
use sha1::Sha1;
use sha2::Sha256;
use std::convert::Infallible;

/// The hash functions of a padding: of the label, and of its mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashes {
    /// `sha-256/sha-1`: what a JDK takes for `OAEPWithSHA-256AndMGF1Padding`.
    Sha256Sha1,
    /// `sha-256/sha-256`.
    Sha256,
    /// `sha-1/sha-1`.
    Sha1,
}

impl Hashes {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sha256Sha1, Self::Sha256, Self::Sha1];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256Sha1 => "sha-256/sha-1",
            Self::Sha256 => "sha-256/sha-256",
            Self::Sha1 => "sha-1/sha-1",
        }
    }

    /// Those of a stable name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hashes| hashes.name() == name)
    }
}

/// Standard Base64 of a secret, encrypted for a public key in PEM (`-----BEGIN PUBLIC KEY-----`); `None` if that is no RSA
/// key, or too small for the secret.
#[must_use]
pub fn encrypt(public_key: &str, hashes: Hashes, secret: &str, entropy: &mut Entropy) -> Option<String> {
    let key = PublicKey::from_public_key_pem(public_key).ok()?;
    let mut random = Random(entropy);
    let secret = secret.as_bytes();
    let encrypted = match hashes {
        Hashes::Sha256Sha1 => key.encrypt(&mut random, Oaep::<Sha256, Sha1>::new_with_mgf_hash(), secret),
        Hashes::Sha256 => key.encrypt(&mut random, Oaep::<Sha256>::new(), secret),
        Hashes::Sha1 => key.encrypt(&mut random, Oaep::<Sha1>::new(), secret),
    };
    encrypted.ok().map(|bytes| STANDARD.encode(bytes))
}

/// The stream as the library wants it.
struct Random<'e>(&'e mut Entropy);

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [a, b, c, d, ..] = self.0.block();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let [a, b, c, d, e, f, g, h, ..] = self.0.block();
        Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(32) {
            for (byte, drawn) in chunk.iter_mut().zip(self.0.block()) {
                *byte = drawn;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}
