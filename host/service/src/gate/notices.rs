//! What this process itself commits: works for whoever sends them, and news for whoever asks whether the store works.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_core::ledger::{Change, Row, Stored, WORK_PREFIX, Write};
use countersign_ledger::{Changes, Limit, Outcome, Page, Purged, Reply, Store, StoreError};

use super::health::Health;
use super::time::Clock;

/// Works that were written or removed since somebody last looked.
#[derive(Debug, Default)]
pub(super) struct Notices(Mutex<Works>);

#[derive(Debug, Default)]
struct Works {
    /// By key; `None`: the work is over.
    rows: HashMap<String, Option<Vec<u8>>>,
    bytes: usize,
    overflown: bool,
}

/// Beyond it the rows are looked up in the store instead. Bytes.
const MAX_BYTES: usize = 32 << 20;

/// What was noticed.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Works as they were written. Their versions mean nothing.
    pub(super) written: Vec<Row>,
    /// Keys of works that are over.
    pub(super) gone: Vec<String>,
    /// There was more: look at all of them.
    pub(super) overflown: bool,
}

impl Notices {
    fn add(&self, works: Vec<(String, Option<Vec<u8>>)>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, bytes) in works {
            all.bytes = all.bytes.saturating_add(bytes.as_ref().map_or(0, Vec::len));
            all.rows.insert(key, bytes);
        }
        if all.bytes > MAX_BYTES {
            *all = Works { overflown: true, ..Works::default() };
        }
    }

    /// Everything since the last call.
    pub(super) fn take(&self) -> Noticed {
        let works = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut noticed = Noticed { overflown: works.overflown, ..Noticed::default() };
        for (key, bytes) in works.rows {
            match bytes {
                Some(bytes) => {
                    noticed.written.push(Row { key, value: Some(Stored { bytes, version: 0 }) });
                }
                None => noticed.gone.push(key),
            }
        }
        noticed
    }
}

/// A store whose commits are noticed.
pub(super) struct NoticedStore<S> {
    pub(super) store: S,
    pub(super) notices: Arc<Notices>,
    pub(super) health: Arc<Health>,
    pub(super) clock: Arc<dyn Clock>,
}

impl<S: Store> Store for NoticedStore<S> {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        let (load, health) = (self.store.load(keys), Arc::clone(&self.health));
        Box::pin(async move {
            let result = load.await;
            if let Err(error) = &result {
                health.failed(error);
            }
            result
        })
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        let changes = writes.iter().any(|write| write.change != Change::Check);
        let works = writes.iter().filter(|write| write.key.starts_with(WORK_PREFIX));
        let works: Vec<_> = works
            .filter_map(|Write { key, change, .. }| match change {
                Change::Put { bytes, .. } => Some((key.clone(), Some(bytes.clone()))),
                Change::Delete => Some((key.clone(), None)),
                Change::Check => None,
            })
            .collect();
        let (notices, health) = (Arc::clone(&self.notices), Arc::clone(&self.health));
        let (commit, clock) = (self.store.commit(writes), Arc::clone(&self.clock));
        Box::pin(async move {
            let result = commit.await;
            health.heard(&result, changes, clock.monotonic());
            if matches!(result, Ok(Outcome::Committed) | Err(StoreError::Unknown { .. })) {
                notices.add(works);
            }
            result
        })
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        self.store.scan(prefix, after, limit)
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        self.store.changes(after, limit)
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        self.store.purge(now, limit)
    }
}
