//! `cargo xtask demo`: the demo, once everything that it is built with is there.

use crate::step::{self, Result, cargo};

pub(crate) fn run(options: &[String]) -> Result {
    println!("the first build takes some minutes");
    step::run(cargo(["run", "--package", "countersign", "--", "demo"]).args(options))
}
