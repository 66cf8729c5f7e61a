//! A small seller's backend, complete: it verifies every message, carries each effect out once, and remembers. Whoever
//! writes a real one can read here what that takes.

mod accounts;
mod behaviour;
mod server;
mod signature;
mod tenants;
mod workspaces;

pub use server::{Api, SampleBackend};
pub use workspaces::{Counts, Delivery};
