//! A second opinion of the entitlement decision: a naive evaluator in another language, over generated worlds.

use std::path::Path;
use std::process::Command;

/// A longer run: `python3 tests/oracle/python/entitlement/compare.py 50000 7 target/release/countersign drive`.
#[test]
fn a_naive_evaluator_decides_the_same_over_generated_worlds() {
    let program =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracle/python/entitlement/compare.py");
    let mut python = Command::new("python3");
    python.arg(program).args(["500", "1", env!("CARGO_BIN_EXE_countersign"), "drive"]);
    let output = python.output().expect("python3 is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let checks: u32 =
        said.split(' ').next().and_then(|digits| digits.parse().ok()).expect("a number of checks");
    assert!(checks > 10_000 && said.contains("never seen: none"), "{said}");
}
