//! A signed call that was taken in.

use alloc::string::String;

use super::codec::row;

row! {
    /// While it is there the same bytes are not taken again, whatever the clock says: a signature is made once.
    ReplayRow {
        /// The HTTP request that brought it: after an uncertain commit it recognises its own row. Lower-case hex.
        request: String,
        /// Until then the same bytes could be fresh again, milliseconds; the store may forget the row after it.
        until: u64,
    }
}
