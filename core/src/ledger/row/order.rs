//! Which instance an order got.

use alloc::string::String;

use super::codec::row;

row! {
    /// Written once, never changed.
    OrderRow {
        instance: String,
    }
}
