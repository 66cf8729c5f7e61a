//! Opening the file: permissions, durability, limits.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::failure::{is_busy, reason};
use super::place::Place;
use super::schema::{Owner, migrate, owner};
use super::{SqliteOptions, failure};
use crate::OpenError;

/// What the writer begins with.
pub(super) struct Writer {
    /// With the schema in place.
    pub(super) connection: Connection,
    pub(super) place: Place,
    /// There was no ledger before.
    pub(super) is_new: bool,
}

/// Opens the file for the writer.
pub(super) fn open(file: &Path, options: &SqliteOptions) -> Result<Writer, OpenError> {
    if let Some(folder) = file.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        return Err(OpenError::MissingFolder { folder: folder.into() });
    }
    match std::fs::metadata(file) {
        Ok(found) if !found.is_file() => return Err(OpenError::NotAFile { file: file.into() }),
        Err(error) if error.kind() == ErrorKind::NotFound && !options.create => {
            return Err(OpenError::MissingFile { file: file.into() });
        }
        // Whatever else is wrong shows when it is opened.
        _ => {}
    }
    if options.create {
        create(file)?;
    }
    let mut connection = connect(file, options)?;
    if connection.is_readonly("main").map_err(|error| explain(file, &error))? {
        return Err(OpenError::ReadOnly { file: file.into() });
    }
    let owner =
        patiently(options.busy_timeout, || owner(&connection)).map_err(|error| explain(file, &error))?;
    let is_new = matches!(owner, Owner::Nobody);
    match owner {
        Owner::Nobody if !options.create => return Err(OpenError::MissingFile { file: file.into() }),
        Owner::Nobody | Owner::Us => {}
        Owner::Successor { found, known } => {
            return Err(OpenError::NewerSchema { file: file.into(), found, known });
        }
        Owner::Stranger => return Err(OpenError::ForeignFile { file: file.into() }),
    }
    let mode: String = patiently(options.busy_timeout, || {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
    })
    .map_err(|error| explain(file, &error))?;
    if mode != "wal" {
        return Err(failed(file, format!("its file system allows no write-ahead log (journal mode {mode})")));
    }
    prepare_writer(&mut connection, options).map_err(|error| explain(file, &error))?;
    let place = Place::of(file).map_err(|error| failed(file, error.to_string()))?;
    Ok(Writer { connection, place, is_new })
}

/// A connection that refuses to write.
pub(super) fn open_reader(file: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    let connection = connect(file, options)?;
    connection.pragma_update(None, "query_only", true).map_err(|error| explain(file, &error))?;
    Ok(connection)
}

pub(super) fn failed(file: &Path, reason: String) -> OpenError {
    OpenError::Failed { file: file.into(), reason }
}

/// The ledger holds customers' data: only its owner reads it. SQLite gives its companion files the same permissions.
fn create(file: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed(file, error.to_string())),
    }
}

fn connect(file: &Path, options: &SqliteOptions) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connect = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(file, flags)?;
        connection.busy_timeout(options.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.pragma_update(None, "cache_size", -16_384)?; // KiB
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?; // damage is noticed when a page is read
        // What a row said is overwritten when the row goes: contact data stand in works while they are owed, and no longer.
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        Ok(connection)
    };
    connect().map_err(|error| explain(file, &error))
}

fn prepare_writer(connection: &mut Connection, options: &SqliteOptions) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "FULL")?; // the log reaches the disk before a commit is answered
    connection.pragma_update(None, "fullfsync", true)?; // on macOS a plain fsync stops at the drive's cache
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?; // pages: the log is about 16 MiB in steady state
    connection.pragma_update(None, "journal_size_limit", 64 * 1_024 * 1_024)?; // bytes kept after a burst
    migrate(connection)?;
    if let Some(bytes) = options.max_bytes {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = failure::to_sql(bytes).checked_div(page).unwrap_or(i64::MAX).max(1);
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    connection.busy_timeout(Duration::ZERO)?; // from here on the writer waits in its own way
    connection.query_row("SELECT sequence FROM progress", [], |_| Ok(()))
}

/// Tries again every millisecond while somebody else holds the lock.
///
/// SQLite's own waiting sleeps ever longer, up to 100 ms, and starves beside a process that writes without a pause; and
/// it is not asked at all while the journal mode changes.
pub(super) fn patiently<T>(
    timeout: Duration,
    mut attempt: impl FnMut() -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let started = Instant::now();
    loop {
        match attempt() {
            Err(error) if is_busy(&error) && started.elapsed() < timeout => {
                std::thread::sleep(Duration::from_millis(1));
            }
            result => return result,
        }
    }
}

fn explain(file: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::NotADatabase { file: file.into() }
        }
        Some(ErrorCode::ReadOnly) => OpenError::ReadOnly { file: file.into() },
        _ => failed(file, reason(error)),
    }
}
