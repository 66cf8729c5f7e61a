//! A JSON text read in one pass into one flat list of spans.

mod canonical;
mod document;
#[cfg(test)]
mod laws;
mod reader;
mod value;

pub use canonical::push_value;
pub use document::Document;
pub use reader::{read, read_repeated};
pub use value::{Elements, Members, Text, Value};
