//! The crate's one `unsafe` call.

#![expect(unsafe_code, reason = "compiled code is taken on trust; this file says where the trust comes from")]

use wasmtime::{Engine, Module};

use crate::artefact::Part;
use crate::error::EngineError;

/// Loads code that this crate's build script compiled.
pub(crate) fn deserialize(engine: &Engine, compiled: &Part) -> Result<Module, EngineError> {
    if !compiled.is_intact() {
        return Err(EngineError::Artefact);
    }
    // SAFETY: the bytes must be the unmodified output of `Engine::precompile_module`. A `Part` is a constant that
    // only build scripts write, straight from that function, together with its digest, and the digest was just
    // compared. Output of another version of wasmtime, for another processor or with other settings would be an
    // error, not undefined behaviour.
    unsafe { Module::deserialize(engine, compiled.bytes) }
        .map_err(|error| EngineError::Start(error.to_string()))
}
