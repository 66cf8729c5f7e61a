//! Instances into a ledger and out of it, one JSON object per line. What a line means the core says.

mod export;
mod import;
mod lines;

pub use export::{ExportError, Exported, export};
pub use import::{ImportError, Imported, Importer, Refused};
