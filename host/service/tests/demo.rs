//! The demo as a newcomer runs it: the whole process, both engines.

use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

fn demo(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("demo")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Steps and summary; shows what went wrong where something did.
fn told(output: &Output) -> (Vec<Value>, Value) {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let summary = lines.pop().unwrap_or_default();
    assert_eq!(summary["type"], "summary", "{}", String::from_utf8_lossy(&output.stderr));
    (lines, summary)
}

#[test]
fn everything_holds_on_both_engines_and_the_answers_are_the_same_bytes() {
    let engines =
        ["wasm", "native"].map(|engine| demo(&["--json", "--seed", "20260101", "--engine", engine]));
    let [(wasm, wasm_summary), (native, native_summary)] = engines.map(|child| {
        let output = child.wait_with_output().unwrap();
        let (steps, summary) = told(&output);
        let bad: Vec<&Value> = steps.iter().filter(|step| step["passed"] != true).collect();
        assert!(bad.is_empty(), "{bad:#?}");
        assert_eq!(summary["passed"], true, "{summary:#}");
        assert!(output.status.success());
        (steps, summary)
    });
    assert_eq!((&wasm_summary["engine"], &native_summary["engine"]), (&"wasm".into(), &"native".into()));
    assert_eq!(wasm.len(), native.len());
    for (one, other) in wasm.iter().zip(&native) {
        assert!(!one["answers"].as_array().unwrap().is_empty(), "{one:#}");
        assert_eq!(one["answers"], other["answers"], "{}: {}", one["story"], one["name"]);
    }
    assert_eq!(wasm_summary["answers_sha256"], native_summary["answers_sha256"]);
    assert!(wasm_summary["steps"].as_u64() > Some(150), "{wasm_summary:#}");
    assert!(wasm_summary["elapsed_ms"].as_u64() < Some(60_000), "{wasm_summary:#}");
}

#[test]
fn a_chapter_is_played_alone() {
    for (chapter, played) in
        [("kit", &["kit-v1", "kit-v2", "orgid-sync"][..]), ("accounts", &["account-events"])]
    {
        let options = ["--json", "--seed", "2", "--engine", "native", "--chapter", chapter];
        let (steps, summary) = told(&demo(&options).wait_with_output().unwrap());
        assert_eq!(summary["passed"], true, "{summary:#}");
        let dialects: std::collections::BTreeSet<&str> =
            steps.iter().filter_map(|step| step["dialect"].as_str()).collect();
        assert_eq!(dialects.into_iter().collect::<Vec<_>>(), played);
    }
}

#[test]
fn a_key_that_the_gate_does_not_have_fails_every_step() {
    let sabotaged = ["--seed", "1", "--engine", "native", "--sabotage", "wrong-key"];
    // Nothing proves who wrote a refusal of an identity centre: the attacks on it are refused here as well.
    let accounts = demo(&[&sabotaged[..], &["--json", "--chapter", "accounts"]].concat());
    let (steps, summary) = told(&accounts.wait_with_output().unwrap());
    assert_eq!(summary["passed"], false, "{summary:#}");
    let begins = steps.iter().filter(|step| step["expected"] == "200");
    assert!(
        begins.clone().count() > 10 && begins.into_iter().all(|step| step["passed"] == false),
        "{steps:#?}"
    );
    let signed = ["saas", "licences", "orders", "kit"].map(|chapter| ["--chapter", chapter]).concat();
    let output = demo(&[&sabotaged[..], &signed].concat()).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = std::str::from_utf8(&output.stdout).unwrap();
    assert!(text.contains("refused: signature-mismatch") && text.contains("Something is off"), "{text}");
    assert!(!text.contains(['\x1b', '\r', '✓']), "plain text where there is no terminal");
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(125), "{widest:?}");
}

#[test]
fn answers_without_a_signature_are_found() {
    let output =
        demo(&["--json", "--engine", "native", "--sabotage", "unsigned-answers"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let (steps, summary) = told(&output);
    assert_eq!(summary["passed"], false);
    assert_eq!(steps[0]["findings"][0]["code"], "body-sign-missing");
}
