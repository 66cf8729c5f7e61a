//! The private keys of a route: what the platform encrypts a client secret for.

use alloc::format;
use alloc::vec::Vec;

use crate::config::{Problems, Table};
use crate::crypto::rsa::{MAX_BITS, MIN_BITS};
use crate::crypto::{OaepHashes, PrivateKey, PrivateKeyError, Secret};
use crate::dialect::Revealed;
use crate::event::Event;
use crate::wire::base64;
use crate::wire::json::Value;

/// The keys in their order.
#[derive(Debug)]
pub(crate) struct PrivateKeys(Vec<PrivateKey>);

/// Each costs a private operation for every secret.
const MAX_KEYS: usize = 4;
/// The longest client secret, bytes. OURS: those that were seen have 32.
const MAX_SECRET: usize = 1_024;

impl PrivateKeys {
    /// Reads `private_keys`: up to four in PKCS#8 PEM, none by default.
    pub(crate) fn read(table: &mut Table<'_>, problems: &mut Problems) -> Self {
        let path = table.at("private_keys");
        let items = match table.value("private_keys") {
            None => return Self(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(_) => {
                problems.add(&path, "wrong-type", "must be an array of strings");
                return Self(Vec::new());
            }
        };
        if items.len() > MAX_KEYS {
            problems.add(&path, "out-of-range", "at most 4 keys");
        }
        let mut keys = Vec::new();
        for (index, item) in items.iter().enumerate().take(MAX_KEYS) {
            let path = format!("{path}[{index}]");
            match item.as_str().map(PrivateKey::from_pem) {
                None => problems.add(&path, "wrong-type", "must be a string"),
                Some(Ok(key)) => keys.push(key),
                Some(Err(PrivateKeyError::Malformed)) => {
                    problems.add(
                        &path,
                        "malformed",
                        "must be an RSA key as PKCS#8 in PEM, without a password",
                    );
                }
                Some(Err(PrivateKeyError::Size)) => {
                    let message = format!("must have {MIN_BITS} to {MAX_BITS} bits");
                    problems.add(&path, "out-of-range", &message);
                }
            }
        }
        Self(keys)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The plain text of the client secret in an event.
    pub(crate) fn reveal(&self, event: &Event) -> Option<Revealed> {
        // A call that removes an application may carry anything.
        event.text("oaep")?;
        let (secret, _) = self.open(event.text("client_secret")?)?;
        Some(Revealed { name: "client_secret", secret })
    }

    /// The plain text of a secret, UTF-8 of 1 to 1 024 bytes, and how it was padded; `None` for one that no key opens.
    /// INFERRED: the ciphertext is standard Base64, perhaps broken into lines.
    pub(crate) fn open(&self, secret: &str) -> Option<(Secret, OaepHashes)> {
        let text: Vec<u8> = secret.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        let ciphertext = base64::decode(&text).ok()?;
        let is_secret =
            |plain: &[u8]| (1..=MAX_SECRET).contains(&plain.len()) && core::str::from_utf8(plain).is_ok();
        let opened = self.0.iter().filter_map(|key| key.open(&ciphertext));
        let mut secrets = opened.filter(|(plain, _)| is_secret(plain));
        secrets.next().map(|(plain, hashes)| (Secret::from(plain.to_vec()), hashes))
    }
}
