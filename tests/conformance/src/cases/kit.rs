//! Calls of the kits: one admission each, by a route of their own.

use serde_json::{Value, json};

use super::vector::Vector;
use crate::case::{Case, Exchange, Expectation};

/// The cases of `kit.json`, one row for each dialect.
pub(super) fn cases(document: &Value) -> Vec<Case> {
    let key = &document["key"];
    let mut cases: Vec<Case> = Vec::new();
    for dialect in ["kit-v1", "kit-v2", "orgid-sync"] {
        let of_dialect = document["cases"].as_array().expect("a list of cases").iter();
        cases.extend(of_dialect.filter(|case| case["dialect"] == dialect).map(|vector| case(vector, key)));
    }
    cases
}

fn case(vector: &Value, key: &Value) -> Case {
    let mut route = json!({"path": "/kit", "dialect": vector["dialect"], "keys": [key], "product": "crm"});
    let vector = Vector(vector);
    vector.set_on(&mut route);
    let found = vector.0;
    let expect = match found.get("event").and_then(Value::as_str) {
        Some(event) => {
            let event: Value = serde_json::from_str(event).expect("an event is JSON");
            json!({"verdict": "admitted", "test": found["test"], "event": event})
        }
        None => json!({
            "verdict": "refused",
            "reason": {"code": found["reason"], "field": found["field"]},
            "answer": {"status": 200, "json": {"resultCode": found["result_code"]}},
        }),
    };
    let send = vector.admission(&format!("/kit{}", vector.text("path")));
    Case {
        group: format!("kit.json {}", vector.text("dialect")),
        name: vector.text("id").to_owned(),
        configuration: Some(json!({ "routes": [route] })),
        exchanges: Vec::from([Exchange { send, expect: Expectation::Members(expect) }]),
    }
}
