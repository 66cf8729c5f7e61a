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
    /// The store did not answer before the platform had to be answered.
    Late,
    /// The core gave no answer where it must.
    Defect,
}

impl LedgerError {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            // Who asks why a call failed is told of the store, whatever became of the commit.
            Self::Store(StoreError::Unknown { .. }) | Self::Late => ReasonCode::StoreUnavailable.code(),
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
            Self::Late => out.write_str("the store did not answer before the platform had to be answered"),
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

/// The rounds of one decision or settlement: each is a load, a question to the core and a commit.
#[derive(Debug)]
pub(crate) struct Rounds {
    left: usize,
    doubts: usize,
    /// Why the last commit did not hold; `None`: a rival was faster.
    cause: Option<StoreError>,
}

/// Commits of unknown fate that are tried again: a store that does not say what it did will not say it next time either.
const MAX_DOUBTS: usize = 3;

impl Rounds {
    /// So many at most.
    pub(crate) fn of(rounds: usize) -> Self {
        Self { left: rounds, doubts: 0, cause: None }
    }

    /// Begins the next one.
    ///
    /// # Errors
    /// What ended the last one, when there have been too many.
    pub(crate) fn next(&mut self) -> Result<(), LedgerError> {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => return Err(self.cause.take().map_or(LedgerError::Conflicts, LedgerError::Store)),
        }
        Ok(())
    }

    /// Commits; `false` means load and decide again: a rival was faster, or nobody knows.
    ///
    /// # Errors
    /// The store cannot commit, or has not said for several times whether it did.
    pub(crate) async fn commit(&mut self, store: &dyn Store, writes: Vec<Write>) -> Result<bool, StoreError> {
        // A commit of nothing but checks guards an answer just the same.
        if writes.is_empty() {
            return Ok(true);
        }
        match store.commit(writes).await {
            Ok(Outcome::Committed) => Ok(true),
            Ok(Outcome::Conflict) => {
                self.cause = None;
                Ok(false)
            }
            Err(error @ StoreError::Unknown { .. }) if self.doubts < MAX_DOUBTS => {
                self.doubts = self.doubts.saturating_add(1);
                self.cause = Some(error);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
