//! Account events, one by one (what `tests/vectors/account.json` says comes of each), and over time.

use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/account.json")).unwrap()
}

fn admit(vectors: &Value, case: &Value) -> Verdict {
    let mut route =
        json!({"path": "/account", "dialect": "account-events", "token": vectors["token"], "product": "crm"});
    for (name, value) in case["settings"].as_object().unwrap() {
        route[name] = value.clone();
    }
    let seller = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let headers: Vec<(String, String)> =
        case["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = text(&case["body"]);
    let request = Request::new("POST", b"/account", &headers, Body::Bytes(body.as_bytes()));
    seller.admit(&request, &[7; 16], case["now"].as_u64().unwrap())
}

#[test]
fn every_call_comes_to_what_the_documents_say() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 120);
    let mut wrong = Vec::new();
    for case in cases {
        let found = match admit(&vectors, case) {
            Verdict::Admitted(admitted) => {
                json!({"event": serde_json::from_str::<Value>(&admitted.event.to_json()).unwrap()})
            }
            Verdict::Refused(refusal) => {
                let answer: Value = serde_json::from_slice(&refusal.answer.body).unwrap();
                let always = case["settings"]["error_status"] == "200";
                let status =
                    if always { "200".to_string() } else { answer["code"].as_str().unwrap().to_string() };
                assert_eq!(refusal.answer.status.to_string(), status, "{}", case["id"]);
                json!({
                    "reason": refusal.reason.code.code(),
                    "field": refusal.reason.field,
                    "code": answer["code"],
                })
            }
        };
        for (name, value) in found.as_object().unwrap() {
            let expected = match (name.as_str(), &case[name]) {
                ("event", Value::String(text)) => serde_json::from_str(text).unwrap(),
                (_, expected) => expected.clone(),
            };
            if expected != *value {
                wrong.push(format!("{}: {name} is {value}, not {expected}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
