//! Requests: signed by a key of the ring, by another key or by nobody, over fields that make sense and over bytes that
//! make none.

#![no_main]

use countersign_core::abi::{Dispatcher, operation, requests};
use countersign_core::ledger::Row;
use countersign_core::{Body, Datum, REDACTED, Refusal, Request, Seller, Verdict};
use countersign_fuzz::caller::{Caller, written};
use countersign_fuzz::platform::{ACTIVITIES, Member, Setup, Signed, Signer, sign_v1, sign_v2};
use countersign_fuzz::store::is_key;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

#[derive(Debug, Arbitrary)]
struct Input<'a> {
    setup: Setup,
    call: Call<'a>,
    headers: Vec<(&'a str, &'a [u8])>,
    /// Milliseconds between the signature and its arrival.
    age: i32,
    oversized: bool,
}

#[derive(Debug, Arbitrary)]
enum Call<'a> {
    Nobody { post: bool, other_path: bool, query: &'a [u8], body: &'a [u8] },
    V1 { signer: Signer, activity: u8, members: Vec<Member<'a>> },
    V2 { signer: Signer, nonce: &'a str, activity: u8, members: Vec<Member<'a>> },
    V2Bytes { signer: Signer, nonce: &'a str, body: &'a [u8] },
}

/// 2023-11-14T22:13:20Z, in both spellings of the platform.
const SIGNED_AT: u64 = 1_700_000_000_000;
const STAMP: &str = "20231114221320000";
const REQUEST_ID: [u8; 16] = [7; 16];

/// What must be true of the verdict beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signature {
    /// A key of the ring made it, over these very bytes.
    Genuine,
    Forged,
}

fuzz_target!(|input: Input<'_>| {
    let (signed, signature) = request(&input.setup, &input.call);
    let now = SIGNED_AT.saturating_add_signed(i64::from(input.age));
    let request = Request::new(
        signed.method,
        &signed.target,
        &input.headers,
        if input.oversized { Body::Oversized } else { Body::Bytes(&signed.body) },
    );
    let configuration = input.setup.configuration();
    let seller = Seller::from_json(&configuration).expect("the family is valid");
    let verdict = seller.admit(&request, &REQUEST_ID, now);
    same_bytes(&seller, &configuration, &request, now, &verdict);
    match &verdict {
        Verdict::Refused(refusal) => refused(refusal, signature),
        Verdict::Admitted(admitted) => {
            assert_eq!(signature, Signature::Genuine);
            assert!(admitted.answer_by > now);
            assert!(admitted.keys.iter().all(|key| is_key(key)), "{:?}", admitted.keys);
            shown(&admitted.event);
            carried_on(&seller, &input.setup, &admitted.admission, &admitted.keys, now);
        }
    }
});

fn request(setup: &Setup, call: &Call<'_>) -> (Signed, Signature) {
    let judged = |genuine| if genuine { Signature::Genuine } else { Signature::Forged };
    let activity = |index: u8| ACTIVITIES[usize::from(index) % ACTIVITIES.len()].to_owned();
    match call {
        Call::Nobody { post, other_path, query, body } => {
            let path: &[u8] = if *other_path { b"/other" } else { b"/saas" };
            let method = if *post { "POST" } else { "GET" };
            let signed = Signed { method, target: [path, b"?", query].concat(), body: body.to_vec() };
            (signed, Signature::Forged)
        }
        Call::V1 { signer, activity: index, members } => {
            let (key, genuine) = signer.key(setup);
            let mut parameters = vec![("activity".to_owned(), activity(*index))];
            parameters.extend(members.iter().map(|member| member.text(setup, key)));
            (sign_v1("/saas", key, STAMP, &parameters), judged(genuine))
        }
        Call::V2 { signer, nonce, activity: index, members } => {
            let (key, genuine) = signer.key(setup);
            let mut object = serde_json::Map::new();
            object.insert("activity".into(), activity(*index).into());
            object.extend(members.iter().map(|member| member.json(setup, key)));
            let body = Value::Object(object).to_string();
            (sign_v2("/saas", key, nonce, SIGNED_AT, body.as_bytes()), judged(genuine))
        }
        Call::V2Bytes { signer, nonce, body } => {
            let (key, genuine) = signer.key(setup);
            (sign_v2("/saas", key, nonce, SIGNED_AT, body), judged(genuine))
        }
    }
}

/// The verdict depends on nothing but its input, and the byte face says the same as the typed one.
fn same_bytes(seller: &Seller, configuration: &[u8], request: &Request<'_>, now: u64, verdict: &Verdict) {
    let bytes = written(verdict);
    assert_eq!(written(&seller.admit(request, &REQUEST_ID, now)), bytes);
    let mut dispatcher = Dispatcher::new();
    dispatcher.call(operation::OPEN, &requests::open(0, configuration));
    assert_eq!(dispatcher.call(operation::ADMIT, &requests::admit(1, request, &REQUEST_ID, now)), bytes);
    countersign_fuzz::caller::assert_answer(operation::ADMIT, &bytes);
}

/// The platform is told a code and nothing of the call.
fn refused(refusal: &Refusal, signature: Signature) {
    let (code, answer) = (refusal.reason.code, &refusal.answer);
    match code.number() {
        101 | 102 => assert!(matches!(answer.status, 404 | 405) && answer.body.is_empty()),
        number => {
            assert_eq!(answer.status, 200);
            let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
            // A body in a wrapping is named as such though no key signed it; outside it is a wrong signature.
            let wrapped = matches!(number, 451 | 452) && !refusal.is_authenticated();
            assert_eq!(body["resultCode"], if wrapped { "000001" } else { code.result_code() });
            assert!(answer.body.len() < 100, "constant: {body}");
            match signature {
                // Shape and time may be wrong; the signature is not.
                Signature::Genuine => assert!(!(301..=303).contains(&number), "{}", code.code()),
                Signature::Forged => assert!(number < 400 || wrapped, "{} before authenticity", code.code()),
            }
        }
    }
}

/// Contact data are not shown.
fn shown(event: &countersign_core::Event) {
    let shown: Value = serde_json::from_str(&event.to_redacted_json()).expect("JSON");
    for name in ["mobile_phone", "email", "saas_extend_params"] {
        let there = event.get(name).is_some_and(|datum| matches!(datum, Datum::Text(_) | Datum::Json(_)));
        assert_eq!(there.then_some(&shown[name]), there.then_some(&Value::from(REDACTED)));
    }
}

/// An admission serves its own configuration and no other.
fn carried_on(seller: &Seller, setup: &Setup, admission: &[u8], keys: &[String], now: u64) {
    let rows: Vec<Row> = keys.iter().map(|key| Row { key: key.clone(), value: None }).collect();
    let decided = seller.decide(admission, &rows, now, &[1; 32]).expect("a decision over an empty store");
    assert_eq!(seller.decide(admission, &rows, now, &[1; 32]), Ok(decided));
    assert!(seller.decline(admission).is_ok());
    let configuration = String::from_utf8(setup.configuration()).expect("text");
    let foreign = configuration.replacen("test-access-key-0001", "test-access-key-0002", 1);
    let mut foreign = Caller::open(foreign.as_bytes()).expect("as valid");
    let refusal = foreign.decide(admission, &rows, now, &[1; 32]).expect_err("a refusal");
    assert_eq!(refusal.code, "foreign-admission");
}
