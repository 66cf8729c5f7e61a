//! The output of a run. On a terminal its last line says what goes on at the moment.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// An output that several threads write to.
#[derive(Clone)]
pub(in crate::demo) struct SharedOutput(Arc<Mutex<Inner>>);

struct Inner {
    out: Box<dyn Write + Send>,
    terminal: bool,
    /// A line of progress stands on the terminal, and the next line replaces it.
    progress_shown: bool,
}

/// Goes back to the beginning of the line and empties it.
const REPLACE: &str = "\r\x1b[2K";

impl SharedOutput {
    pub(in crate::demo) fn new(out: Box<dyn Write + Send>, terminal: bool) -> Self {
        Self(Arc::new(Mutex::new(Inner { out, terminal, progress_shown: false })))
    }

    /// Writes whole lines, at once.
    pub(super) fn print(&self, lines: &str) -> io::Result<()> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::take(&mut inner.progress_shown) {
            inner.out.write_all(REPLACE.as_bytes())?;
        }
        inner.out.write_all(lines.as_bytes())?;
        inner.out.flush()
    }

    /// Shows a line until the next one comes; nothing where there is no terminal.
    pub(in crate::demo) fn show_progress(&self, line: &str) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.terminal {
            inner.progress_shown = true;
            // Progress that cannot be shown is no reason to stop.
            let _ = write!(inner.out, "{REPLACE}  … {line}");
            let _ = inner.out.flush();
        }
    }
}
