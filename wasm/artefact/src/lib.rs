//! Builds `countersign.wasm` and reads what it imports and exports.
//!
//! One recipe for everybody who needs the module: the runtime's build script, the checks, the packages. So all of
//! them have the same bytes.

mod recipe;
mod surface;

pub use recipe::{BuildError, build, sources, workspace};
pub use surface::{SurfaceError, surface};
