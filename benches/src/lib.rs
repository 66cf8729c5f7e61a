//! What the benchmarks share: calls of the platform, signed by the simulator, which has no line of the core.

pub mod sample;
pub mod statistics;
