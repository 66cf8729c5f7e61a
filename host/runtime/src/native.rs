//! The core without WebAssembly: the fastest, and without isolation.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use countersign_core::abi::Dispatcher;
use zeroize::Zeroizing;

use crate::engine::{Engine, SellerHandle};
use crate::error::{EngineError, OpenError};
use crate::frame;
use crate::pooled::{Instance, Pooled, Source};

/// The core linked into this process: one dispatcher for each processor, so that calls scale with them. It has no
/// deadline and no limit of memory; a panic costs the dispatcher, not the process.
#[derive(Debug)]
pub struct NativeEngine(Pooled<Dispatchers>);

impl NativeEngine {
    /// An engine with one dispatcher for each processor.
    #[must_use]
    pub fn new() -> Self {
        Self::with_gates(thread::available_parallelism().map_or(1, NonZeroUsize::get))
    }

    /// An engine with `gates` gates: as many calls run at a time.
    #[must_use]
    pub fn with_gates(gates: usize) -> Self {
        Self(Pooled::new(gates, Dispatchers))
    }
}

impl Default for NativeEngine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine for NativeEngine {
    fn name(&self) -> &'static str {
        "native"
    }

    fn open(&self, configuration: &[u8]) -> Result<SellerHandle, OpenError> {
        self.0.open(configuration)
    }

    fn close(&self, seller: SellerHandle) {
        self.0.close(seller);
    }

    fn call(&self, operation: u32, frame: &[u8]) -> Result<Vec<u8>, EngineError> {
        self.0.call(operation, frame)
    }
}

struct Dispatchers;

impl Source for Dispatchers {
    type Instance = NativeInstance<Dispatcher>;

    fn instantiate(&self) -> Result<Self::Instance, EngineError> {
        Ok(NativeInstance::new(Dispatcher::new()))
    }
}

/// The core, or a stand-in that panics.
trait Core: Send {
    fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8>;
    fn wipe(&mut self);
}

impl Core for Dispatcher {
    fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
        self.call(operation, frame)
    }

    fn wipe(&mut self) {
        self.wipe();
    }
}

struct NativeInstance<C: Core> {
    /// `None` after a panic: what it held may be half written.
    core: Option<C>,
    /// The frame with the instance's own handle; kept between calls.
    frame: Zeroizing<Vec<u8>>,
}

impl<C: Core> NativeInstance<C> {
    fn new(core: C) -> Self {
        Self { core: Some(core), frame: Zeroizing::default() }
    }
}

/// A frame buffer that grew beyond this many bytes is given back after the call.
const KEPT_FRAME: usize = 1 << 20;

impl<C: Core> Instance for NativeInstance<C> {
    fn call(&mut self, operation: u32, frame: &[u8], seller: u32) -> Result<Vec<u8>, EngineError> {
        self.frame.clear();
        if self.frame.capacity() < frame.len() {
            self.frame = Zeroizing::new(Vec::with_capacity(frame.len()));
        }
        self.frame.extend_from_slice(frame);
        if let Some(handle) = self.frame.get_mut(frame::SELLER) {
            handle.copy_from_slice(&seller.to_le_bytes());
        }
        let mut core = self.core.take().ok_or(EngineError::Panic)?;
        let frame = &*self.frame;
        let (answer, core) = catch_unwind(AssertUnwindSafe(move || (core.call(operation, frame), core)))
            .map_err(|_| EngineError::Panic)?;
        self.core = Some(core);
        Ok(answer)
    }

    fn is_spent(&self) -> bool {
        self.frame.capacity() > KEPT_FRAME
    }
}

impl<C: Core> Drop for NativeInstance<C> {
    fn drop(&mut self) {
        if let Some(core) = &mut self.core {
            core.wipe();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Opens, echoes, and panics at operation 50.
    struct Panicking;

    impl Core for Panicking {
        fn call(&mut self, operation: u32, frame: &[u8]) -> Vec<u8> {
            match operation {
                frame::OPEN => vec![2, 0, 0, 0, 77, 0, 0, 0],
                50 => panic!("on purpose"),
                _ => frame.to_vec(),
            }
        }

        fn wipe(&mut self) {}
    }

    struct PanickingCores;

    impl Source for PanickingCores {
        type Instance = NativeInstance<Panicking>;

        fn instantiate(&self) -> Result<Self::Instance, EngineError> {
            Ok(NativeInstance::new(Panicking))
        }
    }

    #[test]
    fn a_panic_is_an_error_and_the_next_call_is_served_by_a_new_gate() {
        let engine = Pooled::new(1, PanickingCores);
        let seller = engine.open(b"{}").expect("opened");
        let frame = frame::head(Some(seller));
        assert_eq!(engine.call(50, &frame), Err(EngineError::Panic));
        assert_eq!(engine.call(3, &frame), Ok(frame::numbered_head(77).to_vec()));
    }
}
