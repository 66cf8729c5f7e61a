//! `cargo xtask test`: every suite, in one build profile.

use crate::js;
use crate::step::{self, Result, cargo, step};

pub(crate) fn run() -> Result {
    js::build()?;
    step("js: tests", || step::run(&mut js::npm(&js::package(), &["test", "--silent"])))?;
    step("cargo test", || step::run(&mut cargo(["test", "--workspace", "--all-features"])))
}
