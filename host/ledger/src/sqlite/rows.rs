//! What commits and purges do to the tables, inside the transaction of their group.

use countersign_core::ledger::{Change, Write};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use super::failure::{from_sql, limit_to_sql, to_sql};
use crate::contract::purge_horizon;
use crate::{Outcome, Purged};

/// The rows of a file within one transaction.
pub(super) struct Rows<'a> {
    connection: &'a Connection,
    before: Progress,
    progress: Progress,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Progress {
    sequence: i64,
    forgotten: i64,
}

impl<'a> Rows<'a> {
    /// At the beginning of every transaction anew: another process may have moved on.
    pub(super) fn read(connection: &'a Connection) -> rusqlite::Result<Self> {
        let progress = connection
            .prepare_cached("SELECT sequence, forgotten FROM progress")?
            .query_row([], |row| Ok(Progress { sequence: row.get(0)?, forgotten: row.get(1)? }))?;
        Ok(Self { connection, before: progress, progress })
    }

    /// At its end.
    pub(super) fn finish(self) -> rusqlite::Result<()> {
        if self.progress != self.before {
            let Progress { sequence, forgotten } = self.progress;
            self.run("UPDATE progress SET sequence = ?1, forgotten = ?2", [sequence, forgotten])?;
        }
        Ok(())
    }

    /// Looks at everything before it writes anything, so a conflict has nothing to undo.
    pub(super) fn commit(&mut self, writes: &[Write]) -> rusqlite::Result<Outcome> {
        let mut version = self.connection.prepare_cached("SELECT version FROM rows WHERE key = ?1")?;
        for write in writes {
            let found: Option<i64> = version.query_row([&write.key], |row| row.get(0)).optional()?;
            if found.map(from_sql) != write.expect {
                return Ok(Outcome::Conflict);
            }
        }
        for write in writes {
            match (&write.change, write.expect) {
                (Change::Check, _) | (Change::Delete, None) => {}
                (Change::Put { bytes, expires_at }, _) => {
                    let sequence = self.progress.next()?;
                    self.run(
                        "REPLACE INTO rows (version, key, value, expires_at) VALUES (?1, ?2, ?3, ?4)",
                        params![sequence, write.key, bytes, expires_at.map(to_sql)],
                    )?;
                }
                (Change::Delete, Some(version)) => {
                    let sequence = self.progress.next()?;
                    self.run("DELETE FROM rows WHERE version = ?1", [to_sql(version)])?;
                    self.run(
                        "INSERT INTO deletes (version, key) VALUES (?1, ?2)",
                        params![sequence, write.key],
                    )?;
                }
            }
        }
        Ok(Outcome::Committed)
    }

    pub(super) fn purge(&mut self, now: u64, limit: usize) -> rusqlite::Result<Purged> {
        let mut removed = 0;
        if let Some(horizon) = purge_horizon(now).map(to_sql) {
            removed = self.purge_expired(horizon, limit)?;
            let rest = limit.saturating_sub(removed);
            removed = removed.saturating_add(self.purge_deletes(horizon, rest)?);
        }
        self.run(
            "INSERT INTO purges (version, seen_at)
             SELECT last, ?1 FROM (SELECT max(version) AS last FROM deletes)
             WHERE last > (SELECT coalesce(max(version), 0) FROM purges)",
            [to_sql(now)],
        )?;
        Ok(Purged { removed, more: limit > 0 && removed == limit })
    }

    fn purge_expired(&self, horizon: i64, limit: usize) -> rusqlite::Result<usize> {
        self.run(
            "DELETE FROM rows WHERE version IN (
                 SELECT version FROM rows WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2
             )",
            [horizon, limit_to_sql(limit)],
        )
    }

    /// Those that a purge before the horizon has already seen, the oldest first.
    fn purge_deletes(&mut self, horizon: i64, limit: usize) -> rusqlite::Result<usize> {
        let seen = self.highest("SELECT max(version) FROM purges WHERE seen_at < ?1", [horizon])?;
        let Some(seen) = seen else { return Ok(0) };
        let last = self.highest(
            "SELECT max(version) FROM (
                 SELECT version FROM deletes WHERE version <= ?1 ORDER BY version LIMIT ?2
             )",
            [seen, limit_to_sql(limit)],
        )?;
        let Some(last) = last else { return Ok(0) };
        let removed = self.run("DELETE FROM deletes WHERE version <= ?1", [last])?;
        // The newest mark stays: it says which deletes need no new one.
        self.run(
            "DELETE FROM purges WHERE version <= ?1 AND version < (SELECT max(version) FROM purges)",
            [last],
        )?;
        self.progress.forgotten = self.progress.forgotten.max(last);
        Ok(removed)
    }

    fn highest(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<Option<i64>> {
        self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))
    }

    fn run(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(parameters)
    }
}

impl Progress {
    fn next(&mut self) -> rusqlite::Result<i64> {
        let spent = rusqlite::Error::IntegralValueOutOfRange(0, i64::MAX);
        self.sequence = self.sequence.checked_add(1).ok_or(spent)?;
        Ok(self.sequence)
    }
}
