//! What a host may ask before it reads a body.

use countersign_core::abi::{self, Dispatcher, operation, requests};
use countersign_core::{Body, ReasonCode, Request, Seller, Verdict};
use serde_json::json;

use super::world::{KEY, START};

fn seller(settings: &serde_json::Value) -> Seller {
    let routes = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [KEY]},
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY]},
    ]);
    Seller::from_json(json!({"routes": routes, "settings": settings}).to_string().as_bytes()).unwrap()
}

#[test]
fn path_and_method_say_how_large_a_body_may_be() {
    let seller = seller(&json!({}));
    for (method, target, limit) in [
        ("POST", "/v2", Some(65_536)),
        ("POST", "/v2?signature=x", Some(65_536)),
        ("GET", "/v1?a=b", Some(65_536)),
        ("GET", "/v2", None),
        ("POST", "/v1", None),
        ("post", "/v2", None),
        ("POST", "/v2/", None),
        ("POST", "/", None),
        ("POST", "", None),
        ("", "/v2", None),
    ] {
        assert_eq!(seller.body_limit(method, target.as_bytes()), limit, "{method} {target}");
    }
}

#[test]
fn the_limit_follows_the_settings_and_the_lesser_one_holds() {
    let limit = |settings| seller(&settings).body_limit("POST", b"/v2");
    assert_eq!(limit(json!({"max_base_body_bytes": 2_048})), Some(2_048));
    assert_eq!(limit(json!({"max_body_bytes": 4_096})), Some(4_096));
}

#[test]
fn what_is_left_unread_is_answered_as_if_it_had_been_read() {
    let seller = seller(&json!({}));
    let large = vec![b' '; 65_537];
    let answer = |method: &str, target: &[u8], body| {
        let request = Request::new(method, target, &[], body);
        match seller.admit(&request, &[1; 16], START) {
            Verdict::Refused(refusal) => (refusal.reason, refusal.answer),
            Verdict::Admitted(_) => panic!("{method}"),
        }
    };
    for (method, target) in [("POST", "/v2"), ("POST", "/elsewhere"), ("GET", "/v2"), ("PUT", "/v1?a=b")] {
        assert_eq!(
            answer(method, target.as_bytes(), Body::Oversized),
            answer(method, target.as_bytes(), Body::Bytes(&large)),
            "{method} {target}"
        );
    }
}

/// A frame holds the header fields that the core reads; limits and answers are those of the whole request.
#[test]
fn header_fields_that_stay_with_the_host_count_towards_the_limits() {
    let config = json!({"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [KEY]}]}).to_string();
    let seller = Seller::from_json(config.as_bytes()).unwrap();
    let mut dispatcher = Dispatcher::new();
    dispatcher.insert(Seller::from_json(config.as_bytes()).unwrap()).unwrap();
    let mut judge = |headers: &[(&str, &[u8])]| {
        let request = Request::new("POST", b"/v2", headers, Body::Bytes(b""));
        let frame = requests::admit(1, &request, &[1; 16], START);
        let answer = abi::answer(&dispatcher.call(operation::ADMIT, &frame)).unwrap();
        let [through, direct] =
            [answer, seller.admit(&request, &[1; 16], START)].map(|verdict| match verdict {
                Verdict::Refused(refusal) => refusal.reason,
                Verdict::Admitted(_) => panic!("nobody signed it"),
            });
        assert_eq!(through, direct);
        (frame.len(), through.code)
    };
    let bare = judge(&[]).0;
    let (read, other) = (("Content-ENCODING", b"gzip".as_slice()), ("X-Header", b"v".as_slice()));
    assert_eq!(judge(&[other; 100]).0, bare, "they do not cross");
    assert_eq!(judge(&[other, read, other]).0, bare + 4 + 16 + 4 + 4, "it crosses alone");
    let full = vec![b'v'; 32_768 - 16 - 4 - 8];
    for (headers, code) in [
        (vec![other; 100], ReasonCode::TimestampMissing),
        (vec![other; 101], ReasonCode::HeadersTooLarge),
        ([vec![other; 100], vec![read]].concat(), ReasonCode::HeadersTooLarge),
        (
            vec![("X-Header", full.as_slice()), ("Content-Encoding", b"br, ".as_slice())],
            ReasonCode::TimestampMissing,
        ),
        (
            vec![("X-Header", full.as_slice()), ("Content-Encoding", b"br, x".as_slice())],
            ReasonCode::HeadersTooLarge,
        ),
    ] {
        assert_eq!(judge(&headers).1, code, "{} fields", headers.len());
    }
}
