//! The engine where addresses are scarce: a child process under a real limit.
#![cfg(unix)]

use std::env;
use std::process::Command;

use countersign_runtime::{Engine, EngineError, Memory, WasmEngine, WasmSettings, frame};

/// Set in the child.
const CHILD: &str = "COUNTERSIGN_TEST_SMALL_MEMORY";
/// KiB of addresses: enough for the program and its threads, far from 4 GiB.
const ADDRESSES: u32 = 1 << 20;

#[test]
fn a_limit_of_addresses_is_survived() {
    if env::var_os(CHILD).is_some() {
        return in_child();
    }
    let this = env::current_exe().expect("the path of this test");
    let child = Command::new("sh")
        .arg("-c")
        .arg(format!(r#"ulimit -v {ADDRESSES} && exec "$0" --exact a_limit_of_addresses_is_survived"#))
        .arg(this)
        .env(CHILD, "1")
        .output()
        .expect("a child");
    let said = String::from_utf8_lossy(&[child.stdout, child.stderr].concat()).into_owned();
    assert!(child.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn in_child() {
    let with = |memory| WasmEngine::new(WasmSettings { memory, instances: 4, ..WasmSettings::default() });
    let refused = with(Some(Memory::Reserved)).expect_err("4 GiB four times do not fit");
    assert!(matches!(refused, EngineError::Start(_)), "{refused}");
    for memory in [Some(Memory::Small), None] {
        let engine = with(memory).expect("an engine");
        assert_eq!(engine.memory(), Memory::Small);
        engine.call(u32::MAX, &frame::head(None)).expect("an answer");
        engine.call(u32::MAX, &vec![0; 1 << 20]).expect("an answer");
    }
}
