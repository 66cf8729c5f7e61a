//! The platform's cryptography, written a second time: HMAC-SHA256, the JDK's SHA1PRNG, AES-CBC; RSA comes from a library.

pub mod contact;
mod mac;
pub mod oaep;
pub mod sha1prng;

pub(crate) use mac::{base64, hex_lower, hex_upper, hmac_sha1, hmac_sha256, verify_base64};

use std::fmt;
use zeroize::Zeroizing;

/// The access key ("Key", 访问密钥) that the platform and one route of the seller share. Not an AK/SK pair.
///
/// Wiped on drop, never shown.
pub struct AccessKey(Zeroizing<String>);

impl AccessKey {
    /// Takes the key's text; its UTF-8 bytes are the MAC key.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The key in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey(…)")
    }
}
