//! What can go wrong, as data.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use countersign_core::ReasonCode;

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The call breaks the contract. Nothing was done, and a repetition fails in the same way.
    Misuse(MisuseError),
    /// Nothing was done. It may work later.
    Unavailable {
        /// For the operator; holds no values of rows.
        reason: String,
    },
    /// The commit may have happened or not. Load and decide again.
    Unknown {
        /// For the operator; holds no values of rows.
        reason: String,
    },
}

impl StoreError {
    /// Stable; what tests and logs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Misuse(error) => error.code(),
            Self::Unavailable { .. } => ReasonCode::StoreUnavailable.code(),
            Self::Unknown { .. } => "commit-unknown",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse(error) => error.fmt(out),
            Self::Unavailable { reason } => write!(out, "the store is unavailable: {reason}"),
            Self::Unknown { reason } => write!(out, "whether the commit happened is unknown: {reason}"),
        }
    }
}

impl Error for StoreError {}

impl From<MisuseError> for StoreError {
    fn from(error: MisuseError) -> Self {
        Self::Misuse(error)
    }
}

/// A call that no store accepts: a defect of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MisuseError {
    /// Empty, too long, or with a byte outside printable ASCII. The key is not repeated here.
    MalformedKey,
    /// More than [`MAX_VALUE_BYTES`](crate::MAX_VALUE_BYTES).
    OversizedValue {
        /// Of which row.
        key: String,
        /// Its length.
        bytes: usize,
    },
    /// A commit names a row twice.
    DuplicateKey {
        /// Which row.
        key: String,
    },
}

impl MisuseError {
    /// Stable; what tests and logs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::MalformedKey => "malformed-key",
            Self::OversizedValue { .. } => "oversized-value",
            Self::DuplicateKey { .. } => "duplicate-key",
        }
    }
}

impl fmt::Display for MisuseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedKey => {
                write!(out, "a key is not between 1 and {} bytes of printable ascii", crate::MAX_KEY_BYTES)
            }
            Self::OversizedValue { key, bytes } => {
                write!(out, "the value of {key} has {bytes} bytes, more than {}", crate::MAX_VALUE_BYTES)
            }
            Self::DuplicateKey { key } => write!(out, "the commit names {key} twice"),
        }
    }
}

impl Error for MisuseError {}

/// Why a store could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// The address begins with no scheme that this build knows. The rest of the address may hold a password and is not
    /// repeated.
    UnknownScheme {
        /// What stands before the colon; empty without a colon.
        scheme: String,
    },
    /// The scheme is known, what follows is not.
    MalformedAddress {
        /// The right spelling. Holds nothing that may be a password.
        expected: String,
    },
    /// The folder of the file does not exist. It is not created: a misspelt path would start an empty ledger.
    MissingFolder {
        /// Which one.
        folder: PathBuf,
    },
    /// There is no ledger in this file, and none is to be created: it does not exist, or is empty.
    MissingFile {
        /// Which one.
        file: PathBuf,
    },
    /// The path is a folder, a device or a socket.
    NotAFile {
        /// Which one.
        file: PathBuf,
    },
    /// The file is not an SQLite database, or is damaged.
    NotADatabase {
        /// Which one.
        file: PathBuf,
    },
    /// The file is an SQLite database of another program.
    ForeignFile {
        /// Which one.
        file: PathBuf,
    },
    /// The file was written by a later release.
    NewerSchema {
        /// Which one.
        file: PathBuf,
        /// The schema number in the file.
        found: u32,
        /// The highest number that this build knows.
        known: u32,
    },
    /// The file may not be written.
    ReadOnly {
        /// Which one.
        file: PathBuf,
    },
    /// Anything else: permissions, locks, a full disk, a file system without shared memory.
    Failed {
        /// Which file.
        file: PathBuf,
        /// For the operator.
        reason: String,
    },
}

impl OpenError {
    /// Stable; what tests and logs match on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownScheme { .. } => "unknown-scheme",
            Self::MalformedAddress { .. } => "malformed-address",
            Self::MissingFolder { .. } => "missing-folder",
            Self::MissingFile { .. } => "missing-file",
            Self::NotAFile { .. } => "not-a-file",
            Self::NotADatabase { .. } => "not-a-database",
            Self::ForeignFile { .. } => "foreign-file",
            Self::NewerSchema { .. } => "newer-schema",
            Self::ReadOnly { .. } => "read-only",
            Self::Failed { .. } => "open-failed",
        }
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownScheme { scheme } => {
                write!(out, "unknown kind of store '{scheme}': known are memory: and sqlite:<file>")
            }
            Self::MalformedAddress { expected } => {
                write!(out, "malformed address of a store: expected {expected}")
            }
            Self::MissingFolder { folder } => write!(out, "the folder {} does not exist", folder.display()),
            Self::MissingFile { file } => write!(out, "there is no ledger in {}", file.display()),
            Self::NotAFile { file } => write!(out, "{} is not a file", file.display()),
            Self::NotADatabase { file } => {
                write!(out, "{} is not an sqlite database or is damaged", file.display())
            }
            Self::ForeignFile { file } => write!(out, "{} belongs to another program", file.display()),
            Self::NewerSchema { file, found, known } => write!(
                out,
                "{} was written by a later release (schema {found}, this one knows up to {known})",
                file.display()
            ),
            Self::ReadOnly { file } => write!(out, "{} may not be written", file.display()),
            Self::Failed { file, reason } => write!(out, "cannot open {}: {reason}", file.display()),
        }
    }
}

impl Error for OpenError {}
