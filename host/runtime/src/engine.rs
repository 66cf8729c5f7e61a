//! What a host sees of the core.

use std::fmt::Debug;
use std::num::NonZeroU32;

use crate::error::{EngineError, OpenError};

/// The core, ready to be called from any thread. Calls block: for microseconds as a rule, never longer than the
/// engine's deadline plus a second for an instance to become free.
pub trait Engine: Debug + Send + Sync {
    /// `wasm` or `native`.
    fn name(&self) -> &'static str;

    /// Opens a seller. The configuration is kept, and wiped from memory when the seller is closed: every instance
    /// opens it anew when it first serves this seller.
    ///
    /// # Errors
    ///
    /// [`OpenError::Refused`] with the core's answer if the configuration is not valid, else what kept the engine
    /// from asking.
    fn open(&self, configuration: &[u8]) -> Result<SellerHandle, OpenError>;

    /// Forgets a seller in all instances. Calls that are running finish; later ones are
    /// [`EngineError::UnknownSeller`]. Closing twice is nothing.
    fn close(&self, seller: SellerHandle);

    /// Runs one operation on one frame, whose bytes 4 to 8 are the seller's handle (0: no seller), and returns the
    /// core's answer. An answer that says no is an answer, not an error.
    ///
    /// # Errors
    ///
    /// In this order: [`EngineError::NotACall`], [`EngineError::Busy`], [`EngineError::UnknownSeller`],
    /// [`EngineError::TooLarge`], then whatever went wrong inside. After any error the next call is served as if nothing had happened.
    fn call(&self, operation: u32, frame: &[u8]) -> Result<Vec<u8>, EngineError>;
}

/// A seller opened in an engine. Never 0 and never used twice by one engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SellerHandle(pub(crate) NonZeroU32);

impl SellerHandle {
    /// The number that stands in frames.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }
}
