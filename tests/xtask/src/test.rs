//! `cargo xtask test`: every suite, in one build profile.

use crate::step::{self, Result, cargo, step};
use crate::tools;

pub(crate) fn run() -> Result {
    step("tools", tools::require)?;
    step("cargo test", || step::run(&mut cargo(["test", "--workspace", "--all-features"])))
}
