//! The face for JavaScript. Calls travel as frames through this module's memory, as in artefact A: one crossing, numbers
//! in, numbers out, no text converted on the way. Configurations and their mistakes travel as objects.
//!
//! | Export | Does |
//! |---|---|
//! | `abiVersion() → number` | `major << 16 \| minor` of the frames |
//! | `moduleMemory() → WebAssembly.Memory` | where the buffers are; ask again after an instantiation |
//! | `reserve(len) → pointer` | a request buffer of at least `len` bytes, 0 if that is too much; valid until the next `reserve` or `wipe` |
//! | `call(op, len) → pointer` | runs one operation on the first `len` bytes of the request buffer; the answer is valid until the next call |
//! | `answerLength() → number` | the bytes of that answer |
//! | `open(config) → handle` | opens a seller; throws an `Error` with `code`, `number` and `problems` |
//! | `wipe()` | closes everything and overwrites both buffers and the stack |
//!
//! A module that trapped once traps on every later call: instantiate it anew.

use std::cell::RefCell;

use countersign_core::abi::CallError;
use countersign_core::{ReasonCode, Seller, SellerConfig};
use js_sys::{Error, Reflect};
use wasm_bindgen::prelude::*;

use crate::Module;
#[cfg(target_arch = "wasm32")]
use crate::{arena::Arena, wiping::Wiping};

/// A room for each call, and what comes back behind it is overwritten: see [`crate::arena`] and [`crate::wiping`].
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: Arena<Wiping<std::alloc::System>> = Arena::before(Wiping(std::alloc::System));

thread_local! {
    /// The one module of this instance. A trap leaves it borrowed, so that nothing half written is ever looked at again.
    static MODULE: RefCell<Module> = const { RefCell::new(Module::new()) };
}

fn enter<R>(body: impl FnOnce(&mut Module) -> R) -> R {
    MODULE.with_borrow_mut(body)
}

/// An address as JavaScript sees it: memory has 32 bits of them.
fn address(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.as_ptr().addr()).unwrap_or_default()
}

/// `major << 16 | minor` of the frames.
#[wasm_bindgen(js_name = abiVersion)]
pub fn abi_version() -> u32 {
    countersign_core::abi::VERSION
}

/// The memory with both buffers.
#[wasm_bindgen(js_name = moduleMemory)]
pub fn module_memory() -> JsValue {
    wasm_bindgen::memory()
}

/// A request buffer of at least `len` bytes; 0 if that is too much.
#[wasm_bindgen]
pub fn reserve(len: u32) -> u32 {
    // An empty buffer has a dangling address, and 0 is kept for refusals: both are told apart by the request.
    enter(|module| module.reserve(len as usize).map_or(0, |buffer| address(buffer)))
}

/// Runs one operation on the first `len` bytes of the request buffer and gives the address of its answer.
#[wasm_bindgen]
pub fn call(operation: u32, len: u32) -> u32 {
    enter(|module| address(serve(module, operation, len as usize)))
}

#[cfg(target_arch = "wasm32")]
fn serve(module: &mut Module, operation: u32, len: usize) -> &[u8] {
    crate::arena::serve(&ALLOCATOR, module, operation, len)
}

#[cfg(not(target_arch = "wasm32"))]
fn serve(module: &mut Module, operation: u32, len: usize) -> &[u8] {
    module.call(operation, len)
}

/// The bytes of the last answer.
#[wasm_bindgen(js_name = answerLength)]
pub fn answer_length() -> u32 {
    enter(|module| u32::try_from(module.response().len()).unwrap_or_default())
}

/// Closes everything that was opened and overwrites both buffers and the stack.
#[wasm_bindgen]
pub fn wipe() {
    enter(Module::wipe);
    #[cfg(target_arch = "wasm32")]
    crate::stack::wipe();
}

/// Opens a seller and gives its handle.
///
/// # Errors
/// `invalid-configuration` with `problems`, each a path, a code and a message.
#[wasm_bindgen]
pub fn open(config: JsValue) -> Result<u32, JsValue> {
    let config: serde_json::Value = serde_wasm_bindgen::from_value(config)
        .map_err(|_| thrown(&ReasonCode::InvalidConfiguration.into()))?;
    let seller = SellerConfig::from_value(&config).map(Seller::new).map_err(|error| {
        let thrown = thrown(&ReasonCode::InvalidConfiguration.into());
        set(&thrown, "problems", &serde_wasm_bindgen::to_value(&error.problems).unwrap_or_default());
        thrown
    })?;
    enter(|module| module.open(seller)).ok_or_else(|| thrown(&ReasonCode::Internal.into()))
}

/// An `Error` with the stable code and number beside its message.
fn thrown(error: &CallError) -> JsValue {
    let thrown = JsValue::from(Error::new(&error.message));
    set(&thrown, "code", &JsValue::from_str(&error.code));
    set(&thrown, "number", &JsValue::from(error.number));
    thrown
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // An object that was just made takes every property.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}
