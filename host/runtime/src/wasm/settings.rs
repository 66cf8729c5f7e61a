//! What an operator may choose.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use crate::memory::Memory;

/// Settings of a [`WasmEngine`](crate::WasmEngine).
#[derive(Debug, Clone, Copy)]
pub struct WasmSettings {
    /// How many calls run at a time; further ones wait. By default one for each processor.
    pub instances: usize,
    /// How long one call may run. By default one second, a thousand times what the slowest needs.
    pub deadline: Duration,
    /// How instances use the address space; `None` tries [`Memory::Reserved`], then [`Memory::Small`].
    pub memory: Option<Memory>,
    /// The most memory that one instance may have, in bytes; the module itself allows 256 MiB.
    pub max_memory: usize,
    /// An instance that served so many calls is replaced.
    pub recycle_after_calls: u64,
    /// An instance that grew to so many bytes is replaced after the call: memory never shrinks.
    pub recycle_at_memory: usize,
}

impl Default for WasmSettings {
    fn default() -> Self {
        Self {
            instances: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            deadline: Duration::from_secs(1),
            memory: None,
            max_memory: 256 << 20,
            recycle_after_calls: 1_000_000,
            recycle_at_memory: 64 << 20,
        }
    }
}
