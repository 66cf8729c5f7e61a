//! Loads and commits, as every loop of the gate makes them.

use std::fmt;

use countersign_core::ReasonCode;
use countersign_core::ledger::{Row, Write};
use countersign_ledger::{Outcome, Store, StoreError};
use countersign_runtime::SellerError;

/// Why the ledger could not be read or written.
#[derive(Debug)]
pub enum LedgerError {
    /// The store cannot be reached, or refused the rows.
    Store(StoreError),
    /// The core or the engine failed.
    Seller(SellerError),
    /// Too many rounds, or too many rivals.
    Conflicts,
    /// The core gave no answer where it must.
    Defect,
}

impl LedgerError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Store(error) => error.code(),
            Self::Seller(error) => error.code(),
            Self::Conflicts => ReasonCode::TooManyConflicts.code(),
            Self::Defect => ReasonCode::Internal.code(),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(out),
            Self::Seller(error) => error.fmt(out),
            Self::Conflicts => out.write_str(ReasonCode::TooManyConflicts.message()),
            Self::Defect => out.write_str(ReasonCode::Internal.message()),
        }
    }
}

impl std::error::Error for LedgerError {}

impl From<StoreError> for LedgerError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SellerError> for LedgerError {
    fn from(error: SellerError) -> Self {
        Self::Seller(error)
    }
}

/// Loads rows and puts them among the others; a row that was there already is replaced.
pub(crate) async fn load(
    store: &dyn Store,
    keys: Vec<String>,
    rows: &mut Vec<Row>,
) -> Result<(), StoreError> {
    let loaded = store.load(keys).await?;
    rows.retain(|row| loaded.iter().all(|new| new.key != row.key));
    rows.extend(loaded);
    Ok(())
}

/// Commits; `false` means load and decide again: a rival was faster, or nobody knows.
pub(crate) async fn commit(store: &dyn Store, writes: Vec<Write>) -> Result<bool, StoreError> {
    // A commit of nothing but checks guards an answer just the same.
    if writes.is_empty() {
        return Ok(true);
    }
    match store.commit(writes).await {
        Ok(Outcome::Committed) => Ok(true),
        Ok(Outcome::Conflict) | Err(StoreError::Unknown { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}
