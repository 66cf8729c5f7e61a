//! Bytes that must not be seen.
//!
//! # Examples
//!
//! ```
//! use countersign_core::crypto::Secret;
//!
//! let key = Secret::from("test-access-key-0001".to_string());
//! assert_eq!(key.expose(), b"test-access-key-0001");
//! assert!(!format!("{key:?}").contains("test-access-key"));
//! ```

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

/// An access key, a client secret, a password: raw bytes, for texts their UTF-8.
///
/// It cannot be cloned, prints nothing of itself and is wiped on drop. It has no `PartialEq`: secrets are not
/// compared with each other, and what is compared with a secret's product goes through
/// [`compare`](super::compare).
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// The raw bytes. Whoever calls this answers for every copy made of them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether there is nothing to hide: an empty access key is a configuration error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    /// Takes the bytes over without copying them, so that no second copy outlives the secret.
    fn from(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl From<String> for Secret {
    /// Takes the UTF-8 bytes of the text over without copying them.
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

impl fmt::Debug for Secret {
    /// Neither the bytes nor their number.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// From a text, as configuration holds it. The source text stays the caller's to wipe.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secret = Secret::from(String::from("test-access-key-0001"));
        assert_eq!(std::format!("{secret:?}"), "Secret(redacted)");
        assert_eq!(secret.expose(), b"test-access-key-0001");
    }

    #[test]
    fn configuration_holds_a_secret_as_text() {
        let secret: Secret = serde_json::from_str(r#""k\u00e9y""#).unwrap();
        assert_eq!(secret.expose(), "kéy".as_bytes());
        assert!(serde_json::from_str::<Secret>("1").is_err());
    }

    #[test]
    fn an_empty_secret_says_so() {
        assert!(Secret::from(Vec::new()).is_empty());
    }
}
