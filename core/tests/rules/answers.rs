//! What a backend may answer, and what it is told when the platform would not take it.

use countersign_core::ledger::{Outcome, Row, Settling, Stored, instance_key};
use serde_json::{Value, json};

use super::world::{World, access, body, call, code, order};

/// The reason for a create whose backend answers this, as JSON without its sentence; null where it succeeded.
fn created(world: &mut World, answer: &[u8]) -> Value {
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    let settled = world.settle(&work.work, Some(&admission), &Outcome::Done(answer.to_vec()));
    let mut reason = serde_json::to_value(&settled.reason).unwrap();
    if let Some(members) = reason.as_object_mut() {
        members.remove("message");
        members.remove("number");
        assert_eq!((settled.effect, code(&settled.answer.unwrap()).as_str()), (Settling::Owed, "000005"));
    }
    reason
}

fn reason(answer: &Value) -> Value {
    created(&mut World::new(), answer.to_string().as_bytes())
}

fn invalid(mut more: Value) -> Value {
    more["code"] = json!("backend-answer-invalid");
    more
}

const ADDRESS: &str = "https://app.example.com";

#[test]
fn only_addresses_that_open_are_passed_on() {
    for wrong in [
        "app.example.com",
        "//app.example.com",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://app.example.com",
        "https://",
        "https:///x",
        "https://user@app.example.com",
        " https://app.example.com",
        "https://app.example.com\n",
        "https://app.example.com/a b",
        "https://app.example.com\\@evil.example.com",
        "\u{feff}https://app.example.com",
    ] {
        let expected = |field: &str| invalid(json!({"field": field, "cause": "not-an-address"}));
        assert_eq!(reason(&json!({"front_end_url": wrong})), expected("front_end_url"), "{wrong:?}");
        assert_eq!(
            reason(&json!({"front_end_url": ADDRESS, "admin_url": wrong})),
            expected("admin_url"),
            "{wrong:?}"
        );
    }
    for right in [ADDRESS, "http://10.0.0.1:8080/x?y=z#/w", "HTTPS://应用.example.com/中文"] {
        assert_eq!(reason(&json!({"front_end_url": right, "admin_url": right})), Value::Null, "{right}");
    }
    let empty = json!({"front_end_url": ADDRESS, "admin_url": "", "memo": null});
    assert_eq!(reason(&empty), Value::Null, "an empty one is none");
}

#[test]
fn an_answer_that_is_not_understood_names_the_field_and_the_mistake() {
    for (answer, more) in [
        (json!({}), json!({"field": "front_end_url", "cause": "missing"})),
        (json!({"front_end_url": ""}), json!({"field": "front_end_url", "cause": "missing"})),
        (json!({"front_end_url": 1}), json!({"field": "front_end_url", "cause": "wrong-type"})),
        (
            json!({"front_end_url": format!("https://x/{}", "x".repeat(512))}),
            json!({"field": "front_end_url", "cause": "over-limit", "limit": 512}),
        ),
        (
            json!({"front_end_url": ADDRESS, "memo": "x".repeat(1_025)}),
            json!({"field": "memo", "cause": "over-limit", "limit": 1_024}),
        ),
        (
            json!({"front_end_url": ADDRESS, "password": "x".repeat(129)}),
            json!({"field": "password", "cause": "over-limit", "limit": 128}),
        ),
        (
            json!({"front_end_url": ADDRESS, "user_name": ["x"]}),
            json!({"field": "user_name", "cause": "wrong-type"}),
        ),
        (json!([]), json!({"cause": "wrong-type"})),
    ] {
        assert_eq!(reason(&answer), invalid(more), "{answer}");
    }
    let bytes = |bytes: &[u8]| created(&mut World::new(), bytes);
    assert_eq!(bytes(b""), invalid(json!({"field": "front_end_url", "cause": "missing"})));
    assert_eq!(bytes(b"<html>"), invalid(json!({"cause": "not-json", "at": 0})));
    assert_eq!(bytes(b"{\"front_end_url\":}"), invalid(json!({"cause": "not-json", "at": 17})));
    assert_eq!(bytes(b"{\"a\":1,\"a\":1}"), invalid(json!({"cause": "duplicate-name"})));
    assert_eq!(bytes("\u{feff}{}".as_bytes()), invalid(json!({"cause": "byte-order-mark"})));
    let mut encrypting = World::with(&json!({"encrypt_credentials": true}));
    let long = json!({"front_end_url": ADDRESS, "password": "x".repeat(80)}).to_string();
    assert_eq!(
        created(&mut encrypting, long.as_bytes()),
        invalid(json!({"field": "password", "cause": "over-limit", "limit": 79}))
    );
}

#[test]
fn a_name_in_another_spelling_gets_a_hint() {
    for found in
        ["frontEndUrl", "FrontEndURL", "front-end-url", "frontend_url", "FRONT_END_URL", "front end url"]
    {
        let answer = json!({found: ADDRESS});
        let hint = json!({"field": "front_end_url", "cause": "misspelt", "found": found.replace(' ', "?"), "did_you_mean": "front_end_url"});
        let mut hint = hint;
        if found.contains(' ') {
            hint.as_object_mut().unwrap().remove("found");
        }
        assert_eq!(reason(&answer), invalid(hint), "{found}");
    }
    for (found, meant) in [
        ("adminUrl", "admin_url"),
        ("userName", "user_name"),
        ("username", "user_name"),
        ("Password", "password"),
        ("MEMO", "memo"),
    ] {
        let hint = json!({"field": meant, "cause": "misspelt", "found": found, "did_you_mean": meant});
        let answer = json!({"front_end_url": ADDRESS, found: "https://x.example.com"});
        assert_eq!(reason(&answer), invalid(hint), "{found}: the buyer would never see it");
        let both = json!({"front_end_url": ADDRESS, found: 1, meant: "https://x.example.com"});
        assert_eq!(reason(&both), Value::Null, "{found} beside {meant}");
    }
    let more = json!({"front_end_url": ADDRESS, "status": "ok", "url": "x", "tenant": {"userName": "x"}});
    assert_eq!(reason(&more), Value::Null, "members of its own are its affair");
}

#[test]
fn usage_names_the_entry() {
    let mut world = World::with(&json!({"usage": true}));
    world.open("a");
    let (admission, question) = world.v2(&call("queryInstance", "a", &[])).work();
    let mut reason = |answer: Value| {
        let outcome = Outcome::Done(answer.to_string().into_bytes());
        let settled = world.settle(&question.work, Some(&admission), &outcome);
        assert_eq!(code(&settled.answer.unwrap()), "000000", "the answer goes without");
        let mut reason = serde_json::to_value(&settled.reason).unwrap();
        if let Some(members) = reason.as_object_mut() {
            members.remove("message");
            members.remove("number");
        }
        reason
    };
    let entry = |name: &str, value: Value| {
        let mut entry =
            json!({"instance_id": "a", "usage_value": 1, "statistical_time": "20230327065233980"});
        entry[name] = value;
        json!({"usage": [entry]})
    };
    let wrong = |field: &str, cause: &str| invalid(json!({"field": field, "cause": cause}));
    assert_eq!(reason(entry("more", json!(1))), Value::Null);
    assert_eq!(reason(json!({})), wrong("usage", "missing"));
    assert_eq!(reason(json!({"usage": {}})), wrong("usage", "wrong-type"));
    assert_eq!(reason(json!({"usage": [1]})), wrong("usage[0]", "wrong-type"));
    assert_eq!(reason(entry("instance_id", json!(null))), wrong("usage[0].instance_id", "missing"));
    assert_eq!(reason(entry("usage_value", json!(1.23456))), wrong("usage[0].usage_value", "malformed"));
    assert_eq!(reason(entry("usage_value", json!([]))), wrong("usage[0].usage_value", "wrong-type"));
    assert_eq!(
        reason(entry("statistical_time", json!("2023"))),
        wrong("usage[0].statistical_time", "malformed")
    );
    assert_eq!(reason(entry("dashboard_url", json!("x"))), wrong("usage[0].dashboard_url", "not-an-address"));
    let spelt =
        json!({"usage": [{"instanceId": "a", "usage_value": 1, "statistical_time": "20230327065233980"}]});
    let hint = json!({"field": "usage[0].instance_id", "cause": "misspelt", "found": "instanceId", "did_you_mean": "instance_id"});
    assert_eq!(reason(spelt), invalid(hint));
}

#[test]
fn a_refusal_where_there_is_none_says_so() {
    let refused = |world: &mut World, fields: &Value, given: &str| {
        let (admission, work) = world.v2(fields).work();
        let outcome = Outcome::Refused { code: given.into(), message: String::new() };
        let settled = world.settle(&work.work, Some(&admission), &outcome);
        let reason = serde_json::to_value(&settled.reason).unwrap();
        [&reason["code"], &reason["field"], &reason["cause"], &reason["found"]]
            .map(|one| one.as_str().unwrap_or("").to_string())
    };
    let mut world = World::new();
    assert_eq!(
        refused(&mut world, &order("CS1", "b1"), "E42"),
        ["backend-failed", "code", "unknown-code", "E42"]
    );
    let mut world = World::new();
    world.open("a");
    assert_eq!(
        refused(&mut world, &super::world::freeze("a"), "000100"),
        ["backend-failed", "code", "no-refusal-here", "000100"]
    );
}

#[test]
fn an_operator_and_a_report_are_told_the_field_too() {
    let mut world = World::new();
    world.open("a");
    let key = instance_key("crm", "a");
    let (bytes, version) = world.rows[&key].clone();
    let row = Row { key, value: Some(Stored { bytes, version }) };
    let changed = world.seller.update_access("crm", "a", br#"{"front_end_url":"x"}"#, &[row], &[7; 32]);
    let reason = changed.unwrap_err();
    assert_eq!(
        (reason.code.code(), reason.field.as_deref()),
        ("backend-answer-invalid", Some("front_end_url"))
    );
    let error = countersign_core::abi::CallError::from(reason);
    let problems: Value = serde_json::from_str(&error.problems).unwrap();
    assert_eq!((error.number, &problems[0]["path"]), (506, &json!("front_end_url")));
    assert_eq!(problems[0]["code"], "not-an-address");

    let (_, work) = world.v2(&order("CS2", "b2")).work();
    let rows = world.load(&[
        format!("work/{}", work.effect.id),
        instance_key("crm", "b2"),
        "order/crm/CS2/line/1".into(),
    ]);
    let answer = Outcome::Done(br#"{"frontEndUrl":"https://x.example.com"}"#.to_vec());
    let reason = world.seller.report(&work.effect.id, &rows, &answer, world.now, &[7; 32]).unwrap_err();
    assert_eq!(
        (reason.code.code(), reason.field.as_deref()),
        ("backend-answer-invalid", Some("front_end_url"))
    );
}

#[test]
fn the_right_answer_is_passed_on() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    let settled = world.settle(&work.work, Some(&admission), &access());
    assert_eq!(body(&settled.answer.unwrap())["resultCode"], "000000");
    assert_eq!(settled.reason, None);
}
