//! Whose call a refused one is: the platform's, or a stranger's.

use countersign_core::crypto::MacKey;
use countersign_core::wire::{base64, hex};
use countersign_core::{Answer, Body, Request, Seller, Verdict};
use serde_json::json;

use super::world::{KEY, START};

/// Signs refusals of strangers; the platform's calls are signed with [`KEY`].
const FIRST: &str = "the-first-key-of-the-ring";

fn signed(key: &str, body: &str) -> String {
    let mac = MacKey::new(key.as_bytes());
    let inner = hex::encode(&mac.mac(&[body.as_bytes()]));
    let time = START.to_string();
    let outer = mac.mac(&[key.as_bytes(), b"n", time.as_bytes(), inner.as_bytes()]);
    format!("/v2?signature={}&timestamp={time}&nonce=n", hex::encode(&outer))
}

fn is_signed_with(answer: &Answer, key: &str) -> bool {
    let signature = base64::encode(&MacKey::new(key.as_bytes()).mac(&[&answer.body]));
    answer.headers.iter().any(|(name, value)| name == "Body-Sign" && value.contains(&signature))
}

/// The key that authenticated a call signs its answer, so the answer tells whether one did.
#[test]
fn a_refused_call_says_whether_a_key_signed_it() {
    let routes = json!([{"path": "/v2", "dialect": "saas-v2", "keys": [FIRST, KEY]}]);
    let seller = Seller::from_json(json!({"routes": routes}).to_string().as_bytes()).unwrap();
    let unknown = r#"{"activity":"modifyInstance"}"#;
    let good = signed(KEY, unknown);
    let long = format!("{good}&x={}", "x".repeat(20_000));
    let stale = good.replace(&START.to_string(), &(START - 600_000).to_string());
    let strangers = [
        ("/v2", "{}"),
        ("/v2?timestamp=x", "{}"),
        ("/v2?a=b&a=b", "{}"),
        (&good, "{}"),
        (&good, "{"),
        (&long, unknown),
        (&stale, unknown),
        (&good.replace("nonce=n", "nonce=m"), unknown),
        (&good.replace("signature=", "signature=0"), unknown),
        (&signed("nobody's", unknown), unknown),
        (&good, "\u{feff}{}"),
    ]
    .map(|(target, body)| (target.to_owned(), body.to_owned(), false));
    let ours = [
        unknown,
        "{",
        "[]",
        "{}",
        r#"{"a":1,"a":2}"#,
        "\u{feff}{}",
        r#"{"activity":"newInstance"}"#,
        r#"{"activity":"newInstance","orderId":"x","orderLineId":"1","businessId":"b","testFlag":"7"}"#,
        r#"{"activity":"queryInstance","instanceId":","}"#,
        r#"{"activity":"updateInstanceStatus","instanceId":"a","status":"BURN"}"#,
    ]
    .map(|body| (signed(KEY, body), body.to_owned(), true));
    for (target, body, authenticated) in strangers.into_iter().chain(ours) {
        let body = body.as_bytes();
        let request = Request::new("POST", target.as_bytes(), &[], Body::Bytes(body));
        let Verdict::Refused(refusal) = seller.admit(&request, &[1; 16], START) else { panic!("{target}") };
        let reason = refusal.reason.code.code();
        assert_eq!(refusal.is_authenticated(), authenticated, "{reason}");
        assert_eq!((refusal.dialect.as_deref(), refusal.product.as_deref()), (Some("saas-v2"), Some("/v2")));
        let key = if authenticated { KEY } else { FIRST };
        assert!(is_signed_with(&refusal.answer, key), "{reason}");
    }
    let request = Request::new("GET", b"/v2", &[], Body::Bytes(b""));
    let Verdict::Refused(refusal) = seller.admit(&request, &[1; 16], START) else { panic!() };
    assert!(!refusal.is_authenticated(), "405");
    assert_eq!((refusal.dialect, refusal.product), (None, None));
}
