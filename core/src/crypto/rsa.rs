//! Private RSA keys, and what was encrypted for them with RSAES-OAEP (RFC 8017 §7.1): the platform's clientSecret.
//!
//! Hazards, said aloud. A ciphertext is decrypted only after the signature over the call that carried it was verified:
//! strangers get no private operation out of a gateway. The operation itself is blinded: what is raised to a power is not
//! what was sent, and neither exponent nor moduli are those of the key. The core draws no randomness and `admit` is given
//! none, so the blinding grows out of the private key and the ciphertext, as RFC 6979 does for signatures: nobody without
//! the key can foresee it. The same ciphertext is blinded the same way again, so whoever measures one call many times gets
//! a mean over equal operations; about another ciphertext that tells nothing. What the arithmetic leaves on the stack and
//! in freed memory is not wiped by its crate everywhere.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::{PrivateKey, PrivateKeyError};
//!
//! assert_eq!(PrivateKey::from_pem("no key").err(), Some(PrivateKeyError::Malformed));
//! ```

use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;

use rsa::hazmat::rsa_decrypt_and_check;
use rsa::pkcs1::RsaPrivateKey;
use rsa::pkcs1::der::Decode;
use rsa::pkcs8::spki::ObjectIdentifier;
use rsa::pkcs8::{PrivateKeyInfoRef, SecretDocument};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, PrivateKey as Key};
use zeroize::Zeroizing;

use super::mac::MacKey;
use super::oaep::{self, OaepHashes};

/// The fewest bits of a modulus: CONFIRMED (workbench, applicationSync: RSA of at least 3072 bits).
pub const MIN_BITS: usize = 3_072;
/// The most bits of a modulus. OURS: beyond it one call costs seconds.
pub const MAX_BITS: usize = 8_192;

/// A private key of the seller, whose public half the platform encrypts with. Wiped on drop.
pub struct PrivateKey {
    key: Key,
    /// What the blinding grows out of.
    blinding: MacKey,
}

/// Why a text is no private key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKeyError {
    /// Not PEM of an unencrypted PKCS#8 key, not RSA, or its numbers do not fit each other.
    Malformed,
    /// A modulus under [`MIN_BITS`] or over [`MAX_BITS`].
    Size,
}

impl PrivateKeyError {
    /// A stable code: `malformed`, `size`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Size => "size",
        }
    }
}

/// `rsaEncryption` (RFC 8017 §C).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

impl PrivateKey {
    /// Reads PKCS#8 in PEM (RFC 7468 §10), `-----BEGIN PRIVATE KEY-----`.
    ///
    /// # Errors
    /// [`PrivateKeyError::Malformed`] before [`PrivateKeyError::Size`].
    pub fn from_pem(text: &str) -> Result<Self, PrivateKeyError> {
        let malformed = PrivateKeyError::Malformed;
        let (label, document) = SecretDocument::from_pem(text.trim()).map_err(|_| malformed)?;
        if label != "PRIVATE KEY" {
            return Err(malformed);
        }
        let info = PrivateKeyInfoRef::from_der(document.as_bytes()).map_err(|_| malformed)?;
        if info.algorithm.oid != RSA_ENCRYPTION {
            return Err(malformed);
        }
        let numbers = RsaPrivateKey::<rsa::pkcs1::UintRef<'_>>::from_der(info.private_key.as_bytes())
            .map_err(|_| malformed)?;
        let bits = bits_of(numbers.modulus.as_bytes());
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(PrivateKeyError::Size);
        }
        let key = Key::try_from(numbers).map_err(|_| malformed)?;
        let exponent = Zeroizing::new(key.d().to_be_bytes());
        Ok(Self { blinding: MacKey::new(&exponent), key })
    }

    /// What was encrypted with the public half, and the hash functions of its padding; `None` for anything else. One
    /// private operation, whatever the ciphertext. Constant-time in key and padding up to the answer.
    #[must_use]
    pub fn open(&self, ciphertext: &[u8]) -> Option<(Zeroizing<Vec<u8>>, OaepHashes)> {
        // Zeros in front are no part of the number; anything longer than the modulus is none of ours.
        if ciphertext.len() != self.key.size() {
            return None;
        }
        let number = BoxedUint::from_be_slice(ciphertext, self.key.n_bits_precision()).ok()?;
        let mut blinding = Blinding::new(self.blinding.mac(&[b"blinding", ciphertext]));
        let opened = rsa_decrypt_and_check(&self.key, Some(&mut blinding), &number).ok();
        let block = Zeroizing::new(Zeroizing::new(opened?).to_be_bytes());
        let start = block.len().checked_sub(self.key.size())?;
        oaep::unpad(block.get(start..)?)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PrivateKey(redacted)")
    }
}

/// The bits of an unsigned number, big-endian.
fn bits_of(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let top = number.get(zeros).map_or(0, |byte| byte.leading_zeros());
    let bytes = number.len().saturating_sub(zeros);
    bytes.saturating_mul(8).saturating_sub(usize::try_from(top).unwrap_or_default())
}

/// A stream of bytes: HMAC-SHA256(seed, block number), in the manner of NIST SP 800-108 in counter mode.
struct Blinding {
    seed: MacKey,
    block: Zeroizing<[u8; 32]>,
    used: usize,
    count: u32,
}

impl Blinding {
    fn new(seed: [u8; 32]) -> Self {
        Self { seed: MacKey::new(&*Zeroizing::new(seed)), block: Zeroizing::new([0; 32]), used: 32, count: 0 }
    }

    fn byte(&mut self) -> u8 {
        if self.used >= self.block.len() {
            *self.block = self.seed.mac(&[&self.count.to_be_bytes()]);
            self.count = self.count.wrapping_add(1);
            self.used = 0;
        }
        let byte = self.block.get(self.used).copied().unwrap_or_default();
        self.used = self.used.saturating_add(1);
        byte
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| self.byte())
    }
}

impl TryRng for Blinding {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.bytes()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for byte in bytes {
            *byte = self.byte();
        }
        Ok(())
    }
}

impl TryCryptoRng for Blinding {}

#[cfg(test)]
mod tests {
    use super::{PrivateKey, PrivateKeyError, bits_of};
    use crate::wire::hex;
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::string::{String, ToString};

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../tests/vectors/oaep.json")).unwrap()
    }

    fn pem(vectors: &Value, id: &str) -> String {
        let keys = vectors["keys"].as_array().unwrap();
        keys.iter().find(|key| key["id"] == id).unwrap()["pem"].as_str().unwrap().to_string()
    }

    fn keys(vectors: &Value) -> BTreeMap<String, PrivateKey> {
        let ids = vectors["keys"].as_array().unwrap().iter().map(|key| key["id"].as_str().unwrap());
        ids.map(|id| (id.to_string(), PrivateKey::from_pem(&pem(vectors, id)).unwrap())).collect()
    }

    fn bytes(case: &Value, name: &str) -> std::vec::Vec<u8> {
        hex::decode(case[name].as_str().unwrap().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_padded_in_one_of_three_ways_is_opened() {
        let vectors = vectors();
        let keys = keys(&vectors);
        for case in vectors["opened"].as_array().unwrap() {
            let key = &keys[case["key"].as_str().unwrap()];
            let (plain, hashes) = key.open(&bytes(case, "ciphertext")).unwrap();
            assert_eq!(*plain, bytes(case, "plain"), "{}", case["id"]);
            assert_eq!(hashes.name(), case["hashes"], "{}", case["id"]);
        }
    }

    #[test]
    fn anything_else_is_not_opened() {
        let vectors = vectors();
        let keys = keys(&vectors);
        for case in vectors["refused"].as_array().unwrap() {
            let key = &keys[case["key"].as_str().unwrap()];
            assert!(key.open(&bytes(case, "ciphertext")).is_none(), "{}", case["id"]);
        }
    }

    #[test]
    fn a_key_is_pkcs_8_in_pem_of_a_size_that_the_platform_takes() {
        let good = pem(&vectors(), "first");
        for same in [good.replace('\n', "\r\n"), std::format!("\n{good}\n\n"), good.trim().to_string()] {
            assert!(PrivateKey::from_pem(&same).is_ok(), "{same:?}");
        }
        let body = good.lines().nth(1).unwrap();
        for wrong in [
            String::new(),
            "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n".to_string(),
            good.replace("PRIVATE KEY", "RSA PRIVATE KEY"),
            good.replace("PRIVATE KEY", "PUBLIC KEY"),
            good.replace(body, ""),
            good.replace(body, &body.replace('A', "B")),
            good.replace("-----END", "----END"),
            good.replace('\n', " "),
            EC.to_string(),
        ] {
            assert_eq!(PrivateKey::from_pem(&wrong).err(), Some(PrivateKeyError::Malformed), "{wrong}");
        }
        assert_eq!(PrivateKey::from_pem(SHORT).err(), Some(PrivateKeyError::Size));
    }

    /// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`
    const EC: &str = "-----BEGIN PRIVATE KEY-----\n\
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu3Wxh30YTWYlJxTk\n\
IrwHrNHlPyUELuiU9jq41mGN/7yhRANCAAT+wxsAd3MjN5wAL5KdFE8bFy8g76H8\n\
aAdYX+yZr40H32oGuGb5K6ZAcINEaOz3mb+LnzltZnTdg8zfQiTUzYsF\n\
-----END PRIVATE KEY-----\n";

    /// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`
    const SHORT: &str = "-----BEGIN PRIVATE KEY-----\n\
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDnU3yk3tubyqIS\n\
VijnPfrh3Xr0MoM3nH4AMM3wk+4WnpRoyn/Em0vX0fM+4+pUXWT878jYIv1byRW3\n\
IRNqfx4yxdCvp8NeJbjMKfrCNNtmX5ruv+12E9eJVRbw9QRAAqrUxc8Kz9sU2Y8W\n\
DZ0vyH66pWXvjwZtsHYyf3XzHF7JqxRWd75Q3NjPz9xwsxFzcn78nEvBFzc4NXIk\n\
pwzqTVtmskdFpbRKjWdV2PMOZJC+wDwueujacctXQ0tqAkyl6dyTGNKsImmeZQGM\n\
lfcfS2o4CBRD+dwJEdIeNdIXOnmNiQ31wnUiG8dUUnGrnGRztJXDRVt3xzgwP1F2\n\
j9fdxyfvAgMBAAECggEAWdS38KaCjatQ6OIAnFwbUx7ZIn+DKVNiMtzA/I3VxX7r\n\
jw4kM8tC1pq3ZVLIqt5h2z+atSRRUxVxk14K1i5rIbhj4/K4EZWAf/hFYql4EfdK\n\
iTCLHHF0H+alNAlSDzF5+YqfbkltgFlEEYJT6jxnyj90qGTYUDxYih+pRDFeNd22\n\
1KDC3lf2wMtRr4pKFQbHNMJ39817oi/ro9zITvNldBFCGco2uwQWw1Jj2WjLwq8a\n\
htqMKPLaYkiILmHfp8u0FWy8hwlYwWSOaRjYlCwJIfHt650/xMBAIIVhD5UX1ncO\n\
EFZnw4ifQaGcPZCthSeS6YRSDZaJzz+W06j6/Kkn0QKBgQD0jPLV7qFhPw93OwAI\n\
Mn1Qmgl4cliOG0iqM9QGSUFNEB2lJWglkrZ4qE48fKbd6jKiyY1gCNYla6GAODWW\n\
vuzoRUARrHytjCsUhuEGhKv/Kxj3oT5B6n4GICOwDcg7/gG4FRT8bkfLEQnYgX8Z\n\
LUqj1iCubmRgVy4TegCgvmH6pQKBgQDyKAl9WHJWbHVKXSaY14gKE7HR2zvCXT8L\n\
dWBz7qUMZGT47I3xfAp/JnqbaYTVawvYyT6zLAcVlVZTr2Ufi2sAFPHxJJru9kTz\n\
01v2NOaKt1ys2GActF/24ELXsREeAAn5w5Ubk9EPc+ZYB/cUS2mFmchRrqssSOif\n\
lgAcP67YAwKBgQCe2ILPdO48JWLdVmSB7pG5biSiqNteithbPckFwEV7UfF/mNma\n\
Nj7yBpiy72DQGlSDqpl6/KJkshG4IEqmvSNTB9BC6qAddkNxVN8LhdfWqd7Q0lqH\n\
JFJxliS4MWuTlDz3njIAeX2GqG2VxR+Scfnei7K0up3WeipCmmeYAbHQxQKBgC8M\n\
QlO9JHHQHrW1BXO6pG64xtqsCp9HuKEETBoaKq0OsGOAqk9ZtzxfAIFDbhB8/M9A\n\
wlLTYgj6e8xEjpQjZUWdzCf64bM928W3se1S99vJplLas0nAbcisZ7A6ccXvYgDJ\n\
1CWIgZzL+tvtqD6kLDtN1pKwKgevnqqq3Rif8tt7AoGBAN44z0RxxeDABLm9SXa+\n\
O1XW5EFv0u+a0BD6uuMw5EyzgNk3yDBHOtW285AjQpBnlgJIQzR5yBfYWSl7F3Ns\n\
gHJuhbK+wzPvzZrl32gfn4bHEGZMpSiCMe6t+HFat6biwvh3PF9lpM8zJynE20DT\n\
JsUMcwUow0bpBtrHOS3gaz/L\n\
-----END PRIVATE KEY-----\n";

    #[test]
    fn the_bits_of_a_number_are_counted_from_its_first_one() {
        for (number, bits) in
            [(&[][..], 0), (&[0], 0), (&[1], 1), (&[0, 0x80], 8), (&[1, 0], 9), (&[0xff, 0], 16)]
        {
            assert_eq!(bits_of(number), bits, "{number:?}");
        }
    }
}
