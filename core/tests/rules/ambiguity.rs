//! The text that V1 signs has no escapes: whoever holds one captured call may cut its text into other parameters. What
//! such a call may still say is what the captured one said.

use countersign_core::crypto::hmac_sha256;
use countersign_core::wire::{base64, percent};
use countersign_core::{Seller, Verdict};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::door::{open, outcome, refused, send};
use super::world::{KEY, START, signed_v1};

const STAMP: &str = "20231114221320000";

type Pairs = Vec<(String, String)>;

fn text(pairs: &[(String, String)]) -> String {
    let joined: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    joined.join("&")
}

fn token(text: &str) -> String {
    base64::encode(&hmac_sha256(&[KEY.as_bytes(), STAMP.as_bytes()], &[text.as_bytes()]))
}

fn sent(seller: &Seller, pairs: &[(String, String)], token: &str) -> Verdict {
    let encoded = |text: &str| percent::encode(text.as_bytes());
    let query: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    send(seller, "GET", &format!("/v1?{}&authToken={}", query.join("&"), encoded(token)), b"")
}

/// The lists of parameters whose text is this one, up to so many: each `&` may begin a parameter or belong to a value.
/// (A name could hold an `=` besides: such names are refused on their own.)
fn readings(text: &str, most: usize) -> Vec<Pairs> {
    let segments: Vec<&str> = text.split('&').collect();
    let cuts = segments.len() - 1;
    let mut found = Vec::new();
    for choice in 0..1_usize << cuts.min(12) {
        let mut parts: Vec<String> = vec![segments[0].to_string()];
        for (index, segment) in segments.iter().enumerate().skip(1) {
            if choice >> (index - 1) & 1 == 0 {
                parts.push((*segment).to_string());
            } else {
                let last = parts.last_mut().unwrap();
                last.push('&');
                last.push_str(segment);
            }
        }
        let pairs: Option<Pairs> = parts
            .iter()
            .map(|part| part.split_once('=').map(|(name, value)| (name.to_string(), value.to_string())))
            .collect();
        found.extend(pairs);
        if found.len() >= most {
            break;
        }
    }
    found
}

/// What may not depend on how the text is cut: everything but what people call themselves and what no table knows.
fn meaning(verdict: &Verdict) -> Option<(bool, Vec<String>, Value)> {
    let Verdict::Admitted(admitted) = verdict else { return None };
    let mut event: Value = serde_json::from_str(&admitted.event.to_json()).unwrap();
    for free in ["customer_name", "user_name", "extra"] {
        event.as_object_mut().unwrap().remove(free);
    }
    Some((admitted.test, admitted.keys.clone(), event))
}

const TABLE: [&str; 14] = [
    "orderId",
    "instanceId",
    "businessId",
    "productId",
    "skuCode",
    "customerId",
    "customerName",
    "userName",
    "testFlag",
    "trialFlag",
    "chargingMode",
    "amount",
    "orderAmount",
    "trialToFormal",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => select(TABLE.as_slice()).prop_map(str::to_string),
        3 => "[a-z]{1,3}",
        1 => select(&["", "orderSource", "A", "zz", "orderIdx", "a=b", "a&b"][..]).prop_map(str::to_string),
    ]
}

fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[0-9a-z]{0,3}",
        1 => Just("&".to_string()),
        1 => Just("=".to_string()),
        1 => name().prop_map(|name| format!("&{name}=")),
    ];
    proptest::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn call() -> impl Strategy<Value = Pairs> {
    let activity = select(
        &["newInstance", "refreshInstance", "upgrade", "expireInstance", "releaseInstance", "queryInstance"]
            [..],
    );
    (activity, proptest::collection::btree_map(name(), value(), 0..7)).prop_map(|(activity, more)| {
        let mut pairs: Pairs = vec![
            ("activity".into(), activity.into()),
            ("timeStamp".into(), STAMP.into()),
            ("expireTime".into(), "20251124023618".into()),
        ];
        for needed in ["orderId", "instanceId", "businessId"] {
            if !more.contains_key(needed) {
                pairs.push((needed.into(), "id".into()));
            }
        }
        pairs.extend(more);
        // UTF-16 order is byte order here.
        pairs.sort();
        pairs
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 200 }))]

    #[test]
    fn every_reading_of_a_text_that_is_taken_means_the_same(pairs in call()) {
        let seller = open(&json!({}), &json!({}));
        let text = text(&pairs);
        let token = token(&text);
        let mut taken: Option<(Pairs, _)> = None;
        for reading in readings(&text, 256) {
            let Some(meant) = meaning(&sent(&seller, &reading, &token)) else { continue };
            match &taken {
                None => taken = Some((reading, meant)),
                Some((first, known)) => prop_assert_eq!(known, &meant, "{:?} and {:?}", first, reading),
            }
        }
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Pairs {
    let mut pairs: Pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    pairs.push(("timeStamp".into(), STAMP.into()));
    pairs.sort();
    pairs
}

#[test]
fn a_parameter_that_no_table_has_is_not_glued_to_an_id() {
    let seller = open(&json!({}), &json!({}));
    let renewal = [("activity", "refreshInstance"), ("expireTime", "20251124023618")];
    let create = [("activity", "newInstance"), ("businessId", "b1"), ("orderId", "o")];
    for (captured, name, field) in [
        (pairs(&[create.as_slice(), &[("orderSource", "x")]].concat()), "orderId", "orderId"),
        (pairs(&[create.as_slice(), &[("businessIe", "x")]].concat()), "businessId", "businessId"),
        (
            pairs(
                &[create.as_slice(), &[("chargingMode", "0"), ("productId", "p"), ("productIe", "x")]]
                    .concat(),
            ),
            "productId",
            "productId",
        ),
        (
            pairs(&[create.as_slice(), &[("productId", "p"), ("productIe", "x")]].concat()),
            "productId",
            "productId",
        ),
        (pairs(&[create.as_slice(), &[("skuCode", "s"), ("skuCodf", "x")]].concat()), "skuCode", "skuCode"),
        (
            pairs(&[create.as_slice(), &[("customerId", "c"), ("customerIe", "x")]].concat()),
            "customerId",
            "customerId",
        ),
        (pairs(&[create.as_slice(), &[("activitz", "x")]].concat()), "activity", "activity"),
        (
            pairs(
                &[renewal.as_slice(), &[("instanceId", "i"), ("instanceIe", "x"), ("orderId", "o")]].concat(),
            ),
            "instanceId",
            "instanceId",
        ),
        (
            pairs(
                &[renewal.as_slice(), &[("instanceId", "i"), ("orderId", "o"), ("orderSource", "x")]]
                    .concat(),
            ),
            "orderId",
            "orderId",
        ),
        (
            pairs(&[("activity", "queryInstance"), ("instanceId", "a,b"), ("instanceIe", "x")]),
            "instanceId",
            "instanceId",
        ),
        (
            pairs(&[("activity", "expireInstance"), ("instanceId", "a"), ("instanceIe", "x")]),
            "instanceId",
            "instanceId",
        ),
        (
            pairs(&[
                ("activity", "instanceStatus"),
                ("instanceId", "a"),
                ("instanceStatus", "FREEZE"),
                ("instanceStatut", "x"),
            ]),
            "instanceStatus",
            "instanceStatus",
        ),
    ] {
        let token = token(&text(&captured));
        assert_eq!(outcome(&sent(&seller, &captured, &token)).0, "ok", "{captured:?}");
        let at = captured.iter().position(|(known, _)| known == name).unwrap();
        let mut glued = captured.clone();
        let (next, value) = glued.remove(at + 1);
        glued[at].1 = format!("{}&{next}={value}", glued[at].1);
        assert_eq!(text(&glued), text(&captured));
        let verdict = sent(&seller, &glued, &token);
        assert_eq!(outcome(&verdict), refused("ambiguous-text", "000002"), "{glued:?}");
        let Verdict::Refused(refusal) = verdict else { panic!() };
        assert_eq!(refusal.reason.field.as_deref(), Some(field));
        // Any `&` will do: the text before it may be of another call.
        let mut bare = captured.clone();
        bare[at].1.push('&');
        let token = self::token(&text(&bare));
        assert_eq!(outcome(&sent(&seller, &bare, &token)), refused("ambiguous-text", "000002"), "{bare:?}");
    }
}

#[test]
fn names_that_hold_a_separator_are_refused() {
    let seller = open(&json!({}), &json!({}));
    for name in ["a&b", "a=b", "&", "=", "orderId=o&x"] {
        let call = pairs(&[("activity", "newInstance"), ("businessId", "b1"), ("orderId", "o"), (name, "1")]);
        let verdict = sent(&seller, &call, &token(&text(&call)));
        assert_eq!(outcome(&verdict), refused("ambiguous-text", "000002"), "{name}");
    }
}

#[test]
fn people_may_call_themselves_what_they_like() {
    let seller = open(&json!({}), &json!({}));
    for (name, value) in [
        ("customerName", "R&D"),
        ("userName", "a&b=c"),
        ("customerName", "https://x/?a=1&b=2"),
        ("note", "1&2=3"),
    ] {
        let call = signed_v1(
            "/v1",
            &[("activity", "newInstance"), ("businessId", "b1"), ("orderId", "o"), (name, value)],
            START,
        );
        assert_eq!(outcome(&send(&seller, "GET", &call, b"")).0, "ok", "{name}={value}");
    }
    for value in
        ["x&orderId=o", "x&authToken=y", "&testFlag=1", "x&y&acceptanceTime=", "x&scene=y&timeStamp=z"]
    {
        let call = signed_v1(
            "/v1",
            &[("activity", "newInstance"), ("businessId", "b1"), ("orderId", "o"), ("customerName", value)],
            START,
        );
        let verdict = send(&seller, "GET", &call, b"");
        assert_eq!(outcome(&verdict), refused("ambiguous-text", "000002"), "{value}");
    }
}
