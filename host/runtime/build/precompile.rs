//! WebAssembly to machine code, in both memory modes.

use std::{env, thread};

use wasmtime::{Engine, Result, error::Context};

use crate::memory::{Memory, config};

pub(crate) struct Compiled {
    pub(crate) reserved: Vec<u8>,
    pub(crate) small: Vec<u8>,
}

/// Compiles for the target of this build with the instructions that every processor of its architecture has: the
/// code must load on another machine than the one that built it.
pub(crate) fn precompile(wasm: &[u8]) -> Result<Compiled> {
    let target = env::var("TARGET").context("cargo sets TARGET for build scripts")?;
    let compile = |memory| -> Result<Vec<u8>> {
        let mut config = config(memory);
        config.target(&target)?;
        Engine::new(&config)?.precompile_module(wasm)
    };
    thread::scope(|scope| {
        let small = scope.spawn(|| compile(Memory::Small));
        let reserved = compile(Memory::Reserved)?;
        let small = small.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        Ok(Compiled { reserved, small })
    })
}
