//! Known answers on an engine.

use countersign_core::abi::{self, operation};

use crate::engine::Engine;
use crate::seller::SellerError;

/// Computes a primitive of the rules on the module that `engine` runs; see [`countersign_core::compute`]. Takes no
/// seller.
///
/// # Errors
/// What the core says, or [`SellerError::Engine`].
pub fn compute(engine: &dyn Engine, name: &str, inputs: &[&[u8]]) -> Result<Vec<u8>, SellerError> {
    let mut frame = abi::request(0);
    frame.bytes(name.as_bytes()).count(inputs.len());
    for input in inputs {
        frame.bytes(input);
    }
    Ok(abi::answer(&engine.call(operation::COMPUTE, &frame.finish())?)?)
}
