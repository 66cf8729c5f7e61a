//! How instances use the address space, and the settings of compiled code that follow from it. The build script
//! compiles with them and the host loads with them; a difference is refused at load.

use wasmtime::{Config, WasmFeatures};

/// How instances use the address space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// 4 GiB of addresses for each instance (addresses, not memory): the processor checks every access, which is
    /// the fastest. Needs a 64-bit system without a limit on addresses.
    Reserved,
    /// Only what is used, checked by instructions: 1.2 to 1.8 times slower. For `ulimit -v`, tight containers and
    /// small boards.
    Small,
}

pub(crate) fn config(memory: Memory) -> Config {
    let mut config = Config::new();
    config
        .wasm_features(WasmFeatures::all(), false)
        // WebAssembly 1.0, `memory.copy` and `memory.fill`.
        .wasm_features(WasmFeatures::FLOATS | WasmFeatures::MUTABLE_GLOBAL, true)
        .wasm_features(WasmFeatures::BULK_MEMORY_OPT, true)
        .epoch_interruption(true)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false);
    match memory {
        Memory::Reserved => config.memory_reservation(4 << 30).memory_guard_size(32 << 20),
        Memory::Small => {
            config.memory_reservation(0).memory_guard_size(0).memory_reservation_for_growth(1 << 20)
        }
    };
    config
}
