//! Builds both artefacts and reads what they import and export.
//!
//! One recipe for everybody who needs a module: the runtime's build script, the checks, the packages. So all of them
//! have the same bytes.

#[cfg(feature = "breakdown")]
pub mod breakdown;
#[cfg(feature = "js")]
mod js;
#[cfg(feature = "breakdown")]
mod owner;
mod recipe;
#[cfg(feature = "size")]
pub mod size;
mod surface;
mod target;

#[cfg(feature = "js")]
pub use js::{JsArtefact, build_js};
pub use recipe::{BuildError, build, build_named, sources, workspace};
pub use surface::{SurfaceError, proposals, surface};
pub use target::NoTarget;
