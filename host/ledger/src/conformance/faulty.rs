//! A store that fails on request, to see what its users make of it.

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use countersign_core::ledger::{Row, Write};

use crate::{Changes, Limit, Outcome, Page, Purged, Reply, Store, StoreError};

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is done, and the caller is told so.
    Unavailable,
    /// Nothing is done, as if a row were not as expected. For calls other than commits: unavailable.
    Conflict,
    /// Nothing is done, and the caller cannot know. For calls other than commits: unavailable.
    UnknownUndone,
    /// It is done if the rows are as expected, and the caller cannot know. For calls other than commits: unavailable.
    UnknownDone,
}

/// A call about to be made. Loads and commits are numbered from 1, each kind by itself.
#[derive(Debug, Clone, Copy)]
pub enum Call<'a> {
    /// `load`
    Load {
        /// 1 for the first load.
        number: u64,
        /// What it asks for.
        keys: &'a [String],
    },
    /// `commit`
    Commit {
        /// 1 for the first commit.
        number: u64,
        /// What it writes.
        writes: &'a [Write],
    },
    /// `scan`
    Scan,
    /// `changes`
    Changes,
    /// `purge`
    Purge,
}

type Choose = dyn Fn(Call<'_>) -> Option<Fault> + Send + Sync;

/// A store whose chosen calls fail.
pub struct Faulty {
    store: Arc<dyn Store>,
    choose: Box<Choose>,
    loads: AtomicU64,
    commits: AtomicU64,
}

impl Faulty {
    /// `choose` says of every call how it fails; `None`: it does not.
    pub fn new(
        store: Arc<dyn Store>,
        choose: impl Fn(Call<'_>) -> Option<Fault> + Send + Sync + 'static,
    ) -> Self {
        Self { store, choose: Box::new(choose), loads: AtomicU64::new(0), commits: AtomicU64::new(0) }
    }

    /// Only this commit fails; the first one is number 1.
    pub fn commit_number(store: Arc<dyn Store>, chosen: u64, fault: Fault) -> Self {
        Self::new(store, move |call| {
            matches!(call, Call::Commit { number, .. } if number == chosen).then_some(fault)
        })
    }

    /// How many commits were asked for so far, failed ones included.
    pub fn commits(&self) -> u64 {
        self.commits.load(Relaxed)
    }

    /// How many loads were asked for so far, failed ones included.
    pub fn loads(&self) -> u64 {
        self.loads.load(Relaxed)
    }
}

impl Store for Faulty {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        let number = self.loads.fetch_add(1, Relaxed) + 1;
        match (self.choose)(Call::Load { number, keys: &keys }) {
            None => self.store.load(keys),
            Some(_) => fail(unavailable()),
        }
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        let number = self.commits.fetch_add(1, Relaxed) + 1;
        match (self.choose)(Call::Commit { number, writes: &writes }) {
            None => self.store.commit(writes),
            Some(Fault::Unavailable) => fail(unavailable()),
            Some(Fault::Conflict) => Box::pin(ready(Ok(Outcome::Conflict))),
            Some(Fault::UnknownUndone) => fail(unknown()),
            Some(Fault::UnknownDone) => {
                let commit = self.store.commit(writes);
                Box::pin(async { commit.await.and_then(|_| Err(unknown())) })
            }
        }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        match (self.choose)(Call::Scan) {
            None => self.store.scan(prefix, after, limit),
            Some(_) => fail(unavailable()),
        }
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        match (self.choose)(Call::Changes) {
            None => self.store.changes(after, limit),
            Some(_) => fail(unavailable()),
        }
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        match (self.choose)(Call::Purge) {
            None => self.store.purge(now, limit),
            Some(_) => fail(unavailable()),
        }
    }
}

fn fail<T: Send + 'static>(error: StoreError) -> Reply<T> {
    Box::pin(ready(Err(error)))
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { reason: "as the test asked".into() }
}

fn unknown() -> StoreError {
    StoreError::Unknown { reason: "as the test asked".into() }
}
