//! Files that a configuration names: read whole, within bounds, each fault named for what it is.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// Why a file is of no use.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, file: &Path, what: impl std::fmt::Display) -> Self {
        Self { code, message: format!("{} {what}", file.display()) }
    }
}

/// Reads a file as it is.
pub(super) fn read(file: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut all = || -> io::Result<()> {
        let opened = File::open(file)?;
        let length = opened.metadata()?.len().min(limit);
        // At once: a buffer that grows would leave secrets behind in freed memory.
        bytes.reserve_exact(usize::try_from(length).unwrap_or_default().saturating_add(2));
        opened.take(limit.saturating_add(1)).read_to_end(&mut bytes).map(drop)
    };
    if let Err(error) = all() {
        let what = match error.kind() {
            ErrorKind::NotFound => "does not exist".to_owned(),
            ErrorKind::PermissionDenied => "may not be read by the user of this process".to_owned(),
            ErrorKind::IsADirectory => "is a folder".to_owned(),
            kind => format!("cannot be read: {kind}"),
        };
        return Err(Fault::new("unreadable", file, what));
    }
    if u64::try_from(bytes.len()).map_or(true, |length| length > limit) {
        return Err(Fault::new("out-of-range", file, format!("is larger than {} KiB", limit / 1_024)));
    }
    Ok(bytes)
}

/// Reads a text in UTF-8; a byte order mark before it is skipped.
pub(super) fn read_text(file: &Path, limit: u64) -> Result<Zeroizing<String>, Fault> {
    let bytes = read(file, limit)?;
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(Fault::new("unreadable", file, "is UTF-16, not UTF-8"));
    }
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    match std::str::from_utf8(text) {
        Ok(text) => Ok(Zeroizing::new(text.to_owned())),
        Err(_) => Err(Fault::new("unreadable", file, "is not UTF-8")),
    }
}
