//! Which engine runs the core.

use std::sync::Arc;

use countersign_runtime::{Engine, EngineError, NativeEngine, WasmEngine, WasmSettings};

/// Which engine runs the core. Both give the same bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineKind {
    /// In WebAssembly instances: isolated, with deadlines and limits of memory.
    #[default]
    Wasm,
    /// Linked into the process: the fastest.
    Native,
}

impl EngineKind {
    /// As it stands in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Native => "native",
        }
    }

    /// A new engine.
    ///
    /// # Errors
    /// What kept it from starting.
    pub fn engine(self) -> Result<Arc<dyn Engine>, EngineError> {
        Ok(match self {
            Self::Wasm => Arc::new(WasmEngine::new(WasmSettings::default())?),
            Self::Native => Arc::new(NativeEngine::new()),
        })
    }
}
