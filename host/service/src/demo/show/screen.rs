//! Where a run is shown. On a terminal the last line says what goes on at the moment.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// An output that several threads write to.
#[derive(Clone)]
pub(in crate::demo) struct Screen(Arc<Mutex<Inner>>);

struct Inner {
    out: Box<dyn Write + Send>,
    terminal: bool,
    /// A line that the next one replaces stands on the terminal.
    passing: bool,
}

/// Goes back to the beginning of the line and empties it.
const REPLACE: &str = "\r\x1b[2K";

impl Screen {
    pub(in crate::demo) fn new(out: Box<dyn Write + Send>, terminal: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner { out, terminal, passing: false })))
    }

    /// Writes whole lines, at once.
    pub(super) fn print(&self, lines: &str) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut inner.passing) {
            inner.out.write_all(REPLACE.as_bytes())?;
        }
        inner.out.write_all(lines.as_bytes())?;
        inner.out.flush()
    }

    /// Shows a line until the next one comes; nothing where there is no terminal.
    pub(in crate::demo) fn pass(&self, line: &str) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.terminal {
            inner.passing = true;
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(inner.out, "{REPLACE}  … {line}");
            let _ = inner.out.flush();
        }
    }
}
