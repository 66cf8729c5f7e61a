//! What goes into a look at one call, and what comes out of it.

use alloc::string::String;
use alloc::vec::Vec;

use super::difference::Difference;
use crate::ledger::Write;
use crate::reason::Reason;

/// What the old handler answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldAnswer {
    /// HTTP status.
    pub status: u16,
    /// Header fields; their names are compared without regard to case, since clients may have lost it.
    pub headers: Vec<(String, String)>,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// From the end of the call to the end of the answer, milliseconds.
    pub took_ms: u64,
}

impl OldAnswer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, text)| text.as_str())
    }
}

/// What came of looking at one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shadowed {
    /// Load these rows and call again with all rows so far.
    Need {
        /// Keys.
        keys: Vec<String>,
    },
    /// Commit; on a conflict load and call again.
    Seen(Seen),
}

/// Two answers side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// What the ledger learns.
    pub commit: Vec<Write>,
    /// The result code that ours would have been.
    pub own: String,
    /// Why ours would have been no success.
    pub reason: Option<Reason>,
    /// The old handler's result code, where it gave one.
    pub theirs: Option<String>,
    /// The differences, benign ones too.
    pub differences: Vec<Difference>,
}
