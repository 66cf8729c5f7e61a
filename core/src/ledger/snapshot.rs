//! The rows that a host loaded, and the commit that grows out of reading them: whatever a decision read is written or
//! checked, so that it holds at the moment of the commit or not at all.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use super::contract::{Change, Row, Stored, Write};
use super::row::{self, RowKind};
use crate::reason::ReasonCode;

/// Why a decision stops for now.
#[derive(Debug)]
pub(crate) enum Stop {
    /// These rows are needed; the host loads them and calls again.
    Need(Vec<String>),
    /// It cannot be decided at all.
    Fail(ReasonCode),
}

impl From<ReasonCode> for Stop {
    fn from(code: ReasonCode) -> Self {
        Self::Fail(code)
    }
}

/// The rows of one decision.
pub(crate) struct Snapshot<'a> {
    rows: &'a [Row],
    /// Keys that the admission named: one that is not among the rows counts as absent, which the commit then checks.
    first: &'a [String],
    read: RefCell<Vec<(String, Option<u64>)>>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(rows: &'a [Row], first: &'a [String]) -> Self {
        Self { rows, first, read: RefCell::new(Vec::new()) }
    }

    /// The row under a key as the host loaded it: `Err` when it was not asked for yet.
    fn find(&self, key: &str) -> Result<Option<&'a Stored>, Stop> {
        match self.rows.iter().find(|row| row.key == key) {
            Some(row) => Ok(row.value.as_ref()),
            None if self.first.iter().any(|first| first == key) => Ok(None),
            None => Err(Stop::Need(Vec::from([key.to_string()]))),
        }
    }

    /// A typed row; reading it makes it part of the commit.
    pub(crate) fn get<R: RowKind>(&self, key: &str) -> Result<Option<R>, Stop> {
        Ok(self.read(key)?.map(|stored| row::decode(&stored.bytes)).transpose()?)
    }

    /// Whether there is a row, of whatever kind; that too makes it part of the commit.
    pub(crate) fn is_taken(&self, key: &str) -> Result<bool, Stop> {
        let found = self.read(key)?;
        found.map_or(Ok(()), |stored| row::is_readable(&stored.bytes))?;
        Ok(found.is_some())
    }

    fn read(&self, key: &str) -> Result<Option<&'a Stored>, Stop> {
        let found = self.find(key)?;
        let mut read = self.read.borrow_mut();
        if read.iter().all(|(known, _)| known != key) {
            read.push((key.to_string(), found.map(|stored| stored.version)));
        }
        Ok(found)
    }

    /// Asks for all of these rows that are not among the loaded ones at once.
    pub(crate) fn known(&self, keys: &[String]) -> Result<(), Stop> {
        let missing: Vec<String> = keys.iter().filter(|key| self.find(key).is_err()).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Need(missing)) }
    }

    /// Several rows that must exist; asks for all that are missing at once. A row that another names but that is gone
    /// was changed between two loads: everything is asked for again.
    pub(crate) fn existing<R: RowKind>(&self, keys: &[String]) -> Result<Vec<R>, Stop> {
        self.known(keys)?;
        let found: Option<Vec<R>> = keys.iter().map(|key| self.get(key)).collect::<Result<_, _>>()?;
        found.ok_or_else(|| self.again(keys))
    }

    /// Asks for everything that was read, and for these, once more.
    pub(crate) fn again(&self, keys: &[String]) -> Stop {
        let read = self.read.borrow();
        let mut all: Vec<String> = read.iter().map(|(key, _)| key.clone()).collect();
        all.extend(keys.iter().filter(|key| read.iter().all(|(known, _)| known != *key)).cloned());
        Stop::Need(all)
    }

    /// The commit: these changes, and a check of every other row that was read.
    pub(crate) fn commit(&self, changes: Changes) -> Vec<Write> {
        let mut writes: Vec<Write> = Vec::new();
        for (key, expect) in self.read.borrow().iter() {
            writes.push(Write { key: key.clone(), expect: *expect, change: Change::Check });
        }
        for (key, change) in changes.0 {
            let change = match change {
                Planned::Put { row, knows, expires_at } => {
                    let old = self.rows.iter().find(|row| row.key == key).and_then(|row| row.value.as_ref());
                    let bytes = row::keep(row, knows, old.map(|stored| stored.bytes.as_slice()));
                    Change::Put { bytes, expires_at }
                }
                Planned::Delete => Change::Delete,
            };
            match writes.iter_mut().find(|write| write.key == key) {
                Some(write) => write.change = change,
                // A row that nobody read is one that must be new.
                None => writes.push(Write { key, expect: None, change }),
            }
        }
        writes
    }
}

/// What a decision changes. A row that was not read before is expected to be absent.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<(String, Planned)>);

/// What is to become of a row.
#[derive(Debug)]
enum Planned {
    Put {
        row: Vec<u8>,
        /// Which members this version knows: others, which the row has already, stay in it.
        knows: fn(&str) -> bool,
        expires_at: Option<u64>,
    },
    Delete,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn put<R: RowKind>(&mut self, key: String, row: &R) {
        self.set(key, Planned::Put { row: row::encode(row), knows: R::knows, expires_at: None });
    }

    pub(crate) fn put_until<R: RowKind>(&mut self, key: String, row: &R, expires_at: u64) {
        let expires_at = Some(expires_at);
        self.set(key, Planned::Put { row: row::encode(row), knows: R::knows, expires_at });
    }

    /// Takes over the changes of another part of the same decision.
    pub(crate) fn extend(&mut self, more: Self) {
        for (key, change) in more.0 {
            self.set(key, change);
        }
    }

    pub(crate) fn delete(&mut self, key: String) {
        self.set(key, Planned::Delete);
    }

    /// The last word on a row stands.
    fn set(&mut self, key: String, change: Planned) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, old)) => *old = change,
            None => self.0.push((key, change)),
        }
    }
}
