//! The gateway between a marketplace and a seller's backend, and its command line.

pub mod drive;
pub mod gate;
