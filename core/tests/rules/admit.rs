//! What is refused before anything is read, in which order, and with which words.

use countersign_core::crypto::MacKey;
use countersign_core::wire::base64;
use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::door::{open, outcome, refused, send, signed_bytes};
use super::world::{KEY, START, World, order, signed};

/// A route of each dialect; `more` are further members of the V2 route.
fn seller(more: &Value) -> Seller {
    open(&json!({}), more)
}

fn v2(target: &str, body: &[u8]) -> (String, String) {
    outcome(&send(&seller(&json!({})), "POST", target, body))
}

#[test]
fn a_path_is_matched_exactly_and_a_method_chooses_the_dialect() {
    let seller = seller(&json!({}));
    for path in ["/", "/v2/", "/V2", "/v2x", "//v2", "/v", "/%76%32"] {
        let verdict = send(&seller, "POST", path, b"");
        let Verdict::Refused(refusal) = verdict else { panic!("{path}") };
        assert_eq!((refusal.answer.status, refusal.answer.body.len()), (404, 0));
        assert_eq!(refusal.reason.code.code(), "unknown-route");
    }
    for (method, path, allow) in [("GET", "/v2", "POST"), ("POST", "/v1", "GET"), ("post", "/v2", "POST")] {
        let Verdict::Refused(refusal) = send(&seller, method, path, b"") else { panic!("{path}") };
        assert_eq!((refusal.answer.status, refusal.answer.body.len()), (405, 0));
        assert_eq!(refusal.answer.headers, [("Allow".to_string(), allow.to_string())]);
    }
}

#[test]
fn sizes_are_judged_first() {
    let limit = json!({});
    let seller = seller(&limit);
    let big = vec![b'x'; 65_537];
    assert_eq!(outcome(&send(&seller, "POST", "/v2", &big)), refused("body-too-large", "000002"));
    let long = format!("/v2?{}", "x".repeat(16_384));
    assert_eq!(outcome(&send(&seller, "POST", &long, b"")), refused("target-too-long", "000002"));
    let header = ("X-Header", b"v".as_slice());
    let many = vec![header; 101];
    let request = Request::new("POST", b"/v2", &many, Body::Bytes(b""));
    assert_eq!(outcome(&seller.admit(&request, &[1; 16], START)), refused("headers-too-large", "000002"));
    let request = Request::new("POST", b"/v2", &[], Body::Oversized);
    assert_eq!(outcome(&seller.admit(&request, &[1; 16], START)), refused("body-too-large", "000002"));
}

#[test]
fn timestamp_and_nonce_are_judged_before_any_key_is_used() {
    for (query, code) in [
        ("", "timestamp-missing"),
        ("?timestamp=", "timestamp-missing"),
        ("?timestamp=1700000000000&timestamp=1700000000000", "repeated-query-name"),
        ("?signature=a&signature=b", "repeated-query-name"),
        ("?x=1&%78=1", "repeated-query-name"),
        ("?timestamp=%zz", "malformed-query"),
        ("?timestamp=%f", "malformed-query"),
        ("?timestamp=%ff", "malformed-query"),
        ("?timestamp=170000000000", "timestamp-malformed"),
        ("?timestamp=17000000000000", "timestamp-malformed"),
        ("?timestamp=1700000000", "timestamp-malformed"),
        ("?timestamp=170000000000a", "timestamp-malformed"),
        ("?timestamp=+170000000000", "timestamp-malformed"),
        ("?timestamp=1700000000.00", "timestamp-malformed"),
        ("?timestamp=1699999939999", "timestamp-stale"),
        ("?timestamp=1700000060001", "timestamp-future"),
        ("?timestamp=1700000000000", "nonce-missing"),
        ("?timestamp=1700000000000&nonce=", "nonce-missing"),
    ] {
        assert_eq!(v2(&format!("/v2{query}"), b"{}"), refused(code, "000002"), "{query}");
    }
    let long = format!("/v2?timestamp=1700000000000&nonce={}", "n".repeat(257));
    assert_eq!(v2(&long, b"{}"), refused("nonce-too-long", "000002"));
    for edge in [START - 60_000, START + 60_000] {
        let (target, body) = signed("/v2", &order("CS1", "b1"), edge, "n");
        assert_eq!(v2(&target, body.as_bytes()).0, "ok", "{edge}");
    }
}

#[test]
fn a_missing_malformed_or_wrong_signature_is_one_thing_outside() {
    let (good, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    let signature = &good[14..78];
    let mut answers = Vec::new();
    for (target, code) in [
        (good.replace(&format!("signature={signature}&"), ""), "signature-missing"),
        (good.replace(signature, ""), "signature-missing"),
        (good.replace(signature, &signature[1..]), "signature-malformed"),
        (good.replace(signature, &format!("{signature}0")), "signature-malformed"),
        (good.replace(signature, &format!("g{}", &signature[1..])), "signature-malformed"),
        (good.replace(signature, &"0".repeat(64)), "signature-mismatch"),
        (good.replace("nonce=n", "nonce=m"), "signature-mismatch"),
        (good.replace("timestamp=1700000000000", "timestamp=1700000000001"), "signature-mismatch"),
    ] {
        let verdict = send(&seller(&json!({})), "POST", &target, body.as_bytes());
        assert_eq!(outcome(&verdict), refused(code, "000001"));
        let Verdict::Refused(refusal) = verdict else { panic!() };
        answers.push(refusal.answer);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "all alike outside");
    assert!(answers[0].headers.iter().any(|(name, _)| name == "Body-Sign"));
}

#[test]
fn either_hex_case_and_every_key_of_the_ring_verify() {
    let (good, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    let signature = &good[14..78];
    let upper = good.replace(signature, &signature.to_ascii_uppercase());
    assert_eq!(v2(&upper, body.as_bytes()).0, "ok");
    let only_second = json!({"keys": ["zeroth-key", KEY]});
    assert_eq!(outcome(&send(&seller(&only_second), "POST", &good, body.as_bytes())).0, "ok");
    assert_eq!(
        outcome(&send(&seller(&json!({"keys": ["x"]})), "POST", &good, body.as_bytes())).0,
        "signature-mismatch"
    );
}

#[test]
fn the_forms_of_the_signature_page_verify() {
    let canonical = r#"{"activity":"newInstance","businessId":"b1","orderId":"CS1","orderLineId":"1"}"#;
    let target = signed_bytes(canonical.as_bytes(), "1700000000000", "n");
    let reordered = r#"{ "orderLineId": "1", "orderId": "CS1", "x": null, "businessId": "b1", "activity": "newInstance" }"#;
    assert_eq!(v2(&target, reordered.as_bytes()).0, "ok", "sorted, nulls dropped");
    let numbers = r#"{"activity":"newInstance","businessId":"b1","orderId":"CS1","orderLineId":1}"#;
    assert_eq!(v2(&target, numbers.as_bytes()).0, "ok", "scalars as strings");
    let escaped = canonical.replace("b1", "\\u0062\\u0031");
    assert_eq!(v2(&target, escaped.as_bytes()).0, "ok", "escapes are Jackson's");
    let changed = canonical.replace("CS1", "CS2");
    assert_eq!(v2(&target, changed.as_bytes()), refused("signature-mismatch", "000001"));

    let descending = r#"{"orderLineId":"1","orderId":"CS1","businessId":"b1","activity":"newInstance"}"#;
    let target = signed_bytes(descending.as_bytes(), "1700000000000", "n");
    assert_eq!(v2(&target, canonical.as_bytes()), refused("signature-mismatch", "000001"), "off by default");
    let on = seller(&json!({"descending_order": true}));
    assert_eq!(outcome(&send(&on, "POST", &target, canonical.as_bytes())).0, "ok");
}

#[test]
fn a_digit_moved_from_nonce_to_timestamp_is_refused() {
    let body = order("CS1", "b1").to_string();
    let target = signed_bytes(body.as_bytes(), "1700000000000", "abc7");
    let moved = target.replace("timestamp=1700000000000&nonce=abc7", "timestamp=71700000000000&nonce=abc");
    assert_eq!(v2(&moved, body.as_bytes()), refused("timestamp-malformed", "000002"));
}

#[test]
fn what_the_key_signed_but_cannot_be_read_is_a_bad_parameter() {
    let deep = format!("{}1{}", "[".repeat(70), "]".repeat(70));
    for (body, code) in [
        (b"".as_slice(), "malformed-json"),
        (b"[]", "malformed-json"),
        (b"{", "malformed-json"),
        (b"{\"a\":1} x", "malformed-json"),
        (b" \xef\xbb\xbf{}", "malformed-json"),
        (b"{\"a\":\"\xff\"}", "malformed-json"),
        (b"{\"a\":\"\\ud800\"}", "malformed-json"),
        (b"{\"a\":1,\"a\":2}", "duplicate-name"),
        (b"{\"x\":{\"a\":1,\"\\u0061\":2}}", "duplicate-name"),
        (format!("{{\"a\":{deep}}}").as_bytes(), "too-deep"),
        (b"{}", "field-missing"),
        (b"{\"activity\":\"\"}", "field-missing"),
        (b"{\"activity\":null}", "field-missing"),
        (b"{\"activity\":[]}", "field-malformed"),
        (b"{\"activity\":\"modifyInstance\"}", "unknown-activity"),
        (b"{\"activity\":\"upgrade\"}", "unknown-activity"),
    ] {
        let target = signed_bytes(body, "1700000000000", "n");
        assert_eq!(v2(&target, body), refused(code, "000002"), "{}", String::from_utf8_lossy(body));
        // Without the key all of them are one thing.
        let forged = target.replace("nonce=n", "nonce=m");
        assert_eq!(v2(&forged, body), refused("signature-mismatch", "000001"));
    }
}

#[test]
fn fields_are_held_to_their_tables() {
    let with = |name: &str, value: Value| {
        let mut fields = json!({"activity": "refreshInstance", "scene": "RENEWAL", "orderId": "R1",
            "orderLineId": "1", "instanceId": "a", "expireTime": "20251124023618"});
        fields[name] = value;
        let body = fields.to_string();
        v2(&signed_bytes(body.as_bytes(), "1700000000000", "n"), body.as_bytes()).0
    };
    assert_eq!(with("productId", json!("p")), "ok");
    assert_eq!(with("expireTime", json!("20221124023618256")), "ok", "17 digits");
    assert_eq!(with("expireTime", json!(20_251_124_023_618_u64)), "ok", "a number");
    for wrong in ["2025112402361", "20251324023618", "20250230000000", "20251124243618", "2025-11-24", "x"] {
        assert_eq!(with("expireTime", json!(wrong)), "field-malformed", "{wrong}");
    }
    for name in ["scene", "orderId", "instanceId", "expireTime"] {
        assert_eq!(with(name, Value::Null), "field-missing", "{name}");
        assert_eq!(with(name, json!("")), "field-missing", "{name}");
        assert_eq!(with(name, json!({"a": 1})), "field-malformed", "{name}");
    }
    assert_eq!(with("orderId", json!("x".repeat(128))), "ok");
    assert_eq!(with("orderId", json!("x".repeat(129))), "field-too-long");
    assert_eq!(with("instanceId", json!("编".repeat(43))), "field-too-long", "bytes, not characters");
    assert_eq!(with("somethingNew", json!({"nested": [1]})), "ok", "unknown members are data");
}

#[test]
fn unknown_members_travel_as_they_are() {
    let body = r#"{"activity":"releaseInstance","instanceId":"a","big":12345678901234567890123,"f":1.10,"o":{"b":1,"a":null}}"#;
    let verdict = send(
        &seller(&json!({})),
        "POST",
        &signed_bytes(body.as_bytes(), "1700000000000", "n"),
        body.as_bytes(),
    );
    let Verdict::Admitted(admitted) = verdict else { panic!() };
    let json = admitted.event.to_json();
    assert!(
        json.ends_with(r#""extra":{"big":12345678901234567890123,"f":1.10,"o":{"b":1,"a":null}}}"#),
        "{json}"
    );
}

#[test]
fn an_answer_is_signed_with_the_key_that_authenticated_the_call() {
    let mut world = World::with(&json!({"keys": ["zeroth-key", KEY]}));
    let turn = world.v2(&super::world::freeze("zz"));
    let super::world::Turn::Answer { answer, .. } = turn else { panic!() };
    let expected = base64::encode(&MacKey::new(KEY.as_bytes()).mac(&[&answer.body]));
    assert_eq!(
        answer.headers[1],
        ("Body-Sign".into(), format!("sign_type=\"HMAC-SHA256\", signature= \"{expected}\""))
    );
}
