//! What no signature covers is not in the event, and what it does not tell apart is one thing there.

use countersign_core::{Admitted, Verdict};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::door::{open, outcome, send, signed_bytes};
use super::world::{START, World, signed_v1};

fn v2(signed: &str, arrived: &str) -> Result<Value, String> {
    let verdict = send(
        &open(&json!({}), &json!({})),
        "POST",
        &signed_bytes(signed.as_bytes(), "1700000000000", "n"),
        arrived.as_bytes(),
    );
    match verdict {
        Verdict::Admitted(admitted) => Ok(event(&admitted)),
        refused => Err(outcome(&refused).0),
    }
}

fn event(admitted: &Admitted) -> Value {
    serde_json::from_str(&admitted.event.to_json()).unwrap()
}

#[test]
fn a_null_member_is_nowhere() {
    let body = |more: &str| format!(r#"{{"activity":"releaseInstance","instanceId":"a"{more}}}"#);
    let plain = v2(&body(""), &body("")).unwrap();
    assert_eq!(plain.get("extra"), None);
    for nulls in [r#","orderId":null"#, r#","x":null"#, r#","testFlag":null,"y":null"#] {
        assert_eq!(v2(&body(""), &body(nulls)).unwrap(), plain, "{nulls}: put in on the way");
        assert_eq!(v2(&body(nulls), &body(nulls)).unwrap(), plain, "{nulls}: its very bytes are signed");
    }
    let nested = body(r#","x":{"y":null,"z":[null]}"#);
    assert_eq!(
        v2(&nested, &nested).unwrap()["extra"],
        json!({"x": {"y": null, "z": [null]}}),
        "every form has these"
    );
    let empty = body(r#","x":"""#);
    assert_eq!(v2(&empty, &empty).unwrap()["extra"], json!({"x": ""}), "an empty text is signed");
}

#[test]
fn a_v1_parameter_without_a_value_is_nowhere() {
    let seller = open(&json!({}), &json!({}));
    let base = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];
    let admitted = |target: &str| match send(&seller, "GET", target, b"") {
        Verdict::Admitted(admitted) => event(&admitted),
        refused => panic!("{:?}", outcome(&refused)),
    };
    let plain = admitted(&signed_v1("/v1", &base, START));
    assert_eq!(plain.get("extra"), None);
    for (name, added) in
        [("x", "&x="), ("y", "&y"), ("email", "&email="), ("skuCode", "&skuCode"), ("testFlag", "&testFlag=")]
    {
        let on_the_way = format!("{}{added}", signed_v1("/v1", &base, START));
        assert_eq!(admitted(&on_the_way), plain, "{name}: put in on the way");
        let signed = signed_v1("/v1", &[base.as_slice(), &[(name, "")]].concat(), START);
        assert_eq!(admitted(&signed), plain, "{name}: signed");
    }
}

#[test]
fn text_stays_text_and_a_truth_value_a_truth_value() {
    let text = r#"{"activity":"releaseInstance","instanceId":"a","n":"1","t":"true","z":"null"}"#;
    let typed = r#"{"activity":"releaseInstance","instanceId":"a","n":1,"t":true,"z":"null"}"#;
    let texts = json!({"n": "1", "t": "true", "z": "null"});
    assert_eq!(v2(text, text).unwrap()["extra"], texts);
    assert_eq!(v2(typed, typed).unwrap()["extra"], json!({"n": 1, "t": true, "z": "null"}));
    // The platform may sign scalars as texts: whoever turns one into the other on the way changes nothing.
    assert_eq!(v2(text, typed).unwrap()["extra"], texts);
    assert_eq!(v2(typed, text).unwrap_err(), "signature-mismatch");
    let nested = r#"{"activity":"releaseInstance","instanceId":"a","n":1,"o":{"t":true,"n":1.10}}"#;
    let signed = nested.replace(r#""n":1,"o""#, r#""n":"1","o""#);
    assert_eq!(v2(&signed, nested).unwrap()["extra"], json!({"n": "1", "o": {"t": true, "n": 1.10}}));
}

/// Values whose texts are easily mistaken for each other.
fn scalar() -> impl Strategy<Value = String> {
    select(
        &[
            "1",
            "\"1\"",
            "true",
            "\"true\"",
            "false",
            "\"false\"",
            "null",
            "\"null\"",
            "\"\"",
            "1.0",
            "\"1.0\"",
            "[]",
            "{}",
        ][..],
    )
    .prop_map(str::to_string)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 300 }))]

    /// One signature, two bodies that both arrive under it: one event.
    #[test]
    fn bodies_under_one_signature_mean_the_same(
        first in proptest::collection::btree_map("[a-d]", scalar(), 0..5),
        second in proptest::collection::btree_map("[a-d]", scalar(), 0..5),
    ) {
        let body = |members: &std::collections::BTreeMap<String, String>| {
            let more: String = members.iter().map(|(name, value)| format!(",\"x{name}\":{value}")).collect();
            format!(r#"{{"activity":"releaseInstance","instanceId":"a"{more}}}"#)
        };
        let (first, second) = (body(&first), body(&second));
        let honest = v2(&first, &first).unwrap();
        if let Ok(event) = v2(&first, &second) {
            prop_assert_eq!(event, honest, "{} and {}", first, second);
        }
    }
}

/// What an event says goes through rows, effects and both faces without a change.
#[test]
fn types_survive_the_rows() {
    let extra = r#""n":1,"t":true,"s":"true","d":"1","e":"","big":1e999999,"f":1.10,"o":{"a":[null,"1",1]},"neg":-0.0"#;
    let mut world = World::new();
    world.open("a");
    let body = format!(r#"{{"activity":"releaseInstance","instanceId":"a",{extra}}}"#);
    let target = signed_bytes(body.as_bytes(), "1700000000000", "rows");
    let verdict = send(&world.seller, "POST", &target, body.as_bytes());
    let turn = world.decide_verdict(verdict);
    let (_, assignment) = turn.work();
    assert!(
        assignment.effect.body.contains(&format!(r#""extra":{{{extra}}}"#)),
        "{}",
        assignment.effect.body
    );
    world.now += 60_000;
    let again = world.due().remove(0);
    assert!(again.effect.body.contains(&format!(r#""extra":{{{extra}}}"#)), "read back from its row");
}

#[test]
fn a_signature_that_was_encoded_twice_is_decoded_once_more() {
    let seller = open(&json!({}), &json!({}));
    let create = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b")];
    let twice = |text: &str| text.replace('%', "%25");
    for order in 0..20 {
        let id = format!("CS{order}");
        let pairs = [("activity", "newInstance"), ("orderId", id.as_str()), ("businessId", "b")];
        let target = signed_v1("/v1", &pairs, START);
        let (bare, token) = target.split_once("&authToken=").unwrap();
        let again = format!("{bare}&authToken={}", twice(token));
        assert_eq!(outcome(&send(&seller, "GET", &again, b"")).0, "ok", "{again}");
        let thrice = format!("{bare}&authToken={}", twice(&twice(token)));
        assert_eq!(outcome(&send(&seller, "GET", &thrice, b"")).0, "signature-malformed", "not a third time");
    }
    let target = signed_v1("/v1", &create, START);
    let (bare, _) = target.split_once("&authToken=").unwrap();
    assert_eq!(
        outcome(&send(&seller, "GET", &format!("{bare}&authToken=%25zz"), b"")).0,
        "signature-malformed"
    );

    let body = r#"{"activity":"releaseInstance","instanceId":"a"}"#;
    let target = signed_bytes(body.as_bytes(), "1700000000000", "n");
    let signature = &target[14..78];
    let digits =
        |percent: &str| signature.bytes().map(|byte| format!("{percent}{byte:02x}")).collect::<String>();
    for (percent, expected) in [("%", "ok"), ("%25", "ok"), ("%2525", "signature-malformed")] {
        let target = target.replace(signature, &digits(percent));
        assert_eq!(outcome(&send(&seller, "POST", &target, body.as_bytes())).0, expected, "{percent}");
    }
    let changed = target.replace(signature, &digits("%25").replacen("%25", "%2530%25", 1));
    assert_eq!(outcome(&send(&seller, "POST", &changed, body.as_bytes())).0, "signature-malformed");
}

#[test]
fn a_plus_that_a_base64_value_lost_is_found_again() {
    let seller = open(&json!({}), &json!({}));
    // KooGallery access guide V1, vectors H-12 and H-4: both hold a plus sign.
    let email = "AbCdEfGh12345678PCJ6dXGrgRLTAuyC+UEhFw==";
    let params = countersign_core::wire::base64::encode(br#"[{"name":"~~~","value":"~>>~"}]"#);
    assert!(params.contains('+'));
    let base = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];
    for (name, value) in [("email", email), ("mobilePhone", email), ("saasExtendParams", params.as_str())] {
        let target = signed_v1("/v1", &[base.as_slice(), &[(name, value)]].concat(), START);
        let Verdict::Admitted(honest) = send(&seller, "GET", &target, b"") else { panic!("{name}") };
        for lost in ["+", "%20"] {
            let (before, behind) = target.split_once(&format!("{name}=")).unwrap();
            let (value, rest) = behind.split_once('&').unwrap();
            let target = format!("{before}{name}={}&{rest}", value.replace("%2B", lost));
            let verdict = send(&seller, "GET", &target, b"");
            let Verdict::Admitted(admitted) = verdict else {
                panic!("{name} {lost} {:?}", outcome(&verdict))
            };
            assert_eq!(event(&admitted), event(&honest), "{name}");
            let empty = format!("{target}&diskSize=");
            assert_eq!(outcome(&send(&seller, "GET", &empty, b"")).0, "ok", "and without empty ones");
        }
    }
    // Where a table does not know the field it is repaired all the same; elsewhere a blank is a blank.
    let renewal = [
        ("activity", "refreshInstance"),
        ("orderId", "R1"),
        ("instanceId", "a"),
        ("expireTime", "20251124023618"),
        ("email", email),
    ];
    let target = signed_v1("/v1", &renewal, START).replace("%2BUEhFw", "+UEhFw");
    let Verdict::Admitted(admitted) = send(&seller, "GET", &target, b"") else { panic!() };
    assert_eq!(event(&admitted)["extra"]["email"], email);
    let name = signed_v1("/v1", &[base.as_slice(), &[("customerName", "a+b")]].concat(), START);
    let target = name.replace("a%2Bb", "a+b");
    assert_eq!(outcome(&send(&seller, "GET", &target, b"")).0, "signature-mismatch");
    let spaced = signed_v1("/v1", &[base.as_slice(), &[("email", &email.replace('+', " "))]].concat(), START);
    assert_eq!(
        outcome(&send(&seller, "GET", &spaced, b"")).0,
        "ok",
        "a blank that was signed as one is read as before"
    );
}
