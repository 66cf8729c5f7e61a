//! Reading a configuration: one table after the other, and every mistake in all of them at once.
//!
//! Whoever owns settings reads them here, a dialect its own and the seller what all routes have. A member that nobody
//! asked for is a mistake, so no list says which settings there are.

mod problem;
mod secrets;
mod table;

pub(crate) use problem::Problems;
pub use problem::{ConfigError, Problem};
pub use secrets::has_stray_characters;
pub(crate) use table::Table;
