//! How much memory an instance may have.

use std::fmt;

use wasmtime::{ResourceLimiter, Result};

pub(crate) struct Limits {
    pub(crate) max_memory: usize,
}

impl ResourceLimiter for Limits {
    /// A refusal traps at once: an allocator that gets none would trap anyway, and this trap has a name.
    fn memory_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        let limit = self.max_memory.min(maximum.unwrap_or(usize::MAX));
        if desired > limit { Err(Refused.into()) } else { Ok(true) }
    }

    /// The system had no memory left.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> Result<()> {
        Err(Refused.into())
    }

    fn table_growing(&mut self, _current: usize, desired: usize, maximum: Option<usize>) -> Result<bool> {
        Ok(maximum.is_none_or(|maximum| desired <= maximum))
    }
}

#[derive(Debug)]
pub(crate) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more memory was refused")
    }
}

impl std::error::Error for Refused {}
