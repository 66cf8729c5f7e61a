//! The byte face of the core: one call, one frame in, one frame out. Artefact A, the native engine and every
//! binding speak it, so that all of them run the same validated logic.

use alloc::vec::Vec;

/// `major << 16 | minor` of the frames. A host refuses another major.
pub const VERSION: u32 = 1 << 16;

/// What one instance of the module holds between calls.
#[derive(Debug, Default)]
pub struct Gate {}

impl Gate {
    /// An instance that holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {}
    }

    /// Carries out one operation. Never panics; anything wrong comes back as an error frame.
    pub fn call(&mut self, _operation: u32, _frame: &[u8]) -> Vec<u8> {
        Vec::new()
    }

    /// Drops and wipes everything that was opened.
    pub fn wipe(&mut self) {
        *self = Self::new();
    }
}
