//! A change of the ledger without a call of the platform, and what became of it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::Problem;
use crate::ledger::{Outcome, Settling};
use crate::reason::Reason;

/// A change to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeRequest {
    /// See [`Seller::report`](crate::Seller::report).
    Report {
        /// The effect id.
        effect: String,
        /// How it ended.
        outcome: Outcome,
    },
    /// See [`Seller::update_access`](crate::Seller::update_access).
    Access {
        /// The owner.
        product: String,
        /// The instance.
        instance: String,
        /// JSON.
        access: Vec<u8>,
    },
    /// See [`Seller::import_instance`](crate::Seller::import_instance).
    Import {
        /// Empty: the line names its own.
        product: String,
        /// JSON.
        line: Vec<u8>,
    },
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// A report: what it did to the ledger.
    Reported(Settling),
    /// It is durable.
    Committed,
    /// The ledger said so already.
    Unchanged,
    /// There is nothing to change.
    Unknown,
    /// It contradicts the ledger or its own table; nothing was changed.
    Refused(Vec<Problem>),
    /// The request cannot be taken as it is: why, and what it is about.
    Invalid(Reason),
    /// The store failed, or rivals never ended; the stable code of the cause.
    Failed(String),
}
