//! Which instance an order got.

use alloc::string::String;

use super::codec::row;

row! {
    /// It is written once and never changed: an order has one instance for ever.
    OrderRow {
        instance: String,
    }
}
