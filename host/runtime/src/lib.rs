//! Runs the core behind one trait: [`WasmEngine`] in a pool of WebAssembly instances that were compiled when this
//! crate was built, [`NativeEngine`] directly. Both answer the same bytes; the one gives isolation, the other speed.
//!
//! ```
//! use countersign_runtime::{Engine, WasmEngine, WasmSettings};
//!
//! let engine = WasmEngine::new(WasmSettings::default())?;
//! assert_eq!(engine.name(), "wasm");
//! # Ok::<(), countersign_runtime::EngineError>(())
//! ```
//!
//! A frame is `[u16 version][u16 0][u32 seller]` and the fields of the operation, an answer is
//! `[u16 version][u16 status]` and its fields, all little-endian. Sellers are opened with [`Engine::open`], whose
//! handle goes into the frames: the engine opens the seller in whichever instance serves the call.

mod artefact;
mod compute;
mod deserialize;
mod engine;
mod error;
pub mod frame;
mod memory;
mod native;
mod pool;
mod pooled;
mod seller;
mod sellers;
mod ticker;
mod wasm;

pub use artefact::{artefact, artefact_sha256};
pub use compute::compute;
pub use engine::{Engine, SellerHandle};
pub use error::{EngineError, OpenError};
pub use memory::Memory;
pub use native::NativeEngine;
pub use seller::{OpenSeller, SellerError};
pub use wasm::{WasmEngine, WasmSettings};
