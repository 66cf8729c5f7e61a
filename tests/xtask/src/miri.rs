//! `cargo xtask miri`: the core's and the module's tests under Miri, which interprets them and knows undefined behaviour
//! when it sees it: in the allocator that wipes, and in the libraries beneath a core that itself forbids `unsafe`.
//!
//! It is some ten thousand times slower than the processor. What it does not run is listed here, with the reason.

use std::process::Command;

use crate::step::{self, Result, step, target};

/// Tests of the core that would take an interpreter minutes or hours each, by a part of their names.
const LEFT_OUT: [(&str, &str); 8] = [
    (
        "wire::",
        "nearly all generate their texts by the hundred; fuzzing covers the readers, and calls read through them",
    ),
    (
        "row::codec::",
        "rows by the dozen, each damaged member by member; the stories read and write rows of every kind",
    ),
    ("vectors::", "hundreds of vectors; the same functions run here on a few values"),
    ("every_length", "512 ciphertexts; two of other tests run here"),
    ("rsa::", "numbers of 3 072 bits are raised to powers of as many: hours for each"),
    (
        "directory::laws::",
        "stories by the hundred; the same records are written and read in the tests beside them",
    ),
    ("999", "a thousand departments; a handful runs here"),
    ("about_equally", "64 000 draws: a statistic, not a computation of another kind"),
];

/// A call that is refused, one that is a test, and purchases that are admitted, decided, committed and settled.
const STORIES: [&str; 3] = [
    "test_traffic::a_malformed_test_call_is_refused_like_any_other",
    "test_traffic::a_test_create_happens_once_and_touches_no_production_row",
    "create::the_first_business_id_becomes_the_instance_id_and_stays",
];

pub(crate) fn run() -> Result {
    step("Miri: the module, its allocator and its frames", || step::run(&mut miri(&["countersign-wasm"])))?;
    step("Miri: the core", || {
        for (name, reason) in LEFT_OUT {
            println!("left out: {name} ({reason})");
        }
        let mut core = miri(&["countersign-core", "--lib"]);
        core.arg("--");
        for (name, _) in LEFT_OUT {
            core.args(["--skip", name]);
        }
        step::run(&mut core)
    })?;
    step("Miri: whole stories", || {
        println!(
            "left out: all but these three; each takes half a minute, and the others run the same code over more rows"
        );
        step::run(miri(&["countersign-core", "--test", "rules"]).args(["--", "--exact"]).args(STORIES))
    })
}

/// `--package` stands before the first argument.
fn miri(arguments: &[&str]) -> Command {
    let mut cargo = step::nightly(&["cargo", "miri", "test", "--quiet", "--target-dir"]);
    cargo.arg(target("miri")).arg("--package").args(arguments);
    // Files are read: the vectors and the kept frames.
    cargo.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("PROPTEST_CASES", "1");
    cargo
}
