//! The threads that read.

use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_core::ledger::{Row, Stored};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Answer;
use super::failure::{from_sql, limit_to_sql, to_sql, unavailable};
use super::place::Place;
use crate::contract::Room;
use crate::{Changed, Changes, Limit, Page, StoreError};

/// One question.
pub(super) enum Read {
    Load { keys: Vec<String>, answer: Answer<Vec<Row>> },
    Scan { prefix: String, after: Option<String>, limit: Limit, answer: Answer<Page> },
    Changes { after: u64, limit: Limit, answer: Answer<Changes> },
}

/// One queue for all readers: whoever is free waits in it.
pub(super) type Reads = Arc<Mutex<Receiver<Read>>>;

pub(super) fn share(reads: Receiver<Read>) -> Reads {
    Arc::new(Mutex::new(reads))
}

/// Until the store is dropped.
pub(super) fn run(connection: &Connection, reads: &Reads, place: &Place) {
    loop {
        // Its own statement: the lock is free again before the work begins.
        let next = reads.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(read) = next else { return };
        match read {
            Read::Load { keys, answer } => {
                drop(answer.send(snapshot(connection, place, |it| load(it, keys))));
            }
            Read::Scan { prefix, after, limit, answer } => {
                drop(
                    answer.send(snapshot(connection, place, |it| scan(it, &prefix, after.as_deref(), limit))),
                );
            }
            Read::Changes { after, limit, answer } => {
                drop(answer.send(snapshot(connection, place, |it| changes(it, after, limit))));
            }
        }
    }
}

/// All statements inside see one moment. It begins after the question was asked, so it holds every commit that was
/// answered before.
fn snapshot<T>(
    connection: &Connection,
    place: &Place,
    read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    place.check()?;
    let inside = || {
        connection.prepare_cached("BEGIN")?.execute([])?;
        let result = read(connection);
        let end = connection.prepare_cached("COMMIT")?.execute([]);
        result.and_then(|value| end.map(|_| value))
    };
    inside().map_err(|error| {
        if !connection.is_autocommit() {
            drop(connection.execute_batch("ROLLBACK")); // the first error is the one to report
        }
        unavailable(&error)
    })
}

fn load(connection: &Connection, keys: Vec<String>) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached("SELECT version, value FROM rows WHERE key = ?1")?;
    keys.into_iter()
        .map(|key| {
            let value = statement
                .query_row([&key], |row| Ok(Stored { version: from_sql(row.get(0)?), bytes: row.get(1)? }))
                .optional()?;
            Ok(Row { key, value })
        })
        .collect()
}

fn scan(connection: &Connection, prefix: &str, after: Option<&str>, limit: Limit) -> rusqlite::Result<Page> {
    // The end of the prefix is found by looking, not by computing its successor: rows are produced one at a time.
    let after = after.filter(|after| *after >= prefix);
    let mut statement = connection.prepare_cached(match after {
        Some(_) => "SELECT key, version, value FROM rows WHERE key > ?1 ORDER BY key",
        None => "SELECT key, version, value FROM rows WHERE key >= ?1 ORDER BY key",
    })?;
    let mut cursor = statement.query([after.unwrap_or(prefix)])?;
    let (mut page, mut room) = (Page::default(), Room::new(limit));
    while let Some(row) = cursor.next()? {
        let key: String = row.get(0)?;
        if !key.starts_with(prefix) {
            break;
        }
        if !room.takes(&key, row.get_ref(2)?.as_blob()?.len()) {
            page.more = true;
            break;
        }
        page.rows
            .push(Row { key, value: Some(Stored { version: from_sql(row.get(1)?), bytes: row.get(2)? }) });
    }
    Ok(page)
}

fn changes(connection: &Connection, after: u64, limit: Limit) -> rusqlite::Result<Changes> {
    let forgotten =
        connection.prepare_cached("SELECT forgotten FROM progress")?.query_row([], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(
        "SELECT version, key, value FROM rows WHERE version > ?1
         UNION ALL SELECT version, key, NULL FROM deletes WHERE version > ?1
         ORDER BY version LIMIT ?2",
    )?;
    let mut cursor = statement.query(params![to_sql(after), limit_to_sql(limit.rows)])?;
    let (mut entries, mut room) = (Vec::new(), Room::new(limit));
    while let Some(row) = cursor.next()? {
        let key: String = row.get(1)?;
        if !room.takes(&key, row.get_ref(2)?.as_blob_or_null()?.map_or(0, <[u8]>::len)) {
            break;
        }
        let sequence = from_sql(row.get(0)?);
        let bytes: Option<Vec<u8>> = row.get(2)?;
        let value = bytes.map(|bytes| Stored { bytes, version: sequence });
        entries.push(Changed { sequence, row: Row { key, value } });
    }
    Ok(Changes { entries, forgotten: from_sql(forgotten) })
}
