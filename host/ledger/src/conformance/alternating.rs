//! Several handles on the same rows, used in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use countersign_core::ledger::{Row, Write};

use crate::{Changes, Limit, Outcome, Page, Purged, Reply, Store};

/// Sends every call to the next handle, so that a rule for one store is a rule for several gateways on one database.
pub struct Alternating {
    handles: Vec<Arc<dyn Store>>,
    calls: AtomicUsize,
}

impl Alternating {
    /// At least one handle; all on the same rows.
    pub fn new(handles: Vec<Arc<dyn Store>>) -> Self {
        assert!(!handles.is_empty(), "no handle");
        Self { handles, calls: AtomicUsize::new(0) }
    }

    fn next(&self) -> &Arc<dyn Store> {
        &self.handles[self.calls.fetch_add(1, Relaxed) % self.handles.len()]
    }
}

impl Store for Alternating {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        self.next().load(keys)
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        self.next().commit(writes)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        self.next().scan(prefix, after, limit)
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        self.next().changes(after, limit)
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        self.next().purge(now, limit)
    }
}
