//! One reading of a request, whatever door it came through: its target in every form, its header fields, its body.

use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, START, order, signed, signed_v1};

const V1: [(&str, &str); 3] = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];

fn seller() -> Seller {
    let routes = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [KEY]},
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY]},
        {"path": "/", "dialect": "saas-v2", "keys": [KEY], "product": "root"},
    ]);
    Seller::from_json(json!({ "routes": routes }).to_string().as_bytes()).unwrap()
}

/// `ok` and the product, or the reason and the result code.
fn verdict(method: &str, target: &[u8], headers: &[(&str, &[u8])], body: &[u8]) -> (String, String) {
    let request = Request::new(method, target, headers, Body::Bytes(body));
    match seller().admit(&request, &[1; 16], START) {
        Verdict::Admitted(admitted) => ("ok".into(), admitted.product),
        Verdict::Refused(refusal) => {
            let body: Value = serde_json::from_slice(&refusal.answer.body).unwrap_or_default();
            let code = body["resultCode"].as_str().map_or(refusal.answer.status.to_string(), str::to_string);
            (refusal.reason.code.code().to_string(), code)
        }
    }
}

fn is(one: &str, other: &str) -> (String, String) {
    (one.into(), other.into())
}

#[test]
fn a_target_is_the_same_in_origin_and_in_absolute_form() {
    let (v2, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    let v1 = signed_v1("/v1", &V1, START);
    for before in [
        "",
        "http://isv.example.com",
        "https://isv.example.com:8443",
        "HTTP://x",
        "http://[::1]:80",
        "https://u@h",
    ] {
        let posted = verdict("POST", format!("{before}{v2}").as_bytes(), &[], body.as_bytes());
        assert_eq!(posted, is("ok", "/v2"), "{before}");
        assert_eq!(verdict("GET", format!("{before}{v1}").as_bytes(), &[], b""), is("ok", "/v1"), "{before}");
        let marked = format!("{before}{v1}#fragment?x=1&y");
        assert_eq!(verdict("GET", marked.as_bytes(), &[], b""), is("ok", "/v1"), "{marked}");
    }
    let bare = v2.replacen("/v2", "https://isv.example.com", 1);
    assert_eq!(
        verdict("POST", bare.as_bytes(), &[], body.as_bytes()),
        is("ok", "root"),
        "an empty path is `/`"
    );
}

#[test]
fn what_names_no_path_of_ours_has_no_route() {
    let (v2, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    for before in [
        "ftp://isv.example.com",
        "http:",
        "http://",
        "https:",
        "isv.example.com:443",
        "x",
        "?",
        "*",
        "//h",
        "\\",
    ] {
        let target = format!("{before}{v2}");
        let found = verdict("POST", target.as_bytes(), &[], body.as_bytes());
        assert_eq!(found, is("unknown-route", "404"), "{target}");
    }
    for target in
        ["", "*", "isv.example.com:443", "/v2/", "/V2", "/%76%32", "/x/../v2", "//v2", "/v2;a", "/v2%3F"]
    {
        assert_eq!(verdict("POST", target.as_bytes(), &[], b""), is("unknown-route", "404"), "{target}");
    }
    for method in ["GET", "post", "PUT", "CONNECT", "OPTIONS", ""] {
        assert_eq!(verdict(method, v2.as_bytes(), &[], b""), is("method-not-allowed", "405"), "{method}");
    }
}

#[test]
fn only_the_origin_form_counts_towards_the_limit_of_a_target() {
    let (v2, body) = signed("/v2", &order("CS1", "b1"), START, "n");
    let long = format!("http://{}{v2}#{}", "h".repeat(16_384), "f".repeat(16_384));
    assert_eq!(verdict("POST", long.as_bytes(), &[], body.as_bytes()), is("ok", "/v2"));
    let long = format!("http://h{v2}&x={}", "x".repeat(16_384));
    assert_eq!(verdict("POST", long.as_bytes(), &[], body.as_bytes()), is("target-too-long", "000002"));
}

fn signed_bytes(body: &[u8]) -> String {
    super::door::signed_bytes(body, "1700000000000", "n")
}

#[test]
fn an_encoded_body_has_a_reason_of_its_own_whatever_it_says() {
    let body = order("CS1", "b1").to_string();
    let target = signed_bytes(body.as_bytes());
    let forged = target.replace("nonce=n", "nonce=m");
    for coding in ["gzip", "GZIP", " br ", "deflate", "x-gzip", "zstd", "identity, gzip", "gzip,", "utf-8"] {
        let headers: [(&str, &[u8]); 2] = [("Host", b"h"), ("content-encoding", coding.as_bytes())];
        let found = verdict("POST", target.as_bytes(), &headers, body.as_bytes());
        assert_eq!(found, is("body-encoded", "000002"), "{coding}: its bytes are signed");
        let found = verdict("POST", target.as_bytes(), &headers, b"\x1f\x8b\x08\x00 compressed on the way");
        assert_eq!(found, is("body-encoded", "000001"), "{coding}: its bytes are not");
        let found = verdict("POST", forged.as_bytes(), &headers, body.as_bytes());
        assert_eq!(found, is("body-encoded", "000001"), "{coding}");
    }
    let twice: [(&str, &[u8]); 2] = [("Content-Encoding", b"identity"), ("CONTENT-ENCODING", b"gzip")];
    assert_eq!(verdict("POST", target.as_bytes(), &twice, body.as_bytes()), is("body-encoded", "000002"));
    for plain in ["", " ", "identity", "Identity", "identity, identity", ","] {
        let headers: [(&str, &[u8]); 1] = [("Content-Encoding", plain.as_bytes())];
        assert_eq!(verdict("POST", target.as_bytes(), &headers, body.as_bytes()), is("ok", "/v2"), "{plain}");
    }
    // The query is judged before any key is used, and a signature that is missing is that.
    let headers: [(&str, &[u8]); 1] = [("Content-Encoding", b"gzip")];
    assert_eq!(verdict("POST", b"/v2", &headers, b"x"), is("timestamp-missing", "000002"));
    let unsigned = target.replace("signature=", "other=");
    assert_eq!(verdict("POST", unsigned.as_bytes(), &headers, b"x"), is("signature-missing", "000001"));
    // A call of V1 has no body that anybody reads.
    let v1 = signed_v1("/v1", &V1, START);
    assert_eq!(verdict("GET", v1.as_bytes(), &headers, b"x"), is("ok", "/v1"));
}

#[test]
fn a_body_with_a_byte_order_mark_has_a_reason_of_its_own() {
    let body = order("CS1", "b1").to_string();
    for mark in [b"\xef\xbb\xbf".as_slice(), b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"] {
        let marked = [mark, body.as_bytes()].concat();
        let put_on_later = signed_bytes(body.as_bytes());
        assert_eq!(verdict("POST", put_on_later.as_bytes(), &[], &marked), is("byte-order-mark", "000001"));
        let signed_with_it = signed_bytes(&marked);
        assert_eq!(verdict("POST", signed_with_it.as_bytes(), &[], &marked), is("byte-order-mark", "000002"));
        let headers: [(&str, &[u8]); 1] = [("Content-Encoding", b"gzip")];
        let both = verdict("POST", signed_with_it.as_bytes(), &headers, &marked);
        assert_eq!(both, is("body-encoded", "000002"), "the outer wrapping is named first");
    }
    let inside = json!({"activity": "releaseInstance", "instanceId": "a", "x": "\u{feff}"}).to_string();
    let target = signed_bytes(inside.as_bytes());
    assert_eq!(
        verdict("POST", target.as_bytes(), &[], inside.as_bytes()),
        is("ok", "/v2"),
        "text like any other"
    );
}
