//! From a setting to a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{MemoryStore, OpenError, SqliteOptions, SqliteStore, Store};

/// Opens the store of an address; blocks until it is ready.
///
/// | Address | Store |
/// |---|---|
/// | `memory:` | in this process, gone with it |
/// | `sqlite:countersign.db` | one file, relative to `base` |
/// | `sqlite:/var/lib/countersign/ledger.db` | one file |
///
/// The file is created where it is missing, its folder is not.
pub fn open(address: &str, base: &Path) -> Result<Arc<dyn Store>, OpenError> {
    Ok(match Address::read(address, base)? {
        Address::Memory => Arc::new(MemoryStore::new()),
        Address::Sqlite(file) => Arc::new(SqliteStore::open(&file, &SqliteOptions::default())?),
    })
}

/// Whether [`open`] would understand the address, without touching the store: so a configuration can be checked as a
/// whole before anything is opened.
pub fn check(address: &str, base: &Path) -> Result<(), OpenError> {
    Address::read(address, base).map(|_| ())
}

enum Address {
    Memory,
    Sqlite(PathBuf),
}

impl Address {
    fn read(address: &str, base: &Path) -> Result<Self, OpenError> {
        let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => Err(OpenError::MalformedAddress { expected: "memory: with nothing behind it" }),
            // `//` would be read as a host by some and as the root folder by others; `:memory:` is SQLite's own.
            "sqlite" if rest.is_empty() || rest.starts_with("//") || rest.starts_with(':') => {
                Err(OpenError::MalformedAddress {
                    expected: "sqlite:relative.db or sqlite:/absolute/path.db",
                })
            }
            "sqlite" => Ok(Self::Sqlite(base.join(rest))),
            _ => Err(OpenError::UnknownScheme { scheme: scheme.into() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(address: &str) -> &'static str {
        open(address, Path::new("/nowhere/at/all")).err().map_or("opened", |error| error.code())
    }

    #[test]
    fn addresses_name_their_store() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open("memory:", folder.path()).is_ok());
        assert!(open("sqlite:ledger.db", folder.path()).is_ok());
        assert!(folder.path().join("ledger.db").is_file());
        let absolute = folder.path().join("other.db");
        assert!(open(&format!("sqlite:{}", absolute.display()), Path::new("/nowhere")).is_ok());
        assert!(absolute.is_file());
    }

    #[test]
    fn an_address_is_checked_without_opening_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check("memory:", folder.path()).is_ok());
        assert!(check("sqlite:ledger.db", folder.path()).is_ok());
        assert!(!folder.path().join("ledger.db").exists());
        assert_eq!(check("sqlite:", folder.path()).map_err(|error| error.code()), Err("malformed_address"));
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        assert_eq!(code("postgres://user:secret@host/db"), "unknown_scheme");
        assert_eq!(code("countersign.db"), "unknown_scheme");
        assert_eq!(code(""), "unknown_scheme");
        assert_eq!(code("memory:x"), "malformed_address");
        assert_eq!(code("sqlite:"), "malformed_address");
        assert_eq!(code("sqlite://x.db"), "malformed_address");
        assert_eq!(code("sqlite::memory:"), "malformed_address");
        assert_eq!(code("sqlite:x.db"), "missing_folder");
    }

    #[test]
    fn an_unknown_address_is_not_repeated() {
        let error = open("redis://user:secret@host", Path::new(".")).err().unwrap();
        assert!(!error.to_string().contains("secret"));
        assert!(error.to_string().contains("sqlite:"));
    }
}
