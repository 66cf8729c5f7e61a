//! `cargo xtask test`: every suite, in one build profile.

use crate::step::{self, Result, cargo, step};
use crate::{js, tools};

pub(crate) fn run() -> Result {
    step("tools", || tools::require(&[tools::JAVAC, tools::MAVEN, tools::NODE, tools::NPM]))?;
    js::build()?;
    step("js: tests", || step::run(&mut js::npm(&js::package(), &["test", "--silent"])))?;
    step("cargo test", || step::run(&mut cargo(["test", "--workspace", "--all-features"])))
}
