//! JSON (RFC 8259) as it arrives in a callback and as the platform signs it.
//!
//! A reader of our own, since three things matter here that general readers give up: the received order of members,
//! the exact text of numbers, and the refusal of repeated names, behind which a signed text and an understood text
//! could differ.
//!
//! A text is read in one pass into one flat list of spans, the [`Document`]; a [`Value`] is a view of a part of it.

pub mod canonical;
mod document;
#[cfg(test)]
mod laws;
mod reader;
mod value;
mod write;

pub use canonical::{Canonical, NotAnObject, push_value};
pub use document::Document;
pub(crate) use reader::read_own;
pub use reader::{DEPTH_LIMIT, JsonError, read, read_repeated};
pub use value::{ElementIter, Elements, MemberIter, Members, Value};
pub use write::{push_ascii_string, push_string};
