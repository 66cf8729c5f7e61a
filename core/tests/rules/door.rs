//! One call at a time: signed, sent to a seller, and what came of it.

use countersign_core::crypto::MacKey;
use countersign_core::wire::hex;
use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, START};

/// A route of each dialect; further members of either.
pub(crate) fn open(more_v1: &Value, more_v2: &Value) -> Seller {
    let mut routes = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [KEY, "second-key"]},
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY, "second-key"]},
    ]);
    for (index, more) in [more_v1, more_v2].into_iter().enumerate() {
        for (name, value) in more.as_object().unwrap() {
            routes[index][name] = value.clone();
        }
    }
    Seller::from_json(json!({ "routes": routes }).to_string().as_bytes()).unwrap()
}

pub(crate) fn send(seller: &Seller, method: &str, target: &str, body: &[u8]) -> Verdict {
    let request = Request::new(method, target.as_bytes(), &[], Body::Bytes(body));
    seller.admit(&request, &[1; 16], START)
}

/// The reason's code and the result code; `ok` for an admission.
pub(crate) fn outcome(verdict: &Verdict) -> (String, String) {
    match verdict {
        Verdict::Admitted(_) => ("ok".into(), String::new()),
        Verdict::Refused(refusal) => {
            let body: Value = serde_json::from_slice(&refusal.answer.body).unwrap_or_default();
            let code = body["resultCode"].as_str().unwrap_or_default().to_string();
            (refusal.reason.code.code().to_string(), code)
        }
    }
}

pub(crate) fn refused(code: &str, result: &str) -> (String, String) {
    (code.into(), result.into())
}

/// The target of a V2 call whose signature is right for exactly these bytes.
pub(crate) fn signed_bytes(body: &[u8], timestamp: &str, nonce: &str) -> String {
    let mac = MacKey::new(KEY.as_bytes());
    let inner = hex::encode(&mac.mac(&[body]));
    let signature =
        hex::encode(&mac.mac(&[KEY.as_bytes(), nonce.as_bytes(), timestamp.as_bytes(), inner.as_bytes()]));
    format!("/v2?signature={signature}&timestamp={timestamp}&nonce={nonce}")
}
