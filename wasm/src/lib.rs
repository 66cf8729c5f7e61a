//! The core as one WebAssembly module, with two faces over the same [`Module`].
//!
//! `abi`, artefact A, for every host: no imports, one memory, four functions.
//!
//! | Export | Does |
//! |---|---|
//! | `abi_version() -> i32` | `major << 16 \| minor` of the frames; a host refuses another major |
//! | `reserve(len: i32) -> i32` | a request buffer of at least `len` bytes; 0 if that is too much. Valid until the next `reserve` or `wipe` |
//! | `call(op: i32, len: i32) -> i64` | runs one operation on the first `len` bytes of the request buffer; `pointer << 32 \| length` of the response, which is valid until the next call |
//! | `wipe()` | closes everything and overwrites both buffers and the stack |
//!
//! What a call takes and every byte of heap is overwritten when it is given back, so that between calls no more is in memory than is kept: the
//! sellers, the last request and the last response, and what stands on the stack below the last call.
//!
//! Nothing is to be freed. A module that trapped once, for whatever reason, traps on every later call: what it
//! held may be half written. Instantiate it anew.
//!
//! `js` (feature `js`, `wasm32-unknown-unknown`), artefact B, for JavaScript: the same frames through wasm-bindgen, and
//! configurations as JavaScript objects.

#![cfg_attr(all(target_arch = "wasm32", target_os = "none"), no_std)]

extern crate alloc;

#[cfg(all(target_arch = "wasm32", target_os = "none"))]
mod abi;
#[cfg(any(test, target_arch = "wasm32"))]
mod arena;
#[cfg(feature = "js")]
pub mod js;
mod module;
#[cfg(target_arch = "wasm32")]
mod stack;
#[cfg(any(test, target_arch = "wasm32"))]
mod wiping;

pub use module::{MAX_REQUEST, Module};
