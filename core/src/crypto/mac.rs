//! HMAC-SHA256 (RFC 2104, FIPS 198-1): every signature of the platform but for those of an OrgID that was set to SHA-1.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::MacKey;
//! use countersign_core::wire::hex;
//!
//! // RFC 4231, test case 1.
//! let mac = MacKey::new(&[0x0b; 20]).mac(&[b"Hi ", b"There"]);
//! assert_eq!(hex::encode(&mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
//! ```

use core::fmt;

use hmac::digest::Update;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes in one block of SHA-256. A longer key is replaced by its hash.
const BLOCK: usize = 64;

/// A key whose two first blocks are already hashed, so that a signature over a short text costs two compressions
/// less. Prepared once per route and key, then used for every call.
///
/// Both states are wiped on drop, by the hash itself; so are the copies that [`mac`](Self::mac) works on. What the
/// preparation leaves on the stack is not.
pub struct MacKey(Hmac<Sha256>);

impl MacKey {
    /// Prepares a key of any length, raw bytes.
    #[must_use]
    pub fn new(key: &[u8]) -> Self {
        Self(keyed(&[key]))
    }

    /// The signature over the concatenation of `parts`, 32 raw bytes. Allocates nothing.
    /// Constant-time in the key and in the bytes of the parts, not in their lengths.
    #[must_use]
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        finish(self.0.clone(), parts)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MacKey(redacted)")
    }
}

/// The signature over the concatenation of `parts` under the concatenation of `key_parts`, 32 raw bytes.
///
/// For keys that differ per call: the key of an `authToken` is the access key followed by the request's timeStamp
/// (SaaS access guide V1, authToken sample code). Allocates nothing; time as for [`MacKey::mac`].
#[must_use]
pub fn hmac_sha256(key_parts: &[&[u8]], parts: &[&[u8]]) -> [u8; 32] {
    finish(keyed(key_parts), parts)
}

/// HMAC-SHA1 of the concatenation of `parts`, 20 raw bytes: what an OrgID signs with whose administrator chose the digest
/// that its documents advise against. As a MAC it still holds; for anything new it is the wrong choice.
/// Allocates nothing; time as for [`MacKey::mac`].
#[must_use]
pub fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let mut block = Zeroizing::new([0_u8; BLOCK]);
    if key.len() <= BLOCK {
        fill(&mut *block, key);
    } else {
        fill(&mut *block, &Sha1::digest(key));
    }
    let mut state = Hmac::<Sha1>::new((&*block).into());
    for part in parts {
        Mac::update(&mut state, part);
    }
    state.finalize().into_bytes().into()
}

fn fill(block: &mut [u8], bytes: &[u8]) {
    for (slot, byte) in block.iter_mut().zip(bytes) {
        *slot = *byte;
    }
}

fn keyed(key_parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0_u8; BLOCK]);
    let length = key_parts.iter().fold(0_usize, |sum, part| sum.saturating_add(part.len()));
    if length <= BLOCK {
        // A key shorter than the block is padded with zeros, which are there already.
        let bytes = key_parts.iter().copied().flatten();
        for (slot, byte) in block.iter_mut().zip(bytes) {
            *slot = *byte;
        }
    } else {
        let mut hash = Sha256::new();
        for part in key_parts {
            Update::update(&mut hash, part);
        }
        for (slot, byte) in block.iter_mut().zip(hash.finalize()) {
            *slot = byte;
        }
    }
    Hmac::new((&*block).into())
}

fn finish(mut state: Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    for part in parts {
        Mac::update(&mut state, part);
    }
    state.finalize().into_bytes().into()
}
