//! `countersign verify`: what it shows of a call to whoever reads over its shoulder.

use std::process::Output;

use countersign_core::crypto::MacKey;
use countersign_core::wire::hex;
use serde_json::Value;

use crate::support::process::countersign;
use crate::support::{KEY, WEBHOOK_SECRET, now_ms};

/// A V2 call with this very body.
fn raw(body: &str) -> String {
    let mac = MacKey::new(KEY.as_bytes());
    let stamp = now_ms().to_string();
    let inner = hex::encode(&mac.mac(&[body.as_bytes()]));
    let signature = hex::encode(&mac.mac(&[KEY.as_bytes(), b"nonce", stamp.as_bytes(), inner.as_bytes()]));
    let length = body.len();
    format!(
        "POST http://isv.example.com/v2?signature={signature}&timestamp={stamp}&nonce=nonce#part HTTP/1.1\r\n\
         Host: isv.example.com\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

fn verify(request: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let (config, file) = (folder.path().join("countersign.toml"), folder.path().join("request.http"));
    let text = format!(
        "[backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n"
    );
    std::fs::write(&config, text).unwrap();
    std::fs::write(&file, request).unwrap();
    countersign().arg("verify").arg(file).arg("--config").arg(config).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn numbers_keep_their_digits_and_nothing_of_a_person_is_shown() {
    let digits = "7".repeat(20_000);
    let body = format!(
        r#"{{"activity":"newInstance","orderId":"CS1","orderLineId":"1","businessId":"b1","big":1e999999,"digits":{digits},"Mobile-Phone":"x","nested":{{"contact":"+86 186 9999 0001","mail":"buyer@example.com"}}}}"#
    );
    let output = verify(&raw(&body));
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("\"big\":1e999999") && said.contains(&digits));
    for part in ["9999 0001", "buyer@", "\"x\""] {
        assert!(!said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_refusal_says_what_makes_it_plain() {
    let output = verify(&raw(r#"{"activity":"newInstance"}"#));
    let said: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        (&said["reason"]["code"], &said["reason"]["field"]),
        (&"field-missing".into(), &"orderId".into())
    );
    assert_eq!((&said["dialect"], &said["product"]), (&"saas-v2".into(), &"crm".into()));
}

#[test]
fn a_body_without_a_length_is_none_and_that_is_said() {
    let with_length =
        raw(r#"{"activity":"newInstance","orderId":"CS1","orderLineId":"1","businessId":"b1"}"#);
    let lines: Vec<&str> =
        with_length.split("\r\n").filter(|line| !line.starts_with("Content-Length")).collect();
    let output = verify(&lines.join("\r\n"));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("\"signature-mismatch\""));
    assert!(!output.stderr.is_empty());
}

#[test]
fn what_is_no_request_is_a_mistake_of_the_command() {
    for text in [
        "",
        "hello",
        "GET /v2 HTTP/1.1\r\n\r\n",
        "POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{}",
    ] {
        let output = verify(text);
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{text:?}");
    }
}
