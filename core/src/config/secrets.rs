//! Rings of secrets as they stand in the configuration.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::problem::Problems;
use super::table::Table;
use crate::crypto::Secret;
use crate::wire::json::Value;
use crate::wire::visible::is_invisible;

/// The most keys of a ring: each costs one more MAC for every call.
const MAX_KEYS: usize = 8;

impl Table<'_> {
    /// A ring of one to eight secrets of at most 1 024 bytes, none of which stands twice.
    pub(crate) fn secrets(&mut self, name: &'static str, problems: &mut Problems) -> Vec<Secret> {
        let path = self.at(name);
        read(self.value(name), &path, problems)
    }

    /// A ring of secrets of exactly `LENGTH` printable ASCII characters; an empty one must be written out.
    pub(crate) fn ascii_secrets<const LENGTH: usize>(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Vec<[u8; LENGTH]> {
        let path = self.at(name);
        let value = self.value(name);
        if matches!(value, Some(Value::Array(items)) if items.is_empty()) {
            return Vec::new();
        }
        let mut keys = Vec::new();
        for (index, secret) in read(value, &path, problems).iter().enumerate() {
            match <[u8; LENGTH]>::try_from(secret.expose()) {
                Ok(key) if key.iter().all(u8::is_ascii_graphic) => keys.push(key),
                _ => {
                    let message = format!("must be exactly {LENGTH} printable ASCII characters");
                    problems.add(&format!("{path}[{index}]"), "out-of-range", &message);
                }
            }
        }
        keys
    }
}

fn read(ring: Option<Value<'_>>, path: &str, problems: &mut Problems) -> Vec<Secret> {
    let items = match ring {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) | None => {
            problems.add(path, "missing", "at least one key is required");
            return Vec::new();
        }
        Some(_) => {
            problems.add(path, "wrong-type", "must be an array of strings");
            return Vec::new();
        }
    };
    if items.len() > MAX_KEYS {
        problems.add(path, "out-of-range", "at most 8 keys");
    }
    let mut keys: Vec<Secret> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match item.as_str() {
            None => problems.add(&path, "wrong-type", "must be a string"),
            Some("") => problems.add(&path, "out-of-range", "must not be empty"),
            Some(text) if text.len() > 1_024 => problems.add(&path, "out-of-range", "at most 1 024 bytes"),
            Some(text) if has_stray_characters(text) => {
                let message = "holds what no key holds: a line end, a tab, an invisible character, a blank or a quote at its ends";
                problems.add(&path, "stray-character", message);
            }
            Some(text) if keys.iter().any(|key| key.expose() == text.as_bytes()) => {
                problems.add(&path, "duplicate", "stands in the ring already");
            }
            Some(text) => keys.push(Secret::from(text.to_string())),
        }
    }
    keys
}

/// Whether a secret holds what copying, an editor or a shell puts around it, and what no issuer puts into one: a
/// control or another invisible character or a blank beyond ASCII anywhere, an ASCII blank or a quote at either end.
/// With such a key a gateway starts, and refuses every call: so it is named before.
#[must_use]
pub fn has_stray_characters(secret: &str) -> bool {
    let ends = [secret.chars().next(), secret.chars().next_back()];
    let hidden = |letter: char| is_invisible(letter) || letter.is_whitespace() && letter != ' ';
    secret.chars().any(hidden) || ends.into_iter().flatten().any(|letter| letter == ' ' || is_quote(letter))
}

const fn is_quote(letter: char) -> bool {
    matches!(letter, '"' | '\'' | '`' | '´' | '«' | '»' | '‘'..='‟' | '‹' | '›' | '「'..='』' | '\u{301d}'..='\u{301f}' | '＂' | '＇')
}
