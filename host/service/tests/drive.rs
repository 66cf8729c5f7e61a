//! The black-box face: imports, exports and numbers of any size, the same on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;

use countersign::config::EngineKind;
use countersign::drive::Driver;
use countersign_core::crypto::MacKey;
use countersign_core::wire::hex;
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn driver(engine: EngineKind) -> Driver {
    let mut driver = Driver::new(engine.engine().unwrap()).unwrap();
    let config = json!({"routes": [
        {"path": "/v2", "dialect": "saas-v2", "keys": ["k"], "product": "crm"},
        {"path": "/v1", "dialect": "saas-v1", "keys": ["k"], "product": "classic"},
    ]});
    assert_eq!(ask(&mut driver, &json!({"op": "open", "config": config})), json!({"seller": 1}));
    driver
}

fn ask(driver: &mut Driver, line: &Value) -> Value {
    serde_json::from_str(&driver.answer(line.to_string().as_bytes())).unwrap()
}

fn import(driver: &mut Driver, instance: &Value, rows: &Value) -> Value {
    let entropy = "07".repeat(32);
    let line = json!({"op": "import", "seller": 1, "instance": instance, "rows": rows, "now": 1_700_000_000_000_u64, "entropy": entropy});
    ask(driver, &line)
}

/// One import from the first question to the rows, and the way out again.
fn story(engine: EngineKind) -> Vec<Value> {
    let driver = &mut driver(engine);
    let instance = json!({"product": "crm", "orderId": "CS1", "orderLineId": "1", "instanceId": "old", "frontEndUrl": "https://a.example"});
    let need = import(driver, &instance, &json!([]));
    assert_eq!(need, json!({"decision": "need", "keys": ["order/crm/CS1/line/1", "instance/crm/old"]}));
    let absent = json!([{"key": "order/crm/CS1/line/1"}, {"key": "instance/crm/old"}]);
    let commit = import(driver, &instance, &absent);
    assert_eq!(commit["decision"], "commit");
    let put = |write: &Value| json!({"key": write["key"], "value_base64": write["put_base64"], "version": 1});
    let rows: Vec<Value> = commit["commit"].as_array().unwrap().iter().map(put).collect();
    assert_eq!(import(driver, &instance, &json!(rows)), json!({"decision": "unchanged"}));
    let mut other = instance.clone();
    other["phase"] = json!("frozen");
    let refused = import(driver, &other, &json!(rows));
    assert_eq!(
        (&refused["decision"], &refused["problems"][0]["code"]),
        (&json!("refused"), &json!("conflict"))
    );
    let row = rows.iter().find(|row| row["key"] == "instance/crm/old").unwrap();
    let exported = ask(driver, &json!({"op": "export", "seller": 1, "row": row, "with_access": true}));
    assert_eq!(exported["instance"]["access"]["front_end_url"], "https://a.example");
    let bare = ask(driver, &json!({"op": "export", "seller": 1, "row": row}));
    assert_eq!(bare["instance"].get("access"), None);
    let broken = ask(
        driver,
        &json!({"op": "export", "seller": 1, "row": {"key": "x", "value_base64": "AAAA", "version": 1}}),
    );
    assert_eq!(broken["error"]["code"], "corrupt-row");
    for wrong in [json!({"op": "import", "seller": 1}), json!({"op": "export", "seller": 1})] {
        assert_eq!(ask(driver, &wrong)["error"]["code"], "malformed-frame");
    }
    vec![need, commit, refused, exported, bare]
}

#[test]
fn both_engines_import_and_export_alike() {
    assert_eq!(story(EngineKind::Native), story(EngineKind::Wasm));
}

/// A number keeps the digits that it came with, however many they are, wherever an event passes.
#[test]
fn numbers_of_any_size_pass_through_every_operation() {
    let digits = "7".repeat(20_000);
    let numbers = format!(r#""big":1e999999,"digits":{digits},"small":1e-999999,"point":1.10,"zero":-0.0"#);
    let body = format!(
        r#"{{"activity":"newInstance","orderId":"CS9","orderLineId":"1","businessId":"b9",{numbers}}}"#
    );
    let (now, stamp) = (1_700_000_000_000_u64, "1700000000000");
    let mac = MacKey::new(b"k");
    let inner = hex::encode(&mac.mac(&[body.as_bytes()]));
    let signature = hex::encode(&mac.mac(&[b"k", b"n", stamp.as_bytes(), inner.as_bytes()]));
    let request = json!({"method": "POST", "target": format!("/v2?signature={signature}&timestamp={stamp}&nonce=n"), "body": body});
    let expected = format!(r#""extra":{{{numbers}}}"#);
    let mut said = Vec::new();
    for engine in [EngineKind::Native, EngineKind::Wasm] {
        let mut driver = driver(engine);
        let mut say = |line: &str| driver.answer(line.as_bytes());
        let common = format!(
            r#""seller":1,"now":{now},"request_id":"{}","entropy":"{}""#,
            "00".repeat(16),
            "07".repeat(32)
        );
        let admitted = say(&format!(r#"{{"op":"admit",{common},"request":{request}}}"#));
        assert!(admitted.contains(&expected), "{}", &admitted[..200.min(admitted.len())]);
        let read: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&admitted).unwrap();
        let keys: Vec<String> = serde_json::from_str(read["keys"].get()).unwrap();
        let rows: Vec<Value> = keys.iter().map(|key| json!({"key": key})).collect();
        let line =
            format!(r#"{{"op":"decide",{common},"admission":{},"rows":{}}}"#, read["admission"], json!(rows));
        let decided = say(&line);
        assert!(decided.contains(&expected), "{}", &decided[..200.min(decided.len())]);
        let outcome = r#"[{"kind":"done","answer":{"front_end_url":"https://a.example","size":1e999999}}]"#;
        let handled = say(&format!(r#"{{"op":"handle",{common},"request":{request},"outcomes":{outcome}}}"#));
        assert!(
            handled.contains(&expected) && handled.contains(r#""reason":null"#),
            "{}",
            &handled[..200.min(handled.len())]
        );
        let import = say(&format!(r#"{{"op":"import",{common},"instance":{{"expire_time":1e999999}}}}"#));
        assert!(import.contains(r#""path":"expire_time""#), "{import}");
        let config = r#"{"routes":[{"path":"/x","dialect":"saas-v2","keys":["k"],"window_ms":1e999999}]}"#;
        let opened = say(&format!(r#"{{"op":"open","config":{config}}}"#));
        assert!(opened.contains(r#""path":"routes[0].window_ms""#), "{opened}");
        said.push([admitted, decided, handled, import, opened]);
    }
    assert!(said[0] == said[1], "both engines say the same");
}
