//! Rows in one SQLite file.
//!
//! One thread writes. It takes all commits that wait and makes them one transaction: each is checked against the rows
//! as its predecessors in the group left them and succeeds or conflicts alone, then one write to the disk makes all of
//! them durable, and only then anyone is answered. A few threads read, each from a snapshot of its own, and never wait
//! for the writer.
//!
//! Several processes may share the file, on one machine: the write lock is SQLite's, and sequence numbers are drawn
//! inside the transaction. Not on a network file system, whose locks and shared memory do not hold.

mod failure;
mod file;
mod place;
mod reader;
mod rows;
mod schema;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use countersign_core::ledger::{Row, Write};
use tokio::sync::oneshot;

use crate::contract::{arrange, check_keys, check_prefix};
use crate::{Changes, Limit, OpenError, Outcome, Page, Purged, Reply, Store, StoreError};
use reader::Read;
use writer::{Counters, Task};

/// How a file is used. The defaults suit a gateway.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// Whether a file that does not exist, or is empty, becomes a new ledger. Default: it does.
    pub create: bool,
    /// Reading threads; at least one. Default: 2.
    pub readers: usize,
    /// How long to wait for the lock of another process before answering [`StoreError::Unavailable`]. Default: 5 s.
    pub busy_timeout: Duration,
    /// Most commits in one transaction; 1: no grouping. Default: 512.
    pub group: usize,
    /// Calls that may wait, for reading and for writing each; beyond it they are refused at once. Default: 8 192.
    pub queue: usize,
    /// The file does not grow beyond this; commits that need more are answered [`StoreError::Unavailable`]. The
    /// write-ahead log beside it is not counted. Default: no limit.
    pub max_bytes: Option<u64>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            create: true,
            readers: 2,
            busy_timeout: Duration::from_secs(5),
            group: 512,
            queue: 8_192,
            max_bytes: None,
        }
    }
}

/// What the writer has done since the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteStats {
    /// Commits answered [`Outcome::Committed`].
    pub committed: u64,
    /// Commits answered [`Outcome::Conflict`].
    pub conflicts: u64,
    /// Transactions that carried them; fewer than commits when commits arrive together.
    pub transactions: u64,
}

/// A store in one file. Dropping it waits until everything handed over has been answered and the file is closed.
pub struct SqliteStore {
    reads: Pool<Read>,
    writes: Pool<Task>,
    counters: Arc<Counters>,
    is_new: bool,
}

/// Threads that work through one queue. Fields of the store are dropped in order, so the writer closes the file last:
/// only the last connection can put the log back into the file.
struct Pool<T> {
    /// `None` only while dropping: the threads end when the queue is empty and gone.
    queue: Option<SyncSender<T>>,
    threads: Vec<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the file, creates it where it is missing and may be, and brings its schema up to date.
    pub fn open(file: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let (write, writes) = sync_channel(options.queue.max(1));
        let (read, reads) = sync_channel(options.queue.max(1));
        let file::Writer { connection, place, is_new } = file::open(file, options)?;
        let place = Arc::new(place);
        let counters = Arc::new(Counters::default());
        let mut store = Self {
            reads: Pool { queue: Some(read), threads: Vec::new() },
            writes: Pool { queue: Some(write), threads: Vec::new() },
            counters: Arc::clone(&counters),
            is_new,
        };
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let failed = |error: std::io::Error| file::failed(file, error.to_string());
            std::thread::Builder::new().name(name.into()).spawn(work).map_err(failed)
        };
        let writing = options.clone();
        let written = Arc::clone(&place);
        let work = Box::new(move || writer::run(&connection, &writes, &writing, &written, &counters));
        store.writes.threads.push(spawn("ledger-write", work)?);
        let reads = reader::share(reads);
        for _ in 0..options.readers.max(1) {
            let connection = file::open_reader(file, options)?;
            let (reads, place) = (Arc::clone(&reads), Arc::clone(&place));
            store
                .reads
                .threads
                .push(spawn("ledger-read", Box::new(move || reader::run(&connection, &reads, &place)))?);
        }
        Ok(store)
    }

    /// Whether there was no ledger in the file before it was opened.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// What the writer has done since [`open`](Self::open).
    pub fn stats(&self) -> SqliteStats {
        self.counters.read()
    }
}

impl<J> Pool<J> {
    /// Puts the job into the queue; `lost` is the answer should its thread vanish with it.
    fn ask<T: Send + 'static>(&self, job: impl FnOnce(Answer<T>) -> J, lost: fn() -> StoreError) -> Reply<T> {
        let Some(queue) = &self.queue else { return refuse(closed()) };
        let (answer, reply) = oneshot::channel();
        match queue.try_send(job(answer)) {
            Ok(()) => Box::pin(async move { reply.await.unwrap_or_else(|_| Err(lost())) }),
            Err(TrySendError::Full(_)) => refuse(full()),
            Err(TrySendError::Disconnected(_)) => refuse(closed()),
        }
    }
}

impl<J> Drop for Pool<J> {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            drop(thread.join()); // an error is a panic of the thread, and its callers have been answered
        }
    }
}

impl Store for SqliteStore {
    fn load(&self, keys: Vec<String>) -> Reply<Vec<Row>> {
        match check_keys(&keys) {
            Ok(()) => self.reads.ask(|answer| Read::Load { keys, answer }, closed),
            Err(misuse) => refuse(misuse.into()),
        }
    }

    fn commit(&self, writes: Vec<Write>) -> Reply<Outcome> {
        match arrange(writes) {
            Ok(writes) if writes.is_empty() => Box::pin(std::future::ready(Ok(Outcome::Committed))),
            Ok(writes) => self.writes.ask(|answer| Task::Commit { writes, answer }, vanished),
            Err(misuse) => refuse(misuse.into()),
        }
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: Limit) -> Reply<Page> {
        match check_prefix(prefix) {
            Ok(()) => {
                let (prefix, after) = (prefix.into(), after.map(str::to_owned));
                self.reads.ask(|answer| Read::Scan { prefix, after, limit, answer }, closed)
            }
            Err(misuse) => refuse(misuse.into()),
        }
    }

    fn changes(&self, after: u64, limit: Limit) -> Reply<Changes> {
        self.reads.ask(|answer| Read::Changes { after, limit, answer }, closed)
    }

    fn purge(&self, now: u64, limit: usize) -> Reply<Purged> {
        self.writes.ask(|answer| Task::Purge { now, limit, answer }, closed)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SqliteStore").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

/// Where a thread puts its answer. Nobody may be listening any more, which is nobody's concern.
type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

fn refuse<T: Send + 'static>(error: StoreError) -> Reply<T> {
    Box::pin(std::future::ready(Err(error)))
}

fn full() -> StoreError {
    StoreError::Unavailable { reason: "too many calls are waiting".into() }
}

fn closed() -> StoreError {
    StoreError::Unavailable { reason: "the threads of the store have ended".into() }
}

fn vanished() -> StoreError {
    StoreError::Unknown { reason: "the writer ended before it answered".into() }
}
