//! Gateways as processes: ours with each engine, and the one that a seller would write.

mod backend;
mod connection;
mod contender;
mod purchases;

pub(crate) mod load;
pub(crate) mod start;

use std::fmt;
use std::path::PathBuf;

/// Who runs, where, and for how long.
pub(crate) struct Field {
    /// Our binary.
    pub(crate) gateway: PathBuf,
    /// The peer's script.
    pub(crate) peer: PathBuf,
    /// Where ledgers go: a disk whose writes count.
    pub(crate) folder: PathBuf,
    /// Runs of each contender; they take turns.
    pub(crate) rounds: usize,
    /// How long one run lasts, about.
    pub(crate) seconds: f64,
}

/// Why there are no figures.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl<E: fmt::Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failed>;
