//! Writes what the fuzzer begins with: the texts of the vectors for the readers, and the frames of one purchase.
//!
//! `cargo run --manifest-path tests/fuzz/Cargo.toml --example seeds <folder>`

use std::path::{Path, PathBuf};
use std::{env, fs};

use countersign_core::abi::operation;
use countersign_core::ledger::Change;
use countersign_core::ledger::{Decision, Outcome, Row, Settlement, Stored, Write};
use countersign_core::{Body, Request, Verdict};
use countersign_fuzz::caller::Caller;
use countersign_fuzz::platform::{Setup, sign_v2};
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors");

fn main() {
    let folder = PathBuf::from(env::args().nth(1).expect("the folder to write to"));
    for (file, list, member, target) in [
        ("wire", "targets", "target", "form"),
        ("wire", "forms", "query", "form"),
        ("wire", "percent", "encoded", "form"),
        ("wire", "base64", "text", "base64"),
        ("wire", "json", "text", "json"),
        ("wire", "times", "text", "time"),
        ("canonical", "forms", "text", "json"),
        ("crypto", "credentials", "text", "base64"),
        ("crypto", "refused_credentials", "text", "base64"),
        ("crypto", "v2_signatures", "signature", "hex"),
    ] {
        let text = fs::read(Path::new(VECTORS).join(format!("{file}.json"))).expect("the vectors");
        let vectors: Value = serde_json::from_slice(&text).expect("JSON");
        for case in vectors[list].as_array().expect("a list") {
            // A few are given as hexadecimal digits instead, being no text.
            if let (Some(id), Some(text)) = (case["id"].as_str(), case[member].as_str()) {
                write(&folder, target, id, text.as_bytes());
            }
        }
    }
    for (operation, call) in purchase() {
        write(&folder, "frames", &format!("operation-{operation}"), &call);
    }
}

fn write(folder: &Path, target: &str, id: &str, bytes: &[u8]) {
    let folder = folder.join(target);
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(id), bytes).expect("a file");
}

/// Every operation once, each as `frames` reads it. A frame brings its rows along, so each can stand alone.
fn purchase() -> Vec<(u32, Vec<u8>)> {
    let mut caller = Caller::open(&Setup::plain().configuration()).expect("valid");
    let mut calls = Vec::new();
    let mut record = |operation: u32, caller: &Caller| {
        let length = u16::try_from(caller.last.len()).expect("a short frame");
        let number = u8::try_from(operation).expect("a low number");
        calls.push((operation, [&[number], &length.to_le_bytes()[..], &caller.last].concat()));
    };
    let now = 1_700_000_000_000;
    let body = br#"{"activity":"newInstance","businessId":"b","orderId":"CS1","orderLineId":"1"}"#;
    let signed = sign_v2("/saas", "test-access-key-0001", "a-nonce-of-sixteen", now, body);
    let request =
        Request::new(signed.method, &signed.target, &[("Host", b"example.com")], Body::Bytes(&signed.body));
    let Ok(Verdict::Admitted(admitted)) = caller.admit(&request, &[7; 16], now) else { panic!("admitted") };
    record(operation::ADMIT, &caller);
    let absent: Vec<Row> = admitted.keys.iter().map(|key| Row { key: key.clone(), value: None }).collect();
    let decided = caller.decide(&admitted.admission, &absent, now, &[1; 32]);
    record(operation::DECIDE, &caller);
    let Ok(Decision::Perform(assignment)) = decided else { panic!("{decided:?}") };
    let mut rows: Vec<Row> = assignment.commit.iter().filter_map(stored).collect();
    let due = caller.due(&rows, now + 60_000).expect("works");
    record(operation::DUE, &caller);
    let row = rows.iter().find(|row| row.key == due.works[0].key).expect("the work's row");
    caller.claim(row, now + 60_000, &[2; 32]).expect("a claim");
    record(operation::CLAIM, &caller);
    let outcome =
        Outcome::Done(br#"{"front_end_url":"https://a.example","user_name":"u","password":"p"}"#.to_vec());
    let work = (assignment.work.as_slice(), Some(admitted.admission.as_slice()));
    let settled = caller.settle(work, &rows, &outcome, now, &[3; 32]);
    record(operation::SETTLE, &caller);
    caller.report(&assignment.effect.id, &rows, &outcome, now, &[4; 32]).expect("a settlement");
    record(operation::REPORT, &caller);
    caller.decline(&admitted.admission).expect("an answer");
    record(operation::DECLINE, &caller);
    let Ok(Settlement::Settled(settled)) = settled else { panic!("{settled:?}") };
    rows = settled.commit.iter().filter_map(stored).collect();
    let access = br#"{"front_end_url":"https://b.example"}"#;
    caller.update_access(("crm", "b"), access, &rows, &[5; 32]).expect("an update");
    record(operation::UPDATE_ACCESS, &caller);
    let instance =
        rows.iter().find(|row| row.key.starts_with("instance/")).and_then(|row| row.value.as_ref());
    caller.view_instance(&instance.expect("the instance").bytes, true).expect("a view");
    record(operation::VIEW_INSTANCE, &caller);
    caller.close().expect("open until now");
    record(operation::CLOSE, &caller);
    calls
}

fn stored(write: &Write) -> Option<Row> {
    match &write.change {
        Change::Put { bytes, .. } => {
            let value = Some(Stored { bytes: bytes.clone(), version: 1 });
            Some(Row { key: write.key.clone(), value })
        }
        Change::Check | Change::Delete => None,
    }
}
