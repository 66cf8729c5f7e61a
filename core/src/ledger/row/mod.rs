//! What the rows hold: JSON, one struct per kind of row, each with the number of its format.

pub(crate) mod codec;
mod instance;
mod order;
mod replay;
mod work;

pub(crate) use instance::{Access, Create, InstanceRow, Queued, RefusedOnce, Status, Times};
pub(crate) use order::OrderRow;
pub(crate) use replay::ReplayRow;
pub(crate) use work::{End, EndedWork, Last, WorkRow};

pub(crate) use codec::{Json, Row, Unknown, decode, encode};
