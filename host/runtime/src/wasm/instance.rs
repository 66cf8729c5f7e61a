//! One instance in a store of its own.

use std::time::Duration;

use countersign_core::abi::VERSION;
use wasmtime::{InstancePre, Memory, Store, Trap, TypedFunc};

use super::limits::{Limits, Refused};
use super::settings::WasmSettings;
use crate::error::EngineError;
use crate::frame;
use crate::pooled::Instance;

/// A deadline in ticks of the engine's epoch.
#[derive(Clone, Copy)]
pub(super) struct Budget(u64);

impl Budget {
    /// One tick more than fits: the first one may come at once.
    pub(super) fn new(deadline: Duration, tick: Duration) -> Self {
        let ticks = deadline.as_nanos().div_ceil(tick.as_nanos().max(1));
        Self(u64::try_from(ticks).unwrap_or(u64::MAX / 2).saturating_add(1))
    }
}

pub(super) struct WasmInstance {
    store: Store<Limits>,
    memory: Memory,
    reserve: TypedFunc<u32, u32>,
    call: TypedFunc<(u32, u32), u64>,
    wipe: TypedFunc<(), ()>,
    request: Reserved,
    settings: WasmSettings,
    budget: Budget,
    calls: u64,
    /// Cleared by the first trap; then nothing in it is called again.
    healthy: bool,
}

/// The request buffer that the module has given.
#[derive(Clone, Copy)]
struct Reserved {
    pointer: usize,
    len: usize,
}

impl WasmInstance {
    pub(super) fn new(
        pre: &InstancePre<Limits>,
        settings: WasmSettings,
        budget: Budget,
    ) -> Result<Self, EngineError> {
        let start = |error: wasmtime::Error| EngineError::Start(format!("{error:#}"));
        let mut store = Store::new(pre.module().engine(), Limits { max_memory: settings.max_memory });
        store.limiter(|limits| limits);
        store.set_epoch_deadline(budget.0);
        let instance = pre.instantiate(&mut store).map_err(start)?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| EngineError::Start("the module exports no memory".into()))?;
        let version: TypedFunc<(), u32> =
            instance.get_typed_func(&mut store, "abi_version").map_err(start)?;
        let reserve = instance.get_typed_func(&mut store, "reserve").map_err(start)?;
        let call = instance.get_typed_func(&mut store, "call").map_err(start)?;
        let wipe = instance.get_typed_func(&mut store, "wipe").map_err(start)?;
        if version.call(&mut store, ()).map_err(start)? >> 16 != VERSION >> 16 {
            return Err(EngineError::Start("the module speaks another version of the frames".into()));
        }
        let request = Reserved { pointer: 0, len: 0 };
        Ok(Self { store, memory, reserve, call, wipe, request, settings, budget, calls: 0, healthy: true })
    }

    fn run(&mut self, operation: u32, frame: &[u8], seller: u32) -> Result<Vec<u8>, EngineError> {
        self.store.set_epoch_deadline(self.budget.0);
        let len = u32::try_from(frame.len()).map_err(|_| EngineError::TooLarge)?;
        if frame.len() > self.request.len {
            self.reserve(len)?;
        }
        self.write(frame, seller)?;
        let packed = self.call.call(&mut self.store, (operation, len)).map_err(|error| fault(&error))?;
        let answer = self.memory.data(&self.store).get(unpack(packed)).ok_or(EngineError::Malformed)?;
        Ok(answer.to_vec())
    }

    /// Has the module close everything and overwrite its memory.
    pub(super) fn wipe(&mut self) -> Result<(), EngineError> {
        self.store.set_epoch_deadline(self.budget.0);
        self.request = Reserved { pointer: 0, len: 0 };
        self.wipe.call(&mut self.store, ()).map_err(|error| fault(&error))
    }

    fn reserve(&mut self, len: u32) -> Result<(), EngineError> {
        self.request = Reserved { pointer: 0, len: 0 };
        match self.reserve.call(&mut self.store, len).map_err(|error| fault(&error))? {
            0 => Err(EngineError::TooLarge),
            pointer => {
                self.request = Reserved { pointer: pointer as usize, len: len as usize };
                Ok(())
            }
        }
    }

    fn write(&mut self, frame: &[u8], seller: u32) -> Result<(), EngineError> {
        let Reserved { pointer, .. } = self.request;
        let memory = self.memory.data_mut(&mut self.store);
        let buffer = memory.get_mut(pointer..pointer + frame.len()).ok_or(EngineError::Malformed)?;
        buffer.copy_from_slice(frame);
        if let Some(handle) = buffer.get_mut(frame::SELLER) {
            handle.copy_from_slice(&seller.to_le_bytes());
        }
        Ok(())
    }
}

impl Instance for WasmInstance {
    fn call(&mut self, operation: u32, frame: &[u8], seller: u32) -> Result<Vec<u8>, EngineError> {
        self.calls += 1;
        let result = self.run(operation, frame, seller);
        self.healthy = result.as_ref().err().is_none_or(EngineError::is_harmless);
        result
    }

    fn is_spent(&self) -> bool {
        self.calls >= self.settings.recycle_after_calls
            || self.memory.data_size(&self.store) >= self.settings.recycle_at_memory
    }
}

impl Drop for WasmInstance {
    /// Memory of a dropped store goes back to the system or is reset; a healthy module overwrites its secrets
    /// before that.
    fn drop(&mut self) {
        if self.healthy {
            // A trap here changes nothing: the store goes.
            let _ = self.wipe();
        }
    }
}

#[cfg(test)]
impl WasmInstance {
    /// All of the module's memory: data, stack and heap.
    pub(super) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Writes into the memory behind the module's back.
    pub(super) fn plant(&mut self, at: usize, bytes: &[u8]) {
        self.memory.data_mut(&mut self.store)[at..at + bytes.len()].copy_from_slice(bytes);
    }
}

/// `pointer << 32 | length` as a range of the memory.
fn unpack(packed: u64) -> std::ops::Range<usize> {
    let [pointer, len] = [packed >> 32, packed & u64::from(u32::MAX)];
    // Both are below 2^32, and so is their sum on every system with 64 bits; on others the range is refused.
    let pointer = usize::try_from(pointer).unwrap_or(usize::MAX);
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    pointer..pointer.saturating_add(len)
}

fn fault(error: &wasmtime::Error) -> EngineError {
    if error.is::<Refused>() {
        return EngineError::OutOfMemory;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => EngineError::Deadline,
        Some(trap) => EngineError::Trap(trap.to_string()),
        None => EngineError::Trap(format!("{error:#}")),
    }
}
