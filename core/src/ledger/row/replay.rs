//! A signed call that was taken in.

use alloc::string::String;

use super::codec::row;

row! {
    format 1;
    #[derive(Debug)]
    pub(crate) struct ReplayRow {
        /// The HTTP request that brought it: after an uncertain commit it recognises its own row. Lower-case hex.
        request: String,
        /// Until then the same bytes could be fresh again. Milliseconds.
        until: u64,
    }
}
