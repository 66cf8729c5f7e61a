//! Which instance an order got. Written once, never changed.

use alloc::string::String;

use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrderRow {
    pub(crate) format: u8,
    pub(crate) instance: String,
}
