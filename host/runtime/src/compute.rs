//! Known answers on an engine.

use countersign_core::abi::{operation, requests};

use crate::engine::Engine;
use crate::seller::{SellerError, answer};

/// Computes a primitive of the rules on the module that `engine` runs; see [`countersign_core::compute`]. Takes no
/// seller.
///
/// # Errors
/// What the core says, or [`SellerError::Engine`].
pub fn compute(engine: &dyn Engine, name: &str, inputs: &[&[u8]]) -> Result<Vec<u8>, SellerError> {
    answer(engine, operation::COMPUTE, &requests::compute(0, name, inputs))
}
