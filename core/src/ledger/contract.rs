//! What the core and a store say to each other. The store knows nothing of what the bytes mean.
//!
//! ```text
//! load(keys)                  -> one Row per key
//! commit(writes)              -> ok | conflict | unknown     atomic over all writes, durable before it returns
//! scan(prefix, after, limit)  -> rows in key order (bytes of the key, ascending)
//! changes(after, limit)       -> rows in commit order, without gaps
//! ```

use alloc::string::String;
use alloc::vec::Vec;

/// One row as the store gave it to the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Printable ASCII, at most 1 024 bytes.
    pub key: String,
    /// `None`: the store looked and there is no such row. Expired rows are returned as they are: the core judges.
    pub value: Option<Stored>,
}

/// The content of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The bytes that the core put there.
    pub bytes: Vec<u8>,
    /// Changes with every put of this key and never repeats for a key, not even after a delete.
    pub version: u64,
}

/// One entry of a commit. All entries of a commit hold or none does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// The key of the row.
    pub key: String,
    /// The version that the row must have at the moment of the commit; `None`: it must be absent.
    pub expect: Option<u64>,
    /// What becomes of the row.
    pub change: Change,
}

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The row stays as it is: the decision read it and holds only while it is so.
    Check,
    /// The row gets these bytes.
    Put {
        /// The new content.
        bytes: Vec<u8>,
        /// After this time (milliseconds, UTC) the row means nothing. A store deletes it no sooner than ten minutes later.
        expires_at: Option<u64>,
    },
    /// The row goes.
    Delete,
}
