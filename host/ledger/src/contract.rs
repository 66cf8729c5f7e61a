//! What every store checks before it begins, so that all refuse the same calls.

use countersign_core::ledger::{Change, Write};

use crate::{Limit, MisuseError};

/// The longest key, in bytes.
pub const MAX_KEY_BYTES: usize = 1_024;

/// The longest value, in bytes (16 MiB). Far above any row of the gate; it keeps one mistake from stalling all commits.
pub const MAX_VALUE_BYTES: usize = 16 * 1_024 * 1_024;

/// How long after its expiry a row stays at least: ten minutes, in milliseconds. It covers clocks that disagree.
pub const PURGE_DELAY_MS: u64 = 10 * 60 * 1_000;

/// Checks a commit and sorts it by key: whoever locks rows locks them in this order, so two commits never wait for
/// each other.
pub(crate) fn arrange(mut writes: Vec<Write>) -> Result<Vec<Write>, MisuseError> {
    for write in &writes {
        check_key(&write.key)?;
        if let Change::Put { bytes, .. } = &write.change
            && bytes.len() > MAX_VALUE_BYTES
        {
            return Err(MisuseError::OversizedValue { key: write.key.clone(), bytes: bytes.len() });
        }
    }
    writes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    for pair in writes.windows(2) {
        if let [a, b] = pair
            && a.key == b.key
        {
            return Err(MisuseError::DuplicateKey { key: a.key.clone() });
        }
    }
    Ok(writes)
}

pub(crate) fn check_keys(keys: &[String]) -> Result<(), MisuseError> {
    keys.iter().try_for_each(|key| check_key(key))
}

/// A prefix may be empty and as long as a key; `after` may be any text.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), MisuseError> {
    if prefix.is_empty() { Ok(()) } else { check_key(prefix) }
}

fn check_key(key: &str) -> Result<(), MisuseError> {
    let printable = |byte: u8| (0x20..=0x7e).contains(&byte);
    if key.is_empty() || key.len() > MAX_KEY_BYTES || !key.bytes().all(printable) {
        return Err(MisuseError::MalformedKey);
    }
    Ok(())
}

/// What is left of the limit of a page that is being filled.
pub(crate) struct Room {
    left: Limit,
    empty: bool,
}

impl Room {
    pub(crate) fn new(limit: Limit) -> Self {
        Self { left: limit, empty: true }
    }

    /// Whether a row with this key and so many bytes has a place; it then has taken it.
    pub(crate) fn takes(&mut self, key: &str, bytes: usize) -> bool {
        let bytes = bytes.saturating_add(key.len());
        if self.left.rows == 0 || (bytes > self.left.bytes && !self.empty) {
            return false;
        }
        let Limit { rows, bytes: left } = self.left;
        self.left = Limit { rows: rows.saturating_sub(1), bytes: left.saturating_sub(bytes) };
        self.empty = false;
        true
    }
}

/// A row whose expiry lies before this time may go; `None`: none may.
pub(crate) fn purge_horizon(now: u64) -> Option<u64> {
    now.checked_sub(PURGE_DELAY_MS)
}
