//! SQLite's errors in the words of the contract.

use rusqlite::{Error, ErrorCode};

use crate::StoreError;

pub(super) fn unavailable(error: &Error) -> StoreError {
    StoreError::Unavailable { reason: reason(error) }
}

pub(super) fn unknown(error: &Error) -> StoreError {
    StoreError::Unknown { reason: reason(error) }
}

pub(super) fn reason(error: &Error) -> String {
    match error.sqlite_error() {
        Some(code) => format!("sqlite {}: {error}", code.extended_code),
        None => error.to_string(),
    }
}

/// Somebody else holds the lock.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// A number of the contract as SQLite keeps it. Beyond 2^63 - 1 lies no version and no date that matters.
pub(super) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The store writes no negative number where this reads.
pub(super) fn from_sql(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

pub(super) fn limit_to_sql(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
