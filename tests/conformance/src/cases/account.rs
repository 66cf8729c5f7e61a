//! Account events: one admission each, by a route of their own.

use serde_json::{Value, json};

use super::vector::Vector;
use crate::case::{Case, Exchange, Expectation};

/// The cases of `account.json`.
pub(super) fn cases(document: &Value) -> Vec<Case> {
    let cases = document["cases"].as_array().expect("a list of cases").iter();
    cases.map(|vector| case(vector, &document["token"])).collect()
}

fn case(vector: &Value, token: &Value) -> Case {
    let mut route =
        json!({"path": "/account", "dialect": "account-events", "token": token, "product": "accounts"});
    let vector = Vector(vector);
    vector.set_on(&mut route);
    let found = vector.0;
    let expect = match found.get("event").and_then(Value::as_str) {
        Some(event) => {
            let event: Value = serde_json::from_str(event).expect("an event is JSON");
            json!({"verdict": "admitted", "test": false, "event": event})
        }
        None => {
            let by_code = || vector.text("code").parse().expect("the code is a number");
            let status = if route["error_status"] == "200" { 200 } else { by_code() };
            json!({
                "verdict": "refused",
                "reason": {"code": found["reason"], "field": found["field"]},
                "answer": {"status": status, "json": {"code": found["code"]}},
            })
        }
    };
    let send = vector.admission("/account");
    Case {
        group: "account.json".into(),
        name: vector.text("id").to_owned(),
        configuration: Some(json!({ "routes": [route] })),
        exchanges: Vec::from([Exchange { send, expect: Expectation::Members(expect) }]),
    }
}
