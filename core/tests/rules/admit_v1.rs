//! V1: what a token covers, what of a query string is refused, and how values are read.

use countersign_core::Verdict;
use countersign_core::wire::base64;
use serde_json::{Value, json};

use super::door::{open, outcome, refused, send};
use super::world::{START, signed_v1};

const V1: [(&str, &str); 3] = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];

fn v1(target: &str) -> (String, String) {
    outcome(&send(&open(&json!({}), &json!({})), "GET", target, b""))
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
    let strict = open(&json!({"window_ms": 60_000}), &json!({}));
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
    // An address with a query of its own is no imitation where people write what they like.
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
    let strict = open(&json!({"retry_without_empty": false}), &json!({}));
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
        send(&open(&json!({}), &json!({})), "GET", &call("AbCdEfGh12345678PCJ6dXGrgRLTAuyC+UEhFw=="), b"")
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
    let Verdict::Admitted(admitted) = send(&open(&json!({}), &json!({})), "GET", &call(text), b"") else {
        panic!()
    };
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
