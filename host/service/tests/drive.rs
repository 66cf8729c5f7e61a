//! Imports and exports through the black-box face, the same on both engines.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use countersign::config::EngineKind;
use countersign::drive::Driver;
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
    driver.answer(line.to_string().as_bytes())
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
