//! Whether the file is still where it was opened.
//!
//! A file that was removed, or another one in its place, goes on existing for whoever has it open: commits would succeed,
//! be answered, and be gone with the process. The log beside it is the file's other half and is held to the same.

use std::fs::{Metadata, metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// The files of a store, as they were when it was opened.
pub(super) struct Place(Vec<(PathBuf, Identity)>);

/// Which file it is, whatever its name.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = ();

impl Place {
    /// To be called when the file has been written to: by then its companions exist.
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        let companion = |ending: &str| {
            let mut name = file.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let files = [file.to_owned(), companion("-wal"), companion("-shm")].into_iter();
        files.map(|file| Ok((file.clone(), identity(&metadata(&file)?)))).collect::<io::Result<_>>().map(Self)
    }

    /// Before anything is read or written.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (file, identity_then) in &self.0 {
            let what = match metadata(file) {
                Ok(now) if identity(&now) == *identity_then => continue,
                Ok(_) => "another file stands in the place of".to_owned(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => "there is no longer".to_owned(),
                Err(error) => format!("{} is what the system says of", error.kind()),
            };
            return Err(StoreError::Unavailable { reason: format!("{what} {}", file.display()) });
        }
        Ok(())
    }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}
