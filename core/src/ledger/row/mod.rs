//! What the rows hold: JSON, one struct per kind of row, each with the number of its format.

mod instance;
mod order;
mod replay;
mod work;

pub(crate) use instance::{Access, Create, InstanceRow, Queued, RefusedOnce, Status, Times};
pub(crate) use order::OrderRow;
pub(crate) use replay::ReplayRow;
pub(crate) use work::{End, EndedWork, Last, WorkRow};

use alloc::vec::Vec;

use serde::Serialize;

/// The format that this version writes. A row with another is not read.
pub(crate) const FORMAT: u8 = 1;

/// The bytes of a row.
pub(crate) fn encode(row: &impl Serialize) -> Vec<u8> {
    // Rows are structs of texts and numbers: there is nothing in them that JSON cannot say.
    serde_json::to_vec(row).unwrap_or_default()
}
