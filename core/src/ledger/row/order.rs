//! Which instance an order got. Written once, never changed.

use alloc::string::String;

use super::codec::row;

row! {
    format 1;
    #[derive(Debug)]
    pub(crate) struct OrderRow {
        instance: String,
    }
}

impl OrderRow {
    /// The row of an order that opened this instance.
    pub(crate) fn new(instance: String) -> Self {
        Self { instance, unknown: Default::default() }
    }
}
