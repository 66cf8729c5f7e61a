//! The primitives by name, typed and through the dispatcher.

use countersign_core::ReasonCode;
use countersign_core::abi::{self, CallError, Dispatcher, operation};
use countersign_core::compute::{ComputeError, PRIMITIVES, compute};
use countersign_core::wire::hex;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Through the byte face, as every host but this one calls it.
fn call(name: &str, inputs: &[&[u8]]) -> Result<Vec<u8>, CallError> {
    let mut frame = abi::request(0);
    frame.bytes(name.as_bytes()).count(inputs.len());
    inputs.iter().for_each(|input| {
        frame.bytes(input);
    });
    abi::answer(&Dispatcher::new().call(operation::COMPUTE, &frame.finish()))
}

fn refused(input: &'static str, cause: &'static str) -> Result<Vec<u8>, ComputeError> {
    Err(ComputeError::InputRefused { input, cause })
}

#[test]
fn a_known_answer_comes_out_of_the_gate() {
    let mac = call("hmac-sha256", &[&[0x0b; 20], b"Hi There"]).unwrap();
    assert_eq!(hex::encode(&mac), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

#[test]
fn a_key_decrypts_what_it_encrypted() {
    for key in [&[7_u8; 16][..], &[7; 32]] {
        let ciphertext = compute("aes-cbc-encrypt", &[key, &[9; 16], b"admin"]).unwrap();
        assert_eq!(compute("aes-cbc-decrypt", &[key, &[9; 16], &ciphertext]), Ok(b"admin".to_vec()));
    }
}

#[test]
fn keys_of_another_length_are_refused_by_name() {
    for length in (0..=64).filter(|length| ![16, 32].contains(length)) {
        for primitive in ["aes-cbc-encrypt", "aes-cbc-decrypt"] {
            let inputs: [&[u8]; 3] = [&vec![7; length], &[9; 16], &[0; 16]];
            assert_eq!(compute(primitive, &inputs), refused("key", "length"), "{primitive} {length}");
        }
    }
    assert_eq!(compute("sha1prng", &[b"seed", b"24"]), refused("length", "length"));
    assert_eq!(compute("credential-decrypt", &[b"k", b"aes-192", b""]), refused("cipher", "cipher"));
}

#[test]
fn a_refusal_names_the_first_wrong_input_and_why() {
    let cases: [(&str, &[&[u8]], &str, &str); 14] = [
        ("aes-cbc-decrypt", &[&[0; 16], &[0; 15], &[0; 16]], "iv", "length"),
        ("aes-cbc-decrypt", &[&[0; 16], &[0; 16], &[0; 15]], "ciphertext", "undecryptable"),
        ("credential-encrypt", &[b"k", b"aes-128", b"AbCdEfGh1234567+", b"x"], "iv", "alphabet"),
        ("credential-decrypt", &[b"k", b"aes-128", b"\xff"], "text", "utf8"),
        ("credential-decrypt", &[b"k", b"aes-128", b"short"], "text", "credential_malformed"),
        ("entropy-uuid", &[&[0; 31], b"label"], "fresh", "length"),
        ("hex-decode", &[b"0"], "text", "hex"),
        ("base64-decode", &[b"QQ="], "text", "base64"),
        ("percent-decode", &[b"%4"], "text", "form_percent"),
        ("form", &[b"a=1&a=2"], "query", "form_repeated_name"),
        ("json", &[b"{\"a\":1,\"a\":2}"], "text", "json_duplicate_name"),
        ("canonical-descending", &[b"[]"], "body", "not_an_object"),
        ("time-14", &[b"20230229000000", b"0"], "text", "time"),
        ("time-14", &[b"20230228000000", b"east"], "zone", "number"),
    ];
    for (name, inputs, input, cause) in cases {
        assert_eq!(compute(name, inputs), refused(input, cause), "{name}");
    }
}

#[test]
fn the_gate_says_which_input_as_a_problem() {
    let error = call("aes-cbc-decrypt", &[&[0; 24], &[0; 16], &[0; 16]]).unwrap_err();
    let reason = ReasonCode::InputRefused;
    assert_eq!((error.code.as_str(), error.number), (reason.code(), 610));
    let problems: Value = serde_json::from_str(&error.problems).unwrap();
    assert_eq!(problems, json!([{"path": "key", "code": "length", "message": reason.message()}]));
}

#[test]
fn an_unknown_name_is_a_reason_of_its_own() {
    for name in ["", "hmac-sha1", "HMAC-SHA256", "hmac-sha256 "] {
        assert_eq!(compute(name, &[b"k", b"m"]), Err(ComputeError::UnknownPrimitive));
        assert_eq!(call(name, &[]).unwrap_err(), ReasonCode::UnknownPrimitive.into());
    }
}

#[test]
fn every_primitive_counts_its_inputs() {
    for primitive in PRIMITIVES {
        let many = [&b"0"[..]; 6];
        for count in (0..=many.len()).filter(|count| *count != primitive.inputs.len()) {
            assert_eq!(compute(primitive.name, &many[..count]), refused("inputs", "count"), "{primitive:?}");
        }
    }
}

#[test]
fn frames_that_are_none_are_refused() {
    let mut frame = abi::request(0);
    frame.bytes(b"hex-encode").count(1).bytes(b"a");
    let frame = frame.finish();
    let compute = |frame: &[u8]| abi::answer::<Vec<u8>>(&Dispatcher::new().call(operation::COMPUTE, frame));
    assert_eq!(compute(&frame), Ok(b"61".to_vec()));
    for end in 0..frame.len() {
        assert_eq!(compute(&frame[..end]), Err(ReasonCode::MalformedFrame.into()), "{end}");
    }
    assert_eq!(compute(&[&frame[..], &[0]].concat()), Err(ReasonCode::MalformedFrame.into()));
}

/// Inputs that are sometimes what a primitive takes and mostly not.
fn input() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        any::<[u8; 16]>().prop_map(Vec::from),
        any::<[u8; 32]>().prop_map(Vec::from),
        "[0-9]{1,20}".prop_map(String::into_bytes),
        "[A-Za-z0-9]{16}[A-Za-z0-9+/]{22}==".prop_map(String::into_bytes),
        prop_oneof![Just("aes-128"), Just("aes-256"), Just("{\"b\":[1],\"a\":null}"), Just("a=1&b=%41")]
            .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #[test]
    fn whatever_goes_in_the_gate_answers_as_the_function(
        primitive in proptest::sample::select(PRIMITIVES),
        inputs in proptest::collection::vec(input(), 4),
    ) {
        let inputs: Vec<&[u8]> = inputs.iter().take(primitive.inputs.len()).map(Vec::as_slice).collect();
        let computed = compute(primitive.name, &inputs);
        prop_assert_ne!(&computed, &Err(ComputeError::UnknownPrimitive));
        if let Err(ComputeError::InputRefused { input, .. }) = computed {
            prop_assert!(primitive.inputs.contains(&input));
        }
        prop_assert_eq!(call(primitive.name, &inputs), computed.map_err(CallError::from));
    }
}
