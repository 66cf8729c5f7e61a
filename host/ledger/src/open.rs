//! From a setting to a store.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_core::wire::percent;

use crate::{MemoryStore, OpenError, SqliteOptions, SqliteStore, Store};

/// What becomes of a ledger that does not exist yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is created, empty.
    Create,
    /// It is an error: an empty ledger knows no order, and would open a second instance for each that comes again.
    Refuse,
}

/// A store that is ready.
pub struct Opened {
    /// The store.
    pub store: Arc<dyn Store>,
    /// There was no ledger before: whoever expects one should look. A store in memory is always new.
    pub is_new: bool,
    /// Where it is; `None`: in memory.
    pub file: Option<PathBuf>,
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { is_new, file, .. } = self;
        out.debug_struct("Opened").field("is_new", is_new).field("file", file).finish_non_exhaustive()
    }
}

/// Opens the store of an address; blocks until it is ready.
///
/// | Address | Store |
/// |---|---|
/// | `memory:` | in this process, gone with it |
/// | `sqlite:countersign.db` | one file, relative to `base` |
/// | `sqlite:/var/lib/countersign/ledger.db` | one file |
///
/// What follows `sqlite:` is a path and no URL: it has no parameters and no escapes. A folder that is missing is never
/// created.
///
/// # Errors
/// [`OpenError`]; of a malformed address before anything is touched.
///
/// # Examples
///
/// ```
/// use std::path::Path;
///
/// use countersign_ledger::{Missing, OpenError, open};
///
/// let opened = open("memory:", Path::new("."), Missing::Create)?;
/// assert!(opened.is_new && opened.file.is_none());
///
/// let mistaken = open("postgresql://localhost/ledger", Path::new("."), Missing::Create);
/// assert!(matches!(mistaken, Err(OpenError::UnknownScheme { .. })));
/// # Ok::<(), OpenError>(())
/// ```
pub fn open(address: &str, base: &Path, missing: Missing) -> Result<Opened, OpenError> {
    Ok(match Address::read(address, base)? {
        Address::Memory => Opened { store: Arc::new(MemoryStore::new()), is_new: true, file: None },
        Address::Sqlite(file) => {
            let options = SqliteOptions { create: missing == Missing::Create, ..SqliteOptions::default() };
            let store = SqliteStore::open(&file, &options)?;
            Opened { is_new: store.is_new(), store: Arc::new(store), file: Some(file) }
        }
    })
}

/// Whether [`open()`] would understand the address, without touching the store: so a configuration can be checked as a
/// whole before anything is opened.
///
/// # Errors
/// [`OpenError::UnknownScheme`], [`OpenError::MalformedAddress`], [`OpenError::NotAFile`].
pub fn check(address: &str, base: &Path) -> Result<(), OpenError> {
    match Address::read(address, base)? {
        Address::Sqlite(file) if file.is_dir() => Err(OpenError::NotAFile { file }),
        Address::Memory | Address::Sqlite(_) => Ok(()),
    }
}

enum Address {
    Memory,
    Sqlite(PathBuf),
}

impl Address {
    fn read(address: &str, base: &Path) -> Result<Self, OpenError> {
        let (scheme, rest) = address.split_once(':').unwrap_or(("", address));
        let malformed = |expected: String| Err(OpenError::MalformedAddress { expected });
        match scheme {
            "memory" if rest.is_empty() => Ok(Self::Memory),
            "memory" => malformed("memory: with nothing behind it".to_owned()),
            "sqlite" => match respell(rest) {
                None => Ok(Self::Sqlite(base.join(rest))),
                Some(right) => malformed(right),
            },
            _ => Err(OpenError::UnknownScheme { scheme: scheme.into() }),
        }
    }
}

/// How a path is to be spelt that is none: other programs take addresses that this one would take for names of files.
/// `None`: it is a path.
fn respell(rest: &str) -> Option<String> {
    if rest.starts_with(':') {
        return Some(
            "memory: for a ledger in memory, sqlite:relative.db or sqlite:/absolute/path.db".to_owned(),
        );
    }
    // Parameters may hold a password and are not repeated.
    let (path, parameters) = rest.split_once('?').map_or((rest, false), |(path, _)| (path, true));
    let path = path.strip_prefix("file:").unwrap_or(path);
    // `//` is a host to some and the root folder to others; what stands behind it is meant.
    let path = match path.trim_start_matches('/') {
        bare if path.starts_with("///") => format!("/{bare}"),
        bare if path.starts_with("//") => bare.to_owned(),
        _ => path.to_owned(),
    };
    // In a path `+` is itself.
    let escaped = path.replace('+', "%2B");
    let decoded = percent::decode(escaped.as_bytes()).map_or_else(|_| path.clone(), Cow::into_owned);
    let escapes = decoded != path;
    let path = decoded;
    let is_name = path.trim() == path && !path.is_empty() && !path.chars().any(char::is_control);
    if !is_name || path.ends_with(['/', '\\']) || path == "." || path == ".." {
        return Some("sqlite:relative.db or sqlite:/absolute/path.db".to_owned());
    }
    (parameters || escapes || path != rest).then(|| format!("sqlite:{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(address: &str) -> &'static str {
        let opened = open(address, Path::new("/nowhere/at/all"), Missing::Create);
        opened.err().map_or("opened", |error| error.code())
    }

    #[test]
    fn addresses_name_their_store() {
        let folder = tempfile::tempdir().unwrap();
        let opened = |address: &str, base: &Path| open(address, base, Missing::Create).unwrap();
        let memory = opened("memory:", folder.path());
        assert_eq!((memory.is_new, memory.file), (true, None));
        let file = folder.path().join("ledger.db");
        let first = opened("sqlite:ledger.db", folder.path());
        assert_eq!((first.is_new, first.file.as_deref()), (true, Some(&*file)));
        assert!(file.is_file());
        assert!(!opened("sqlite:ledger.db", folder.path()).is_new);
        let absolute = folder.path().join("other.db");
        opened(&format!("sqlite:{}", absolute.display()), Path::new("/nowhere"));
        assert!(absolute.is_file());
    }

    #[test]
    fn a_ledger_that_must_exist_is_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |name: &str| {
            let opened = open(&format!("sqlite:{name}"), folder.path(), Missing::Refuse);
            opened.err().map(|error| error.code())
        };
        assert_eq!(refused("ledger.db"), Some("missing-file"));
        assert!(!folder.path().join("ledger.db").exists());
        // As a volume that is not mounted may leave it.
        std::fs::write(folder.path().join("empty.db"), "").unwrap();
        assert_eq!(refused("empty.db"), Some("missing-file"));
        assert_eq!(std::fs::metadata(folder.path().join("empty.db")).unwrap().len(), 0);
        open("sqlite:ledger.db", folder.path(), Missing::Create).unwrap();
        assert_eq!(refused("ledger.db"), None);
    }

    #[test]
    fn an_address_is_checked_without_opening_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(check("memory:", folder.path()).is_ok());
        assert!(check("sqlite:ledger.db", folder.path()).is_ok());
        assert!(!folder.path().join("ledger.db").exists());
        let code = |address: &str| check(address, folder.path()).map_err(|error| error.code());
        assert_eq!(code("sqlite:"), Err("malformed-address"));
        std::fs::create_dir(folder.path().join("data")).unwrap();
        assert_eq!(code("sqlite:data"), Err("not-a-file"));
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        assert_eq!(code("postgres://user:secret@host/db"), "unknown-scheme");
        assert_eq!(code("countersign.db"), "unknown-scheme");
        assert_eq!(code(""), "unknown-scheme");
        assert_eq!(code("memory:x"), "malformed-address");
        assert_eq!(code("sqlite::memory:"), "malformed-address");
        assert_eq!(code("sqlite:x.db"), "missing-folder");
    }

    #[test]
    fn an_address_of_another_program_is_refused_with_the_right_spelling() {
        for (address, right) in [
            ("sqlite:d.db?mode=rwc", "sqlite:d.db"),
            ("sqlite:d.db?", "sqlite:d.db"),
            ("sqlite:/var/d.db?cache=shared&key=s3cret", "sqlite:/var/d.db"),
            ("sqlite://d.db", "sqlite:d.db"),
            ("sqlite:///var/d.db", "sqlite:/var/d.db"),
            ("sqlite:////var/d.db", "sqlite:/var/d.db"),
            ("sqlite:file:d.db?mode=memory", "sqlite:d.db"),
            ("sqlite:my%20ledger+1.db", "sqlite:my ledger+1.db"),
            ("sqlite:", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite:?", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite://", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite:data/", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite:.", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite: d.db", "sqlite:relative.db or sqlite:/absolute/path.db"),
            ("sqlite:d.db\n", "sqlite:relative.db or sqlite:/absolute/path.db"),
        ] {
            let expected = match check(address, Path::new(".")) {
                Err(OpenError::MalformedAddress { expected }) => expected,
                other => panic!("{address}: {other:?}"),
            };
            assert_eq!(expected, right, "{address}");
        }
        assert!(check("sqlite:100%.db", Path::new(".")).is_ok(), "a per cent sign alone escapes nothing");
    }

    #[test]
    fn an_unknown_address_is_not_repeated() {
        let error = open("redis://user:secret@host", Path::new("."), Missing::Create).err().unwrap();
        assert!(!error.to_string().contains("secret"));
        assert!(error.to_string().contains("sqlite:"));
    }
}
