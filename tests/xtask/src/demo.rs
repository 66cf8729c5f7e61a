//! `cargo xtask demo`: the demo, once everything that it is built with is there.

use crate::step::{self, Result, cargo, target};

pub(crate) fn run(options: &[String]) -> Result {
    if !target("debug/countersign").exists() {
        eprintln!("the first build takes some minutes");
    }
    step::run(cargo(["run", "--package", "countersign", "--", "demo"]).args(options))
}
