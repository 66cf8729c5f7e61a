//! Rows in the memory of this process: for tests and demonstrations. They end with it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use countersign_core::ledger::{Change, Row, Stored, Write};

use crate::contract::{Room, arrange, check_keys, check_prefix, purge_horizon};
use crate::{Changed, Changes, Limit, Outcome, Page, Purged, Reply, Store, StoreError};

/// A store without a disk.
#[derive(Debug, Default)]
pub struct MemoryStore {
    rows: Mutex<Rows>,
}

#[derive(Debug, Default)]
struct Rows {
    by_key: BTreeMap<String, Record>,
    /// The order of commits: the last put of every row, and the deletes that are still remembered.
    by_sequence: BTreeMap<u64, String>,
    deletes: BTreeSet<u64>,
    /// Which deletes a purge has seen, and when: (the highest of them, the time of the purge).
    purges: Vec<(u64, u64)>,
    sequence: u64,
    forgotten: u64,
}

#[derive(Debug)]
struct Record {
    version: u64,
    bytes: Vec<u8>,
    expires_at: Option<u64>,
}

impl MemoryStore {
    /// Without rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// The lock is never poisoned half way through a commit: nothing between two changes of `Rows` can panic.
    fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        reply(check_keys(&keys).map_err(StoreError::from).map(|()| {
            let rows = self.rows();
            keys.into_iter()
                .map(|key| Row { value: rows.by_key.get(&key).map(Record::stored), key })
                .collect()
        }))
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        reply(arrange(writes).map_err(StoreError::from).and_then(|writes| self.rows().commit(writes)))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        reply(check_prefix(prefix).map_err(StoreError::from).map(|()| {
            let start = match after {
                Some(after) if after >= prefix => Bound::Excluded(after),
                _ => Bound::Included(prefix),
            };
            let rows = self.rows();
            let mut behind = rows.by_key.range::<str, _>((start, Bound::Unbounded));
            let (mut page, mut room) = (Page::default(), Room::new(limit));
            while let Some((key, record)) = behind.next().filter(|(key, _)| key.starts_with(prefix)) {
                if !room.takes(key, record.bytes.len()) {
                    page.more = true;
                    break;
                }
                page.rows.push(Row { key: key.clone(), value: Some(record.stored()) });
            }
            page
        }))
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        let rows = self.rows();
        let mut room = Room::new(limit);
        let entries = rows
            .by_sequence
            .range((Bound::Excluded(after), Bound::Unbounded))
            .map(|(&sequence, key)| {
                let put = rows.by_key.get(key).filter(|record| record.version == sequence);
                (sequence, key, put)
            })
            .take_while(|(_, key, put)| room.takes(key, put.map_or(0, |record| record.bytes.len())))
            .map(|(sequence, key, put)| {
                let value = put.map(Record::stored);
                Changed { sequence, row: Row { key: key.clone(), value } }
            })
            .collect();
        reply(Ok(Changes { entries, forgotten: rows.forgotten }))
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        reply(Ok(self.rows().purge(now, limit)))
    }
}

fn reply<T: Send + 'static>(result: Result<T, StoreError>) -> Reply<T> {
    Box::pin(ready(result))
}

impl Record {
    fn stored(&self) -> Stored {
        Stored { bytes: self.bytes.clone(), version: self.version }
    }
}

impl Rows {
    fn commit(&mut self, writes: Vec<Write>) -> Result<Outcome, StoreError> {
        let holds = |write: &Write| self.by_key.get(&write.key).map(|record| record.version) == write.expect;
        if !writes.iter().all(holds) {
            return Ok(Outcome::Conflict);
        }
        let spent = || StoreError::Unavailable { reason: "the sequence of commits is spent".into() };
        let room = u64::try_from(writes.len()).ok().and_then(|count| self.sequence.checked_add(count));
        room.ok_or_else(spent)?;
        for write in writes {
            match write.change {
                Change::Check => {}
                Change::Put { bytes, expires_at } => self.put(write.key, bytes, expires_at),
                Change::Delete => self.delete(write.key),
            }
        }
        Ok(Outcome::Committed)
    }

    fn put(&mut self, key: String, bytes: Vec<u8>, expires_at: Option<u64>) {
        let version = self.next();
        self.by_sequence.insert(version, key.clone());
        if let Some(old) = self.by_key.insert(key, Record { version, bytes, expires_at }) {
            self.by_sequence.remove(&old.version);
        }
    }

    fn delete(&mut self, key: String) {
        if let Some(old) = self.by_key.remove(&key) {
            let sequence = self.next();
            self.by_sequence.remove(&old.version);
            self.by_sequence.insert(sequence, key);
            self.deletes.insert(sequence);
        }
    }

    /// The commit has made sure that there is room.
    fn next(&mut self) -> u64 {
        self.sequence = self.sequence.saturating_add(1);
        self.sequence
    }

    fn purge(&mut self, now: u64, limit: usize) -> Purged {
        let mut removed = 0;
        if let Some(horizon) = purge_horizon(now) {
            removed = self.purge_expired(horizon, limit);
            removed = removed.saturating_add(self.purge_deletes(horizon, limit.saturating_sub(removed)));
        }
        let unseen = |last: &&u64| self.purges.last().is_none_or(|(seen, _)| seen < *last);
        if let Some(last) = self.deletes.last().filter(unseen) {
            self.purges.push((*last, now));
        }
        Purged { removed, more: limit > 0 && removed == limit }
    }

    fn purge_expired(&mut self, horizon: u64, limit: usize) -> usize {
        let expired = |record: &Record| record.expires_at.is_some_and(|expires_at| expires_at < horizon);
        let keys = self.by_key.iter().filter(|(_, record)| expired(record)).map(|(key, _)| key.clone());
        let keys: Vec<String> = keys.take(limit).collect();
        for record in keys.iter().filter_map(|key| self.by_key.remove(key)) {
            self.by_sequence.remove(&record.version);
        }
        keys.len()
    }

    /// Those that a purge before the horizon has already seen, the oldest first.
    fn purge_deletes(&mut self, horizon: u64, limit: usize) -> usize {
        let seen = self.purges.iter().filter(|(_, at)| *at < horizon).map(|(last, _)| *last).max();
        let deletes: Vec<u64> = self.deletes.range(..=seen.unwrap_or(0)).take(limit).copied().collect();
        for sequence in &deletes {
            self.deletes.remove(sequence);
            self.by_sequence.remove(sequence);
            self.forgotten = self.forgotten.max(*sequence);
        }
        let newest = self.purges.last().copied();
        self.purges.retain(|mark| mark.0 > self.forgotten || Some(*mark) == newest);
        deletes.len()
    }
}
