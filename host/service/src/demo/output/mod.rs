//! How a run is shown: as a text for people, or as lines of JSON for programs.

mod json_lines;
mod shared;
mod style;
mod table;
mod text;

pub(super) use json_lines::JsonLines;
pub(super) use shared::SharedOutput;
pub(super) use text::Text;
