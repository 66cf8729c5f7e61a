//! A reason carries what makes it plain, in every face, and nothing of a person or a secret.

use countersign_core::abi::{Dispatcher, operation};
use countersign_core::{Body, Reason, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::door::{open, send, signed_bytes};
use super::world::{KEY, START, order, signed, signed_v1};

/// The reason as JSON, without its sentence.
fn shape(reason: &Reason) -> Value {
    let mut shape = serde_json::to_value(reason).unwrap();
    shape.as_object_mut().unwrap().remove("message");
    shape.as_object_mut().unwrap().remove("number");
    shape
}

fn reason(verdict: Verdict) -> Value {
    match verdict {
        Verdict::Refused(refusal) => shape(&refusal.reason),
        Verdict::Admitted(admitted) => panic!("{admitted:?}"),
    }
}

fn seller() -> Seller {
    open(&json!({"window_ms": 60_000, "product_ids": ["p1"]}), &json!({}))
}

fn v2(body: &Value) -> Value {
    let body = body.to_string();
    v2_bytes(body.as_bytes())
}

fn v2_bytes(body: &[u8]) -> Value {
    reason(send(&seller(), "POST", &signed_bytes(body, "1700000000000", "n"), body))
}

fn v1(more: &[(&str, &str)]) -> Value {
    reason(send(&seller(), "GET", &signed_v1("/v1", more, START), b""))
}

#[test]
fn a_field_that_is_missing_or_malformed_is_named() {
    assert_eq!(v2(&json!({})), json!({"code": "field-missing", "field": "activity"}));
    let create = json!({"activity": "newInstance", "orderId": "CS1", "businessId": "b"});
    assert_eq!(v2(&create), json!({"code": "field-missing", "field": "orderLineId"}));
    let create = json!({"activity": "newInstance", "orderId": {"a": 1}, "businessId": "b"});
    assert_eq!(v2(&create), json!({"code": "field-malformed", "field": "orderId"}));
    let create = json!({"activity": "newInstance", "orderId": "x".repeat(129)});
    assert_eq!(v2(&create), json!({"code": "field-too-long", "field": "orderId", "limit": 128}));
    let create = [("activity", "newInstance"), ("orderId", "o"), ("businessId", "b"), ("chargingMode", "0")];
    assert_eq!(v1(&create), json!({"code": "field-missing", "field": "productId"}));
    let contact = [("activity", "newInstance"), ("orderId", "o"), ("businessId", "b"), ("email", "x")];
    assert_eq!(
        v1(&contact),
        json!({"code": "undecryptable-contact", "field": "email", "cause": "malformed"})
    );
    let other = "AbCdEfGh12345678AAAAAAAAAAAAAAAAAAAAAA==";
    let contact =
        [("activity", "newInstance"), ("orderId", "o"), ("businessId", "b"), ("mobilePhone", other)];
    assert_eq!(
        v1(&contact),
        json!({"code": "undecryptable-contact", "field": "mobilePhone", "cause": "another-key"})
    );
    for (ids, cause) in [(",".to_string(), "empty-id"), ("x".repeat(129), "id-too-long")] {
        let query = json!({"activity": "queryInstance", "instanceId": ids});
        assert_eq!(v2(&query), json!({"code": "bad-instance-list", "field": "instanceId", "cause": cause}));
    }
    let many: Vec<String> = (0..101).map(|index| index.to_string()).collect();
    let query = json!({"activity": "queryInstance", "instanceId": many.join(",")});
    assert_eq!(
        v2(&query),
        json!({"code": "bad-instance-list", "field": "instanceId", "cause": "too-many-ids"})
    );
}

#[test]
fn a_time_outside_the_window_says_how_far_and_in_which_direction() {
    for (offset, code) in [
        (-61_000_i64, "timestamp-stale"),
        (60_001, "timestamp-future"),
        (-1_699_999_999_999, "timestamp-stale"),
    ] {
        let at = START.saturating_add_signed(offset);
        let target = format!("/v2?timestamp={at:013}&nonce=n&signature=00");
        let found = reason(send(&seller(), "POST", &target, b"{}"));
        assert_eq!(found, json!({"code": code, "field": "timestamp", "distance_ms": offset}));
    }
    for (offset, code) in [(-60_001_i64, "timestamp-stale"), (86_400_000, "timestamp-future")] {
        let call = [("activity", "expireInstance"), ("instanceId", "a")];
        let at = START.saturating_add_signed(offset);
        let found = reason(send(&seller(), "GET", &signed_v1("/v1", &call, at), b""));
        assert_eq!(found, json!({"code": code, "field": "timeStamp", "distance_ms": offset}));
    }
}

#[test]
fn a_wrong_signature_says_how_many_keys_were_tried() {
    let (target, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    let forged = target.replace("nonce=n", "nonce=m");
    let mismatch = |keys: usize| json!({"code": "signature-mismatch", "keys_tried": keys});
    assert_eq!(reason(send(&seller(), "POST", &forged, body.as_bytes())), mismatch(2));
    assert_eq!(reason(send(&seller(), "POST", &forged, b"no JSON")), mismatch(2));
    let three = open(&json!({}), &json!({"keys": ["a", "b", "c"]}));
    assert_eq!(reason(send(&three, "POST", &target, body.as_bytes())), mismatch(3));
    let forged =
        signed_v1("/v1", &[("activity", "expireInstance"), ("instanceId", "a")], START).replace("=a&", "=b&");
    assert_eq!(reason(send(&seller(), "GET", &forged, b"")), mismatch(2));
    let wrapped =
        Request::new("POST", target.as_bytes(), &[("Content-Encoding", b"gzip")], Body::Bytes(b"\x1f\x8b"));
    let found = reason(seller().admit(&wrapped, &[1; 16], START));
    assert_eq!(found, json!({"code": "body-encoded", "found": "gzip", "keys_tried": 2}));
}

#[test]
fn an_activity_or_a_status_that_is_unknown_is_shown_if_it_can_be() {
    for name in ["modifyInstance", "upgrade", "x", "a-b_c.d2"] {
        let expected = json!({"code": "unknown-activity", "field": "activity", "activity": name});
        assert_eq!(v2(&json!({"activity": name})), expected);
    }
    let long = "a".repeat(49);
    for hidden in ["13800138000", "a@b.cn", "<script>", "a b", "a\nb", "升级", "9x", long.as_str()] {
        let expected = json!({"code": "unknown-activity", "field": "activity"});
        assert_eq!(v2(&json!({"activity": hidden})), expected, "{hidden}");
    }
    assert_eq!(
        v1(&[("activity", "freeze")]),
        json!({"code": "unknown-activity", "field": "activity", "activity": "freeze"})
    );
    let status = json!({"activity": "updateInstanceStatus", "instanceId": "a", "status": "BURN"});
    assert_eq!(v2(&status), json!({"code": "unknown-status", "field": "status", "found": "BURN"}));
    let flag = json!({"activity": "releaseInstance", "instanceId": "a", "testFlag": "2"});
    assert_eq!(v2(&flag), json!({"code": "test-flag-invalid", "field": "testFlag", "found": "2"}));
    let foreign = [
        ("activity", "newInstance"),
        ("orderId", "o"),
        ("businessId", "b"),
        ("productId", "00301-666666-0--0"),
    ];
    assert_eq!(
        v1(&foreign),
        json!({"code": "foreign-product", "field": "productId", "found": "00301-666666-0--0"})
    );
}

#[test]
fn what_is_wrong_with_a_query_or_a_body_says_where() {
    let post = |target: &str, body: &[u8]| reason(send(&seller(), "POST", target, body));
    assert_eq!(post("/v2?x=%zz", b""), json!({"code": "malformed-query", "cause": "percent"}));
    assert_eq!(post("/v2?x=%ff", b""), json!({"code": "malformed-query", "cause": "utf-8"}));
    assert_eq!(
        post("/v2?a=1&b&a=1", b""),
        json!({"code": "repeated-query-name"}),
        "a stranger's name is not shown"
    );
    assert_eq!(post("/v2?nonce=1&%6eonce=1", b""), json!({"code": "repeated-query-name", "field": "nonce"}));
    assert_eq!(
        reason(send(&seller(), "GET", "/v1?a=1&a=1&orderId=1&orderId=2", b"")),
        json!({"code": "repeated-query-name", "field": "orderId"})
    );
    assert_eq!(post("/v2", b""), json!({"code": "timestamp-missing", "field": "timestamp"}));
    assert_eq!(post("/v2?timestamp=1", b""), json!({"code": "timestamp-malformed", "field": "timestamp"}));
    assert_eq!(post("/v2?timestamp=1700000000000", b""), json!({"code": "nonce-missing", "field": "nonce"}));
    let long = format!("/v2?timestamp=1700000000000&nonce={}", "n".repeat(257));
    assert_eq!(post(&long, b""), json!({"code": "nonce-too-long", "field": "nonce", "limit": 256}));
    let stamped = "/v2?timestamp=1700000000000&nonce=n";
    assert_eq!(post(stamped, b""), json!({"code": "signature-missing", "field": "signature"}));
    assert_eq!(
        post(&format!("{stamped}&signature=0"), b""),
        json!({"code": "signature-malformed", "field": "signature"})
    );
    assert_eq!(v2_bytes(b"{\"a\":1,}"), json!({"code": "malformed-json", "at": 7}));
    assert_eq!(v2_bytes(&b"[".repeat(70)), json!({"code": "too-deep", "at": 64}));
    assert_eq!(post("/v2", &vec![b' '; 65_537]), json!({"code": "body-too-large", "limit": 65_536}));
    let target = format!("/v2?{}", "x".repeat(16_384));
    assert_eq!(post(&target, b""), json!({"code": "target-too-long", "limit": 16_384}));
    let header = ("X-Header", b"v".as_slice());
    let (many, large) = (vec![header; 101], [("X", [b'v'; 32_768].as_slice())]);
    let headers = |headers: &[(&str, &[u8])]| {
        let request = Request::new("POST", b"/v2", headers, Body::Bytes(b""));
        reason(seller().admit(&request, &[1; 16], START))
    };
    assert_eq!(
        headers(&many),
        json!({"code": "headers-too-large", "limit": 100, "cause": "too-many-fields"})
    );
    assert_eq!(
        headers(&large),
        json!({"code": "headers-too-large", "limit": 32_768, "cause": "too-many-bytes"})
    );
}

/// Through the byte face a reason is what it was.
#[test]
fn details_travel_in_frames() {
    let config = json!({"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [KEY]}]}).to_string();
    let mut dispatcher = Dispatcher::new();
    dispatcher.call(operation::OPEN, &countersign_core::abi::request(0).bytes(config.as_bytes()).finish());
    for (target, body) in [
        ("/v2?timestamp=1600000000000".to_string(), "{}"),
        ("/v2?timestamp=1800000000000".to_string(), "{}"),
        ("/v2?timestamp=1700000000000&nonce=n&signature=".to_string() + &"0".repeat(64), "{}"),
        (
            signed_bytes(br#"{"activity":"modifyInstance"}"#, "1700000000000", "n"),
            r#"{"activity":"modifyInstance"}"#,
        ),
        ("/elsewhere".to_string(), ""),
    ] {
        let request = Request::new("POST", target.as_bytes(), &[], Body::Bytes(body.as_bytes()));
        let frame = countersign_core::abi::requests::admit(1, &request, &[7; 16], START);
        let answer = dispatcher.call(operation::ADMIT, &frame);
        let Verdict::Refused(through) = countersign_core::abi::answer::<Verdict>(&answer).unwrap() else {
            panic!()
        };
        let direct = Seller::from_json(config.as_bytes()).unwrap();
        let Verdict::Refused(direct) = send(&direct, "POST", &target, body.as_bytes()) else { panic!() };
        assert_eq!(through.reason, direct.reason);
        assert_eq!(through.is_authenticated(), direct.is_authenticated());
        assert_eq!((through.dialect, through.product), (direct.dialect, direct.product));
    }
}
