//! What is in the file, and how an older file becomes a current one.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// "CSLG" in the file's header: this is a ledger of ours and not some other program's database.
const APPLICATION_ID: i32 = 0x4353_4c47;

/// One step per schema number; they are only ever appended to.
const MIGRATIONS: &[&str] = &[include_str!("001.sql")];

/// Whose file it is.
pub(super) enum Owner {
    /// Nothing is in it yet.
    Nobody,
    /// Ours, of this release or an earlier one.
    Us,
    /// Ours, of a later release.
    Successor { found: u32, known: u32 },
    /// Another program's.
    Stranger,
}

pub(super) fn owner(connection: &Connection) -> rusqlite::Result<Owner> {
    // One snapshot: another process may be creating the file between two looks at it.
    let snapshot = connection.unchecked_transaction()?;
    let (application, found) = header(&snapshot)?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if application == APPLICATION_ID {
        return Ok(if found > known { Owner::Successor { found, known } } else { Owner::Us });
    }
    let objects: i64 = snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(if application == 0 && found == 0 && objects == 0 { Owner::Nobody } else { Owner::Stranger })
}

/// Forward only. Two processes may try at once: the second finds the work done.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let (_, found) = header(&transaction)?;
    let mut number = found;
    for step in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        transaction.execute_batch(step)?;
        number = number.saturating_add(1);
    }
    if number > found {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", number)?;
    }
    transaction.commit()
}

fn header(connection: &Connection) -> rusqlite::Result<(i32, u32)> {
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((application, found))
}
