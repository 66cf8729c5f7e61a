//! Every fault changes what it says, and nothing else.

use countersign_simulator::{
    AccessKey, Dialect, Fault, Fields, HttpRequest, SignError, SignInput, sign, sign_with,
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW_MS: u64 = 1_680_508_066_618;
const NONCE: &str = "50D83FDECAED6CCD8EF597F2A577950527928BA287D04E6036E92B2806FD17D1";

fn signed(dialect: Dialect, fields: &Fields, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    let key = AccessKey::new("test-access-key-0001");
    sign_with(
        &SignInput {
            dialect,
            key: &key,
            host: "isv.example.com",
            path: "/saas",
            fields,
            now_ms: NOW_MS,
            nonce: NONCE,
        },
        faults,
    )
}

fn fields(value: &Value) -> Fields {
    value.as_object().unwrap().clone()
}

fn v1() -> Fields {
    fields(
        &json!({"activity": "newInstance", "customerName": "测试 user", "orderId": "CS1", "skuCode": "s", "testFlag": "1"}),
    )
}

fn v2() -> Fields {
    fields(&json!({
        "activity": "changeInstanceCheck", "instanceId": "i-1", "testFlag": 1,
        "productInfo": {"skuCode": "s", "productId": "p"}
    }))
}

/// Query parameters, still encoded.
fn query(request: &HttpRequest) -> Vec<(String, String)> {
    let (_, query) = request.target.split_once('?').unwrap();
    query.split('&').map(|pair| pair.split_once('=').unwrap()).map(|(n, v)| (n.into(), v.into())).collect()
}

fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    query(request).into_iter().find(|(given, _)| given == name).map(|(_, value)| value)
}

fn body(request: &HttpRequest) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

/// The plain request and the spoilt one.
fn pair(dialect: Dialect, fault: Fault) -> (HttpRequest, HttpRequest) {
    let fields = if dialect == Dialect::SaasV1 { v1() } else { v2() };
    (signed(dialect, &fields, &[]).unwrap(), signed(dialect, &fields, &[fault]).unwrap())
}

#[test]
fn lower_case_hex_changes_the_case_only() {
    let (plain, spoilt) = pair(Dialect::SaasV2, Fault::LowerCaseHex);
    let signature = parameter(&plain, "signature").unwrap();
    assert_eq!(parameter(&spoilt, "signature").unwrap(), signature.to_lowercase());
    assert_ne!(signature, signature.to_lowercase());
    assert_eq!(plain.body, spoilt.body);
}

#[test]
fn harmless_bodies_say_the_same_in_other_bytes_under_the_same_signature() {
    for fault in [Fault::PrettyBody, Fault::ReversedOrder, Fault::NullMember] {
        let (plain, spoilt) = pair(Dialect::SaasV2, fault.clone());
        assert_eq!(plain.target, spoilt.target, "{fault:?}");
        assert_ne!(plain.body, spoilt.body, "{fault:?}");
        let mut said: Fields = serde_json::from_slice(&spoilt.body).unwrap();
        said.retain(|_, value| !value.is_null());
        assert_eq!(said, serde_json::from_slice::<Fields>(&plain.body).unwrap(), "{fault:?}");
    }
}

#[test]
fn other_canonical_forms_change_the_signature_only() {
    let nested = r#"{"activity":"changeInstanceCheck","instanceId":"i-1","productInfo":{"productId":"p","skuCode":"s"},"testFlag":1}"#;
    let quoted = r#"{"activity":"changeInstanceCheck","instanceId":"i-1","productInfo":{"skuCode":"s","productId":"p"},"testFlag":"1"}"#;
    for (fault, form) in [(Fault::NestedSorted, nested), (Fault::ScalarsSignedAsText, quoted)] {
        let (plain, spoilt) = pair(Dialect::SaasV2, fault);
        assert_eq!(plain.body, spoilt.body);
        let as_if = signed(Dialect::SaasV2, &serde_json::from_str(form).unwrap(), &[]).unwrap();
        assert_eq!(body(&as_if), form);
        assert_eq!(spoilt.target, as_if.target);
        assert_ne!(spoilt.target, plain.target);
    }
}

#[test]
fn plus_for_blank_changes_the_spelling_only() {
    let (plain, spoilt) = pair(Dialect::SaasV1, Fault::PlusForBlank);
    assert_ne!(plain.target, spoilt.target);
    assert_eq!(spoilt.target.replace('+', "%20"), plain.target);
}

#[test]
fn a_wrong_key_and_encoded_values_change_the_proof_only() {
    for (dialect, fault, proof) in [
        (Dialect::SaasV1, Fault::WrongKey, "authToken"),
        (Dialect::SaasV1, Fault::SignedStillEncoded, "authToken"),
        (Dialect::SaasV2, Fault::WrongKey, "signature"),
    ] {
        let (plain, spoilt) = pair(dialect, fault);
        assert_ne!(parameter(&plain, proof), parameter(&spoilt, proof));
        assert_eq!(query(&plain)[1..], query(&spoilt)[1..]);
        assert_eq!(plain.body, spoilt.body);
    }
}

#[test]
fn a_missing_signature_is_missing() {
    for (dialect, proof) in [(Dialect::SaasV1, "authToken"), (Dialect::SaasV2, "signature")] {
        let (plain, spoilt) = pair(dialect, Fault::MissingSignature);
        assert!(parameter(&plain, proof).is_some());
        assert_eq!(parameter(&spoilt, proof), None);
        assert_eq!(query(&plain)[1..], query(&spoilt)[..]);
    }
}

#[test]
fn a_change_after_signing_keeps_the_proof() {
    for field in ["orderId", "instanceId"] {
        let fault = Fault::ChangedAfterSigning { field: field.into(), value: "changed".into() };
        let (plain, spoilt) = pair(Dialect::SaasV1, fault.clone());
        assert_eq!(parameter(&plain, "authToken"), parameter(&spoilt, "authToken"));
        assert_eq!(parameter(&spoilt, field).unwrap(), "changed");
        let (plain, spoilt) = pair(Dialect::SaasV2, fault);
        assert_eq!(plain.target, spoilt.target);
        assert!(body(&spoilt).contains(&format!("\"{field}\":\"changed\"")));
    }
}

#[test]
fn a_clock_error_moves_the_signed_time() {
    let (plain, spoilt) = pair(Dialect::SaasV2, Fault::ClockError { ms: -61_000 });
    assert_eq!(parameter(&spoilt, "timestamp").unwrap(), "1680508005618");
    assert_ne!(parameter(&plain, "signature"), parameter(&spoilt, "signature"));
    let (_, spoilt) = pair(Dialect::SaasV1, Fault::ClockError { ms: 1_000 });
    assert_eq!(parameter(&spoilt, "timeStamp").unwrap(), "20230403074747618");
}

#[test]
fn a_moved_digit_keeps_the_signature_and_the_joined_text() {
    let (plain, spoilt) = pair(Dialect::SaasV2, Fault::MovedDigit);
    let joined = |request| parameter(request, "nonce").unwrap() + &parameter(request, "timestamp").unwrap();
    assert_eq!(parameter(&plain, "signature"), parameter(&spoilt, "signature"));
    assert_eq!(joined(&plain), joined(&spoilt));
    assert_eq!(parameter(&spoilt, "timestamp").unwrap().len(), 14);
}

#[test]
fn raw_faults_are_signed_over_their_own_bytes() {
    let duplicate = Fault::DuplicateName { field: "instanceId".into(), value: "i-2".into() };
    let (plain, spoilt) = pair(Dialect::SaasV2, duplicate);
    assert_eq!(body(&spoilt), body(&plain).strip_suffix('}').unwrap().to_owned() + r#","instanceId":"i-2"}"#);
    assert_ne!(plain.target, spoilt.target);
    let (plain, spoilt) = pair(Dialect::SaasV2, Fault::TruncatedBody);
    assert!(serde_json::from_slice::<Value>(&spoilt.body).is_err());
    assert_ne!(plain.target, spoilt.target);
}

#[test]
fn a_repeated_parameter_stands_there_twice() {
    for (dialect, name) in [(Dialect::SaasV1, "orderId"), (Dialect::SaasV2, "nonce")] {
        let (_, spoilt) = pair(dialect, Fault::RepeatedParameter { name: name.into() });
        assert_eq!(query(&spoilt).iter().filter(|(given, _)| given == name).count(), 2);
    }
}

#[test]
fn a_smuggled_parameter_keeps_the_token_and_disappears() {
    let (plain, spoilt) = pair(Dialect::SaasV1, Fault::SmuggledParameter { name: "testFlag".into() });
    assert_eq!(parameter(&plain, "authToken"), parameter(&spoilt, "authToken"));
    assert_eq!(parameter(&spoilt, "testFlag"), None);
    assert_eq!(parameter(&spoilt, "skuCode").unwrap(), "s%26testFlag%3D1");
}

#[test]
fn a_fault_that_would_change_nothing_is_refused() {
    let bare = fields(&json!({"activity": "queryInstance"}));
    for (dialect, fault) in [
        (Dialect::SaasV1, Fault::PlusForBlank),
        (Dialect::SaasV1, Fault::SignedStillEncoded),
        (Dialect::SaasV1, Fault::MovedDigit),
        (Dialect::SaasV1, Fault::SmuggledParameter { name: "activity".into() }),
        (Dialect::SaasV1, Fault::SmuggledParameter { name: "testFlag".into() }),
        (Dialect::SaasV1, Fault::RepeatedParameter { name: "testFlag".into() }),
        (Dialect::SaasV2, Fault::NestedSorted),
        (Dialect::SaasV2, Fault::ScalarsSignedAsText),
        (Dialect::SaasV2, Fault::ReversedOrder),
        (Dialect::SaasV2, Fault::PlusForBlank),
        (Dialect::SaasV2, Fault::DuplicateName { field: "orderId".into(), value: "x".into() }),
        (Dialect::SaasV2, Fault::RepeatedParameter { name: "authToken".into() }),
        (
            Dialect::SaasV2,
            Fault::ChangedAfterSigning { field: "activity".into(), value: "queryInstance".into() },
        ),
    ] {
        let refused = signed(dialect, &bare, std::slice::from_ref(&fault));
        assert_eq!(refused.map_err(|e| e.code()), Err("sign-fault-not-applicable"), "{fault:?}");
    }
}

#[test]
fn a_fault_as_json_carries_its_name() {
    for (text, fault) in [
        (r#"{"fault":"moved-digit"}"#, Fault::MovedDigit),
        (r#"{"fault":"clock-error","ms":-61000}"#, Fault::ClockError { ms: -61_000 }),
        (r#"{"fault":"lower-case-hex"}"#, Fault::LowerCaseHex),
        (
            r#"{"fault":"smuggled-parameter","name":"testFlag"}"#,
            Fault::SmuggledParameter { name: "testFlag".into() },
        ),
    ] {
        assert_eq!(serde_json::to_string(&fault).unwrap(), text);
        assert_eq!(serde_json::from_str::<Fault>(text).unwrap(), fault);
        assert!(text.contains(fault.name()));
    }
    assert!(serde_json::from_str::<Fault>(r#"{"fault":"clock-error","ms":1,"s":2}"#).is_err());
}

#[test]
fn only_harmless_spellings_deserve_no_refusal() {
    let v2 = |fault: Fault| fault.deserves(Dialect::SaasV2);
    assert_eq!(v2(Fault::PrettyBody), None);
    assert_eq!(v2(Fault::WrongKey), Some("000001"));
    assert_eq!(v2(Fault::MovedDigit), Some("000002"));
    assert_eq!(v2(Fault::ClockError { ms: 60_000 }), None);
    assert_eq!(v2(Fault::ClockError { ms: -60_001 }), Some("000002"));
    assert_eq!(Fault::ClockError { ms: -60_001 }.deserves(Dialect::SaasV1), None);
}

#[test]
fn what_cannot_be_sent_is_an_error() {
    let code = |dialect, path, fields: Value| {
        let key = AccessKey::new("k");
        let fields = fields.as_object().unwrap().clone();
        let input = SignInput { dialect, key: &key, host: "h", path, fields: &fields, now_ms: 0, nonce: "n" };
        sign(&input).map_err(|e| e.code())
    };
    for path in ["", "saas", "/saas?x=1", "/sa as", "/s#f", "/é"] {
        assert_eq!(code(Dialect::SaasV2, path, json!({})), Err("sign-path-invalid"));
    }
    assert_eq!(code(Dialect::SaasV1, "/", json!({"authToken": "x"})), Err("sign-field-reserved"));
    assert_eq!(code(Dialect::SaasV1, "/", json!({"info": {}})), Err("sign-field-not-text"));
}

#[test]
fn the_text_of_a_request_is_ready_for_the_wire() {
    let (plain, _) = pair(Dialect::SaasV2, Fault::WrongKey);
    let text = String::from_utf8(plain.to_http_text()).unwrap();
    let (head, sent) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /saas?signature="));
    assert!(head.contains(" HTTP/1.1\r\nHost: isv.example.com\r\nAccept: application/json\r\n"));
    assert!(head.ends_with(&format!("Content-Length: {}", plain.body.len())));
    assert_eq!(sent, body(&plain));
}

proptest! {
    /// Whatever the fields are: a fault that is not refused gives another request, and one that only respells the
    /// body leaves the signature alone.
    #[test]
    fn a_fault_never_changes_nothing(
        texts in proptest::collection::btree_map("[a-zA-Z]{1,6}", "\\PC{0,8}", 0..6),
        number in proptest::option::of(0_u32..5),
    ) {
        let mut given: Fields = texts.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
        if let Some(number) = number {
            given.insert("amount".into(), number.into());
        }
        given.remove("authToken");
        given.remove("timeStamp");
        let named = given.keys().next().cloned().unwrap_or_default();
        let faults = [
            Fault::LowerCaseHex, Fault::PrettyBody, Fault::ReversedOrder, Fault::NullMember, Fault::NestedSorted,
            Fault::ScalarsSignedAsText, Fault::PlusForBlank, Fault::SignedStillEncoded, Fault::WrongKey,
            Fault::MissingSignature, Fault::ChangedAfterSigning { field: named.clone(), value: "x".into() },
            Fault::ClockError { ms: 61_000 }, Fault::MovedDigit,
            Fault::DuplicateName { field: named.clone(), value: "x".into() }, Fault::TruncatedBody,
            Fault::RepeatedParameter { name: named.clone() }, Fault::SmuggledParameter { name: named },
        ];
        for dialect in Dialect::ALL {
            let plain = signed(dialect, &given, &[]).unwrap();
            for fault in &faults {
                match signed(dialect, &given, std::slice::from_ref(fault)) {
                    Ok(spoilt) => prop_assert_ne!(&plain, &spoilt, "{:?}", fault),
                    Err(refused) => prop_assert_eq!(refused.code(), "sign-fault-not-applicable"),
                }
            }
        }
    }
}
