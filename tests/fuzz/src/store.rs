//! A store as simple as can be: versions, atomic commits, and answers that get lost on request.

use std::collections::BTreeMap;

use countersign_core::ledger::{Change, Row, Stored, WORK_PREFIX, Write};

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// It holds.
    Held,
    /// It holds, but the caller cannot know.
    Unknown,
    /// Some row was not as expected; nothing was written.
    Conflict,
}

/// Rows with their versions.
#[derive(Debug, Default)]
pub struct Store {
    rows: BTreeMap<String, Stored>,
    version: u64,
    /// The next commit holds, but nobody learns of it.
    pub lose_next_answer: bool,
}

impl Store {
    /// One row per key, found or not.
    #[must_use]
    pub fn load(&self, keys: &[String]) -> Vec<Row> {
        keys.iter().map(|key| Row { key: key.clone(), value: self.rows.get(key).cloned() }).collect()
    }

    /// The rows of all works.
    #[must_use]
    pub fn works(&self) -> Vec<Row> {
        let works: Vec<String> =
            self.rows.keys().filter(|key| key.starts_with(WORK_PREFIX)).cloned().collect();
        self.load(&works)
    }

    /// Every row.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.rows.iter().map(|(key, stored)| (key.as_str(), stored.bytes.as_slice()))
    }

    /// All or nothing.
    ///
    /// # Panics
    /// When a key is one that no store has to take, or stands twice.
    pub fn commit(&mut self, writes: &[Write]) -> Commit {
        for (index, write) in writes.iter().enumerate() {
            assert!(is_key(&write.key), "a key that stores need not take: {:?}", write.key);
            let others = writes.iter().skip(index + 1);
            assert!(others.into_iter().all(|other| other.key != write.key), "written twice: {:?}", write.key);
        }
        let holds = |write: &Write| self.rows.get(&write.key).map(|stored| stored.version) == write.expect;
        if !writes.iter().all(holds) {
            return Commit::Conflict;
        }
        for write in writes {
            self.version += 1;
            match &write.change {
                Change::Check => {}
                Change::Put { bytes, .. } => {
                    let stored = Stored { bytes: bytes.clone(), version: self.version };
                    self.rows.insert(write.key.clone(), stored);
                }
                Change::Delete => {
                    self.rows.remove(&write.key);
                }
            }
        }
        if std::mem::take(&mut self.lose_next_answer) { Commit::Unknown } else { Commit::Held }
    }
}

/// Whether every store takes the key: printable ASCII, at most 1 024 bytes.
#[must_use]
pub fn is_key(key: &str) -> bool {
    (1..=1_024).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}
