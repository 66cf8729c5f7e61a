//! The calls of the kits and of an OrgID, one by one: what `tests/vectors/kit.json` says comes of each.

use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/kit.json")).unwrap()
}

fn seller(vectors: &Value, case: &Value) -> Seller {
    let mut route =
        json!({"path": "/kit", "dialect": case["dialect"], "keys": [vectors["key"]], "product": "crm"});
    for (name, value) in case["settings"].as_object().unwrap() {
        route[name] = value.clone();
    }
    Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap()
}

fn admit(vectors: &Value, case: &Value) -> Verdict {
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let target = format!("/kit{}", text(&case["path"]));
    let headers: Vec<(String, String)> =
        case["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = text(&case["body"]);
    let request = Request::new("POST", target.as_bytes(), &headers, Body::Bytes(body.as_bytes()));
    seller(vectors, case).admit(&request, &[7; 16], case["now"].as_u64().unwrap())
}

#[test]
fn every_call_comes_to_what_the_documents_say() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 300);
    let mut wrong = Vec::new();
    for case in cases {
        let found = match admit(&vectors, case) {
            Verdict::Admitted(admitted) => json!({"event": admitted.event.to_json(), "test": admitted.test}),
            Verdict::Refused(refusal) => {
                let body: Value = serde_json::from_slice(&refusal.answer.body).unwrap();
                json!({
                    "reason": refusal.reason.code.code(),
                    "field": refusal.reason.field,
                    "result_code": body["resultCode"],
                })
            }
        };
        for (name, value) in found.as_object().unwrap() {
            if case[name] != *value {
                wrong.push(format!("{}: {name} is {value}, not {}", case["id"], case[name]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
