//! The core in WebAssembly instances.

mod instance;
mod limits;
#[cfg(test)]
mod secrets;
mod settings;
#[cfg(test)]
mod tests;

use std::time::Duration;

use wasmtime::{InstanceAllocationStrategy, InstancePre, Linker, PoolingAllocationConfig};

use crate::artefact::{EMBEDDED, Embedded};
use crate::deserialize::deserialize;
use crate::engine::{Engine, SellerHandle};
use crate::error::{EngineError, OpenError};
use crate::memory::{Memory, config};
use crate::pooled::{Pooled, Source};
use crate::ticker::Ticker;
use instance::{Budget, WasmInstance};
use limits::Limits;

pub use settings::WasmSettings;

/// The core in a pool of WebAssembly instances. A call cannot reach the memory of the process or of another
/// instance, cannot run longer than its deadline and cannot use more memory than its limit; whatever goes wrong
/// in it costs that instance and nothing else.
#[derive(Debug)]
pub struct WasmEngine(Pooled<Module>);

impl WasmEngine {
    /// Loads the embedded module, compiled when this crate was built, and makes the first instance.
    ///
    /// # Errors
    ///
    /// [`EngineError::Artefact`] if the embedded bytes are not those that were built, [`EngineError::Start`] if the
    /// system does not give what an instance needs; with [`Memory::Reserved`] that is above all address space.
    pub fn new(settings: WasmSettings) -> Result<Self, EngineError> {
        Self::with_module(settings, &EMBEDDED)
    }

    fn with_module(settings: WasmSettings, embedded: &Embedded) -> Result<Self, EngineError> {
        let module = match settings.memory {
            Some(memory) => Module::load(settings, memory, embedded)?,
            None => match Module::load(settings, Memory::Reserved, embedded) {
                Err(EngineError::Start(_)) => Module::load(settings, Memory::Small, embedded)?,
                loaded => loaded?,
            },
        };
        Ok(Self(Pooled::new(settings.instances, module)))
    }

    /// How the instances use the address space.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.0.source().memory
    }
}

impl Engine for WasmEngine {
    fn name(&self) -> &'static str {
        "wasm"
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

/// The loaded module: where instances come from.
struct Module {
    pre: InstancePre<Limits>,
    settings: WasmSettings,
    budget: Budget,
    memory: Memory,
    _ticker: Ticker,
}

impl Module {
    fn load(settings: WasmSettings, memory: Memory, embedded: &Embedded) -> Result<Self, EngineError> {
        if !embedded.wasm.is_intact() {
            return Err(EngineError::Artefact);
        }
        let start = |error: wasmtime::Error| EngineError::Start(format!("{error:#}"));
        let mut config = config(memory);
        if memory == Memory::Reserved {
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(slots(&settings)));
        }
        let engine = wasmtime::Engine::new(&config).map_err(start)?;
        let module = deserialize(&engine, embedded.compiled(memory))?;
        // No imports: an empty linker has all that the module asks for.
        let pre = Linker::new(&engine).instantiate_pre(&module).map_err(start)?;
        let tick = tick(settings.deadline);
        let module = Self {
            pre,
            settings,
            budget: Budget::new(settings.deadline, tick),
            memory,
            _ticker: Ticker::start(engine.weak(), tick)?,
        };
        // Whether the system gives what an instance needs shows now, not at the first call.
        drop(module.instantiate()?);
        Ok(module)
    }
}

impl Source for Module {
    type Instance = WasmInstance;

    fn instantiate(&self) -> Result<WasmInstance, EngineError> {
        WasmInstance::new(&self.pre, self.settings, self.budget)
    }
}

/// One slot for each instance, made once; a new instance only resets its slot.
fn slots(settings: &WasmSettings) -> PoolingAllocationConfig {
    let instances = u32::try_from(settings.instances.max(1)).unwrap_or(u32::MAX);
    let mut slots = PoolingAllocationConfig::new();
    slots
        .total_core_instances(instances)
        .total_memories(instances)
        .total_tables(instances)
        .max_memory_size(MAX_MEMORY)
        .table_elements(10_000);
    slots
}

/// The maximum that the module declares, in bytes.
const MAX_MEMORY: usize = 256 << 20;

/// Fine enough to be near the deadline, coarse enough to be no load.
fn tick(deadline: Duration) -> Duration {
    (deadline / 20).clamp(Duration::from_millis(1), Duration::from_millis(50))
}
