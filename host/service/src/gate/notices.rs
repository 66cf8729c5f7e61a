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
    by_key: HashMap<String, Notice>,
    bytes: usize,
}

/// What became of a work.
#[derive(Debug)]
enum Notice {
    /// It was written so.
    Written(Vec<u8>),
    /// It was written; how, stands in the store.
    Changed,
    /// It is over.
    Gone,
}

/// As many bytes of rows are kept until somebody looks; of others the key alone.
const MAX_BYTES: usize = 16 << 20;

/// What was noticed.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    /// Works as they were written. Their versions mean nothing.
    pub(super) written: Vec<Row>,
    /// Keys of works that are to be looked up.
    pub(super) changed: Vec<String>,
    /// Keys of works that are over.
    pub(super) gone: Vec<String>,
}

impl Notices {
    fn add(&self, works: Vec<(String, Notice)>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, mut notice) in works {
            if let Notice::Written(bytes) = &notice {
                match all.bytes.checked_add(bytes.len()).filter(|bytes| *bytes <= MAX_BYTES) {
                    Some(bytes) => all.bytes = bytes,
                    None => notice = Notice::Changed,
                }
            }
            all.by_key.insert(key, notice);
        }
    }

    /// Everything since the last call.
    pub(super) fn take(&self) -> Noticed {
        let works = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let mut noticed = Noticed::default();
        for (key, notice) in works.by_key {
            match notice {
                Notice::Written(bytes) => {
                    noticed.written.push(Row { key, value: Some(Stored { bytes, version: 0 }) });
                }
                Notice::Changed => noticed.changed.push(key),
                Notice::Gone => noticed.gone.push(key),
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
                Change::Put { bytes, .. } => Some((key.clone(), Notice::Written(bytes.clone()))),
                Change::Delete => Some((key.clone(), Notice::Gone)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(bytes: usize) -> Notice {
        Notice::Written(vec![b'x'; bytes])
    }

    #[test]
    fn the_last_word_about_a_work_counts_and_is_heard_once() {
        let notices = Notices::default();
        notices.add(vec![("work/a".into(), written(1)), ("work/b".into(), written(1))]);
        notices.add(vec![("work/a".into(), Notice::Gone)]);
        let noticed = notices.take();
        assert_eq!(noticed.gone, ["work/a"]);
        assert_eq!(noticed.written.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["work/b"]);
        let noticed = notices.take();
        assert!(noticed.gone.is_empty() && noticed.written.is_empty() && noticed.changed.is_empty());
    }

    #[test]
    fn of_more_than_is_kept_the_keys_remain() {
        let notices = Notices::default();
        for number in 0..20 {
            notices.add(vec![(format!("work/{number}"), written(1 << 20))]);
        }
        let noticed = notices.take();
        assert_eq!((noticed.written.len(), noticed.changed.len()), (16, 4));
        notices.add(vec![("work/0".into(), written(1))]);
        assert_eq!(notices.take().written.len(), 1);
    }
}
