//! What one reading of the configuration gives to the gate.

use std::sync::Arc;

use countersign_runtime::OpenSeller;

use super::sent::Backend;

/// The terms under which calls are handled. A gate may get new ones while it runs: a call that was admitted under the old
/// ones is decided, answered and settled under them, since its admission is bound to their seller.
pub struct Terms {
    /// Routes, keys and settings, opened in an engine.
    pub seller: OpenSeller,
    /// Where effects and questions go.
    pub backend: Arc<dyn Backend>,
    /// The products of the seller's routes, for look-ups by instance id alone.
    pub products: Vec<String>,
}

impl std::fmt::Debug for Terms {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Terms({}, {:?})", self.seller.engine(), self.products)
    }
}
