//! How a run is shown: as a text for people, or as lines of JSON for programs.

mod lines;
mod paint;
mod screen;
mod table;
mod text;

pub(super) use lines::Lines;
pub(super) use screen::Screen;
pub(super) use text::Text;
