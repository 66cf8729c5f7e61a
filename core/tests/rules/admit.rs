//! What is refused before anything is read, in which order, and with which words.

use countersign_core::crypto::MacKey;
use countersign_core::wire::{base64, hex};
use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, START, World, order, signed, signed_v1};

const V1: [(&str, &str); 3] = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];

fn seller(more: &Value) -> Seller {
    let mut v2 = json!({"path": "/v2", "dialect": "saas-v2", "keys": [KEY, "second-key"]});
    let mut v1 = json!({"path": "/v1", "dialect": "saas-v1", "keys": [KEY, "second-key"]});
    for (name, value) in more.as_object().unwrap() {
        v2[name] = value.clone();
        v1[name] = value.clone();
    }
    Seller::from_json(json!({"routes": [v1, v2]}).to_string().as_bytes()).unwrap()
}

fn send(seller: &Seller, method: &str, target: &str, body: &[u8]) -> Verdict {
    let request = Request { method, target: target.as_bytes(), headers: &[], body: Body::Bytes(body) };
    seller.admit(&request, &[1; 16], START)
}

/// The reason's code and the result code; `ok` for an admission.
fn outcome(verdict: &Verdict) -> (String, String) {
    match verdict {
        Verdict::Admitted(_) => ("ok".into(), String::new()),
        Verdict::Refused(refusal) => {
            let body: Value = serde_json::from_slice(&refusal.answer.body).unwrap_or_default();
            let code = body["resultCode"].as_str().unwrap_or_default().to_string();
            (refusal.reason.code.code().to_string(), code)
        }
    }
}

fn v2(target: &str, body: &[u8]) -> (String, String) {
    outcome(&send(&seller(&json!({})), "POST", target, body))
}

/// A V2 call whose signature is right for exactly these bytes.
fn signed_bytes(body: &[u8], timestamp: &str, nonce: &str) -> String {
    let mac = MacKey::new(KEY.as_bytes());
    let inner = hex::encode(&mac.mac(&[body]));
    let signature =
        hex::encode(&mac.mac(&[KEY.as_bytes(), nonce.as_bytes(), timestamp.as_bytes(), inner.as_bytes()]));
    format!("/v2?signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn refused(code: &str, result: &str) -> (String, String) {
    (code.into(), result.into())
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
    let request = Request { method: "POST", target: b"/v2", headers: &many, body: Body::Bytes(b"") };
    assert_eq!(outcome(&seller.admit(&request, &[1; 16], START)), refused("headers-too-large", "000002"));
    let request = Request { method: "POST", target: b"/v2", headers: &[], body: Body::Oversized };
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

fn v1(target: &str) -> (String, String) {
    outcome(&send(&seller(&json!({})), "GET", target, b""))
}

#[test]
fn a_v1_token_covers_every_parameter() {
    let good = signed_v1("/v1", &V1, START);
    assert_eq!(v1(&good).0, "ok");
    assert_eq!(v1(&format!("{good}&extra=1")), refused("signature-mismatch", "000001"));
    assert_eq!(v1(&good.replace("orderId=CS1", "orderId=CS2")), refused("signature-mismatch", "000001"));
    assert_eq!(v1(&good.replace("&businessId=b1", "")), refused("signature-mismatch", "000001"));
    assert_eq!(v1(&format!("{good}&orderId=CS1")), refused("repeated-query-name", "000002"));
    let (bare, _) = good.split_once("&authToken").unwrap();
    assert_eq!(v1(bare), refused("signature-missing", "000001"));
    assert_eq!(v1(&format!("{bare}&authToken=")), refused("signature-missing", "000001"));
    assert_eq!(v1(&format!("{bare}&authToken=abcd")), refused("signature-malformed", "000001"));
    assert_eq!(v1(&format!("{bare}&authToken=!")), refused("signature-malformed", "000001"));
}

#[test]
fn a_v1_timestamp_is_checked_for_its_form_and_for_its_age_only_where_the_seller_wants_it() {
    let at = |stamp: &str| {
        let mut pairs = V1.to_vec();
        pairs.push(("timeStamp", stamp));
        signed_v1("/v1", &pairs, START)
    };
    assert_eq!(v1(&at("20010101000000000")).0, "ok");
    for wrong in
        ["20231114", "2023111422132000", "202311142213200000", "20231314221320000", "2023111422132000x"]
    {
        assert_eq!(v1(&at(wrong)), refused("timestamp-malformed", "000002"), "{wrong}");
    }
    assert_eq!(v1("/v1?activity=newInstance"), refused("timestamp-missing", "000002"));
    let strict = seller(&json!({"window_ms": 60_000}));
    let old = at("20010101000000000");
    assert_eq!(outcome(&send(&strict, "GET", &old, b"")), refused("timestamp-stale", "000002"));
}

#[test]
fn a_v1_value_that_imitates_a_parameter_is_refused() {
    // The token of `skuCode=s&testFlag=1` is that of `skuCode=s%26testFlag%3D1`.
    let mut pairs = V1.to_vec();
    pairs.extend([("skuCode", "s"), ("testFlag", "1")]);
    let probe = signed_v1("/v1", &pairs, START);
    assert_eq!(v1(&probe).0, "ok");
    let smuggled = probe.replace("skuCode=s&testFlag=1", "skuCode=s%26testFlag%3D1");
    assert_ne!(smuggled, probe);
    assert_eq!(v1(&smuggled), refused("ambiguous-text", "000002"));
    let in_a_name = probe.replace("skuCode=s&testFlag=1", "skuCode%3Ds%26testFlag=1");
    assert_eq!(v1(&in_a_name), refused("ambiguous-text", "000002"));
    // An address with a query of its own is no imitation.
    let mut pairs = V1.to_vec();
    pairs.push(("customerName", "https://a.example.com/?x=1&y=2"));
    assert_eq!(v1(&signed_v1("/v1", &pairs, START)).0, "ok");
    // Without the token nobody learns that it was ambiguous.
    assert_eq!(v1(&smuggled.replace("orderId=CS1", "orderId=CS2")), refused("signature-mismatch", "000001"));
}

#[test]
fn empty_v1_parameters_may_or_may_not_be_signed() {
    let with = signed_v1("/v1", &[V1.as_slice(), &[("email", "")]].concat(), START);
    assert_eq!(v1(&with).0, "ok");
    let without = signed_v1("/v1", &V1, START);
    assert_eq!(v1(&format!("{without}&email=")).0, "ok");
    let strict = seller(&json!({"retry_without_empty": false}));
    assert_eq!(outcome(&send(&strict, "GET", &format!("{without}&email="), b"")).0, "signature-mismatch");
}

#[test]
fn a_plus_that_became_a_blank_is_found_again() {
    for order in 0..40 {
        let id = format!("CS{order}");
        let target =
            signed_v1("/v1", &[("activity", "newInstance"), ("orderId", &id), ("businessId", "b")], START);
        let (bare, token) = target.split_once("&authToken=").unwrap();
        let raw = token.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
        assert_eq!(v1(&format!("{bare}&authToken={raw}")).0, "ok", "{raw}");
    }
}

#[test]
fn contact_data_are_decrypted_after_the_token_held() {
    // KooGallery access guide V1, vectors H-12 and H-17.
    let call = |email: &str| {
        let pairs = [V1.as_slice(), &[("email", email)]].concat();
        signed_v1("/v1", &pairs, START)
    };
    let Verdict::Admitted(admitted) =
        send(&seller(&json!({})), "GET", &call("AbCdEfGh12345678PCJ6dXGrgRLTAuyC+UEhFw=="), b"")
    else {
        panic!()
    };
    assert_eq!(admitted.event.text("email"), Some("18699999999"));
    assert!(!admitted.to_redacted_json().contains("18699999999"));
    for wrong in [
        "x",
        "AbCdEfGh12345678",
        "AbCdEfGh12345678PCJ6dXGrgRLTAuyC",
        "AbCdEfGh12345678AAAAAAAAAAAAAAAAAAAAAA==",
    ] {
        assert_eq!(v1(&call(wrong)), refused("undecryptable-contact", "000002"), "{wrong}");
    }
}

#[test]
fn extension_parameters_are_decoded() {
    // Vector H-4: published on the upgrade page.
    let text = "W3sibmFtZSI6ImlkTnVtIiwidmFsdWUiOiIzNTIyNTU1NTU1NTU2NTYifSx7Im5hbWUiOiJ1c2VyTmFtZSIsInZhbHVlIjoiaHVhd2VpMTIzIn0seyJuYW1lIjoiY3VzdEVtYWlsIiwidmFsdWUiOiIxMjNAaHVhd2VpLmNvbSJ9XQ==";
    let call =
        |value: &str| signed_v1("/v1", &[V1.as_slice(), &[("saasExtendParams", value)]].concat(), START);
    let Verdict::Admitted(admitted) = send(&seller(&json!({})), "GET", &call(text), b"") else { panic!() };
    let event: Value = serde_json::from_str(&admitted.event.to_json()).unwrap();
    assert_eq!(event["saas_extend_params"][1], json!({"name": "userName", "value": "huawei123"}));
    for wrong in ["!", "abc", &base64::encode(b"{}"), &base64::encode(b"[1,"), &base64::encode(b"\xff")] {
        assert_eq!(v1(&call(wrong)), refused("field-malformed", "000002"), "{wrong}");
    }
}

#[test]
fn numbers_of_v1_are_numbers() {
    let call =
        |name: &str, value: &str| v1(&signed_v1("/v1", &[V1.as_slice(), &[(name, value)]].concat(), START)).0;
    for (name, value) in
        [("amount", "10"), ("orderAmount", "0"), ("orderAmount", "12.345"), ("periodNumber", "1")]
    {
        assert_eq!(call(name, value), "ok");
    }
    for (name, value) in [
        ("amount", "-1"),
        ("amount", "1.5"),
        ("amount", "ten"),
        ("amount", "1234567890123456789"),
        ("chargingMode", "x"),
        ("orderAmount", "1e5"),
        ("orderAmount", "."),
        ("orderAmount", "--1"),
        ("orderAmount", "NaN"),
    ] {
        assert_eq!(call(name, value), "field-malformed", "{name}={value}");
    }
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

#[test]
fn every_mistake_of_a_configuration_is_named_at_once() {
    let config = json!({
        "routes": [
            {"path": "v2", "dialect": "saas-v3", "keys": [], "cipher": "des", "colour": 1, "unknown_instance": "take", "window_ms": 60000},
            {"path": "/a b", "dialect": "saas-v2", "keys": ["", 1, "k", "k"], "usage": "yes", "product": "", "window_ms": 1},
            {"dialect": "saas-v1", "keys": "k"},
            {"path": "/x", "dialect": "saas-v2", "keys": ["k"]},
            {"path": "/x", "dialect": "saas-v2", "keys": ["k"]},
            7
        ],
        "settings": {"lease_ms": 100, "max_headers": "x", "speed": 1},
        "listen": "x"
    });
    let error = Seller::from_json(config.to_string().as_bytes()).unwrap_err();
    let paths: Vec<(&str, &str)> = error.problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
    for expected in [
        ("routes[0].path", "out-of-range"),
        ("routes[0].dialect", "unknown-value"),
        ("routes[0].keys", "missing"),
        ("routes[0].cipher", "unknown-value"),
        ("routes[0].colour", "unknown-field"),
        ("routes[0].unknown_instance", "unknown-value"),
        ("routes[1].path", "out-of-range"),
        ("routes[1].keys[0]", "out-of-range"),
        ("routes[1].keys[1]", "wrong-type"),
        ("routes[1].keys[3]", "duplicate"),
        ("routes[1].usage", "wrong-type"),
        ("routes[1].product", "out-of-range"),
        ("routes[1].window_ms", "out-of-range"),
        ("routes[2].path", "missing"),
        ("routes[2].keys", "wrong-type"),
        ("routes[4].path", "conflict"),
        ("routes[5]", "wrong-type"),
        ("settings.lease_ms", "out-of-range"),
        ("settings.max_headers", "wrong-type"),
        ("settings.speed", "unknown-field"),
        ("listen", "unknown-field"),
    ] {
        assert!(paths.contains(&expected), "{expected:?} in {paths:?}");
    }
    assert!(!paths.contains(&("routes[0].window_ms", "unknown-field")), "it is a setting");
    for broken in ["", "[]", "{", r#"{"routes":[],"routes":[]}"#, "{}"] {
        assert!(Seller::from_json(broken.as_bytes()).is_err(), "{broken}");
    }
    let message = Seller::from_json(
        br#"{"routes":[{"path":"/v2","dialect":"saas-v2","keys":["top-secret","top-secret"]}]}"#,
    );
    assert!(!message.unwrap_err().to_string().contains("top-secret"));
}
