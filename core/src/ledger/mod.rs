//! Idempotency: what is remembered about calls, and the pure decisions over it.

mod contract;

pub use contract::{Change, Row, Stored, Write};
