//! The thread that writes: it turns the commits that wait into one transaction.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use countersign_core::ledger::{Change, Write};
use rusqlite::Connection;

use super::failure::{is_busy, unavailable, unknown};
use super::file::patiently;
use super::place::Place;
use super::rows::Rows;
use super::{Answer, SqliteOptions, SqliteStats};
use crate::{Outcome, Purged, StoreError};

/// No group carries much more than this: what waits behind it should not wait long. Bytes.
const GROUP_BYTES: usize = 8 * 1_024 * 1_024;

/// What the writer is asked to do.
pub(super) enum Task {
    /// Checked and sorted.
    Commit {
        writes: Vec<Write>,
        answer: Answer<Outcome>,
    },
    Purge {
        now: u64,
        limit: usize,
        answer: Answer<Purged>,
    },
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    committed: AtomicU64,
    conflicts: AtomicU64,
    transactions: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self) -> SqliteStats {
        SqliteStats {
            committed: self.committed.load(Relaxed),
            conflicts: self.conflicts.load(Relaxed),
            transactions: self.transactions.load(Relaxed),
        }
    }
}

/// Until the store is dropped and the queue is empty.
pub(super) fn run(
    connection: &Connection,
    tasks: &Receiver<Task>,
    options: &SqliteOptions,
    place: &Place,
    counters: &Counters,
) {
    let writer = Writer { connection, patience: options.busy_timeout, place, counters };
    while let Ok(first) = tasks.recv() {
        // Nobody is made to wait for a fuller group: while one is written to the disk, the next one gathers by itself.
        let mut bytes = first.bytes();
        let mut group = vec![first];
        while group.len() < options.group
            && bytes < GROUP_BYTES
            && let Ok(task) = tasks.try_recv()
        {
            bytes = bytes.saturating_add(task.bytes());
            group.push(task);
        }
        writer.settle(group);
    }
}

impl Task {
    fn bytes(&self) -> usize {
        match self {
            Self::Commit { writes, .. } => writes.iter().fold(0, |sum, write| match &write.change {
                Change::Put { bytes, .. } => sum.saturating_add(bytes.len()),
                Change::Check | Change::Delete => sum,
            }),
            Self::Purge { .. } => 0,
        }
    }

    fn fail(self, error: StoreError) {
        match self {
            Self::Commit { answer, .. } => drop(answer.send(Err(error))),
            Self::Purge { answer, .. } => drop(answer.send(Err(error))),
        }
    }

    fn succeed(self, result: TaskResult) {
        match (self, result) {
            (Self::Commit { answer, .. }, TaskResult::Commit(outcome)) => drop(answer.send(Ok(outcome))),
            (Self::Purge { answer, .. }, TaskResult::Purge(purged)) => drop(answer.send(Ok(purged))),
            // Not reachable; a dropped answer reads as unknown, which is always safe.
            (Self::Commit { .. } | Self::Purge { .. }, _) => {}
        }
    }
}

#[derive(Clone, Copy)]
enum TaskResult {
    Commit(Outcome),
    Purge(Purged),
}

/// Why a transaction did not come to its end.
enum Setback {
    /// It never began: the lock is somebody else's, or the file is out of reach.
    Before(StoreError),
    /// A statement failed and everything was rolled back. One task alone may be the cause.
    Within(StoreError),
    /// The disk was asked to keep it and did not say yes: after a crash it may turn out to be there.
    AtTheEnd(StoreError),
}

struct Writer<'a> {
    connection: &'a Connection,
    /// How long another process may hold the lock.
    patience: Duration,
    place: &'a Place,
    counters: &'a Counters,
}

impl Writer<'_> {
    fn settle(&self, mut group: Vec<Task>) {
        let error = match self.transact(&group) {
            Ok(results) => {
                for (task, result) in group.into_iter().zip(results) {
                    self.count(result);
                    task.succeed(result);
                }
                return;
            }
            // Nothing was written: let each stand for itself, so that one that cannot succeed harms no other.
            Err(Setback::Within(_)) if group.len() > 1 => {
                return group.drain(..).for_each(|task| self.settle(vec![task]));
            }
            Err(Setback::Before(error) | Setback::Within(error) | Setback::AtTheEnd(error)) => error,
        };
        for task in group {
            task.fail(error.clone());
        }
    }

    fn count(&self, result: TaskResult) {
        match result {
            TaskResult::Commit(Outcome::Committed) => self.counters.committed.fetch_add(1, Relaxed),
            TaskResult::Commit(Outcome::Conflict) => self.counters.conflicts.fetch_add(1, Relaxed),
            TaskResult::Purge(_) => 0,
        };
    }

    fn transact(&self, group: &[Task]) -> Result<Vec<TaskResult>, Setback> {
        self.place.check().map_err(Setback::Before)?;
        self.roll_back(); // a rollback that once failed must not keep the next transaction from beginning
        patiently(self.patience, || self.run("BEGIN IMMEDIATE"))
            .map_err(|error| Setback::Before(unavailable(&error)))?;
        let results = self.perform(group).map_err(|error| {
            self.roll_back();
            Setback::Within(unavailable(&error))
        })?;
        match self.run("COMMIT") {
            Ok(()) => {
                self.counters.transactions.fetch_add(1, Relaxed);
                Ok(results)
            }
            Err(error) if is_busy(&error) && self.roll_back() => Err(Setback::Before(unavailable(&error))),
            Err(error) => {
                self.roll_back();
                Err(Setback::AtTheEnd(unknown(&error)))
            }
        }
    }

    /// Whether no transaction is open now. SQLite ends one by itself after some errors.
    fn roll_back(&self) -> bool {
        self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok()
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute([]).map(|_| ())
    }

    /// In the order of arrival; a later commit sees the rows of the earlier ones.
    fn perform(&self, group: &[Task]) -> rusqlite::Result<Vec<TaskResult>> {
        let mut rows = Rows::read(self.connection)?;
        let results = group.iter().map(|task| match task {
            Task::Commit { writes, .. } => rows.commit(writes).map(TaskResult::Commit),
            Task::Purge { now, limit, .. } => rows.purge(*now, *limit).map(TaskResult::Purge),
        });
        let results = results.collect::<rusqlite::Result<_>>()?;
        rows.finish()?;
        Ok(results)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::mpsc::sync_channel;

    use tokio::sync::oneshot;

    use super::*;
    use crate::sqlite::file;

    fn open(folder: &tempfile::TempDir) -> Connection {
        file::open(&folder.path().join("ledger.db"), &SqliteOptions::default()).unwrap().connection
    }

    fn put(key: &str) -> Vec<Write> {
        let change = Change::Put { bytes: b"x".to_vec(), expires_at: None };
        vec![Write { key: key.into(), expect: None, change }]
    }

    /// Hands all commits to a writer at once.
    fn write(connection: &Connection, keys: &[&str]) -> Vec<Result<Outcome, StoreError>> {
        let (queue, tasks) = sync_channel(16);
        let mut replies = Vec::new();
        for key in keys {
            let (answer, reply) = oneshot::channel();
            queue.send(Task::Commit { writes: put(key), answer }).ok().unwrap();
            replies.push(reply);
        }
        drop(queue);
        let place = Place::of(Path::new(connection.path().unwrap())).unwrap();
        run(connection, &tasks, &SqliteOptions::default(), &place, &Counters::default());
        replies.into_iter().map(|mut reply| reply.try_recv().unwrap()).collect()
    }

    #[test]
    fn a_commit_that_fails_at_its_very_end_is_unknown_to_all_of_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder);
        connection
            .execute_batch(
                "PRAGMA foreign_keys = ON;
                 CREATE TABLE parent (id INTEGER PRIMARY KEY);
                 CREATE TABLE child (parent REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
                 CREATE TRIGGER orphan AFTER INSERT ON rows BEGIN INSERT INTO child VALUES (7); END;",
            )
            .unwrap();
        for answer in write(&connection, &["a", "b"]) {
            assert_eq!(answer.map_err(|error| error.code()), Err("commit-unknown"));
        }
        connection.execute_batch("DROP TRIGGER orphan").unwrap();
        assert_eq!(write(&connection, &["a", "b"]), [Ok(Outcome::Committed), Ok(Outcome::Committed)]);
    }

    #[test]
    fn a_transaction_left_open_does_not_stop_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder);
        connection.execute_batch("BEGIN; UPDATE progress SET sequence = 99").unwrap();
        assert_eq!(write(&connection, &["a"]), [Ok(Outcome::Committed)]);
        let version: i64 = connection.query_row("SELECT version FROM rows", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
    }

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder);
        let setting = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(setting("synchronous"), 2, "FULL");
        assert_eq!(setting("fullfsync"), 1);
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn no_statement_reads_the_whole_table() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder);
        for sql in [
            "SELECT version FROM rows WHERE key = ?1",
            "SELECT version, value FROM rows WHERE key = ?1",
            "SELECT key, version, value FROM rows WHERE key > ?1 ORDER BY key",
            "SELECT version FROM rows WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2",
            "SELECT version, key, value FROM rows WHERE version > ?1
             UNION ALL SELECT version, key, NULL FROM deletes WHERE version > ?1 ORDER BY version LIMIT ?2",
        ] {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let count = statement.parameter_count();
            let plan: Vec<String> = statement
                .query_map(rusqlite::params_from_iter(vec![0_i64; count]), |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            let slow = plan.iter().any(|step| step.starts_with("SCAN") || step.contains("TEMP B-TREE"));
            assert!(!slow, "{sql}: {plan:?}");
        }
    }
}
