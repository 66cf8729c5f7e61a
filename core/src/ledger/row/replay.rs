//! A signed call that was taken in.

use alloc::string::String;

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReplayRow {
    pub(crate) format: u8,
    /// The HTTP request that brought it: after an uncertain commit it recognises its own row. Lower-case hex.
    pub(crate) request: String,
    /// Until then the same bytes could be fresh again. Milliseconds.
    pub(crate) until: u64,
}
