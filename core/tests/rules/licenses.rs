//! `license-v1` and `license-online`: a licence is issued once and never changes, and instances live as those of SaaS do.

use countersign_core::ledger::{Export, Import, Outcome, export_instance};
use countersign_core::wire::{TimeError, time};
use countersign_core::{Body, Request, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, Turn, World, data, done, signed_v1_under};

fn first() -> World {
    first_with(&json!({}))
}

/// A route of License 1.0; `more` are further members.
fn first_with(more: &Value) -> World {
    let mut route = json!({"path": "/license", "dialect": "license-v1", "keys": [KEY], "product": "tool"});
    for (name, value) in more.as_object().unwrap() {
        route[name] = value.clone();
    }
    World::of(&json!({ "routes": [route] }))
}

fn admit(world: &mut World, pairs: &[(&str, &str)]) -> Verdict {
    let target = signed_v1_under(KEY, "/license", pairs, world.now);
    let request_id = world.draw();
    world.seller.admit(&Request::new("GET", target.as_bytes(), &[], Body::Bytes(b"")), &request_id, world.now)
}

fn ask(world: &mut World, pairs: &[(&str, &str)]) -> Turn {
    world.now += 10;
    let verdict = admit(world, pairs);
    world.decide_verdict(verdict)
}

const GET: [(&str, &str); 3] = [("activity", "getLicense"), ("orderId", "CS1"), ("businessId", "b-1")];

fn licensed(text: &str) -> Outcome {
    Outcome::Done(json!({ "license": text }).to_string().into_bytes())
}

/// The text of an answer, byte for byte.
fn text(world: &mut World, turn: Turn, outcome: &Outcome) -> String {
    let answer = match turn {
        Turn::Work { admission, assignment, .. } => {
            world.settle(&assignment.work, Some(&admission), outcome).answer.unwrap()
        }
        Turn::Answer { answer, .. } | Turn::Refused { answer, .. } => answer,
        Turn::Wait { .. } => panic!("must wait"),
    };
    String::from_utf8(answer.body).unwrap()
}

const ISSUED: &str =
    r#"{"resultCode":"000000","resultMsg":"success.","instanceId":"b-1","license":"AAAA-1"}"#;

#[test]
fn a_licence_is_issued_once_and_never_changes() {
    let mut world = first();
    let turn = ask(&mut world, &GET);
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    let message: Value = serde_json::from_str(&assignment.effect.body).unwrap();
    assert_eq!((&message["type"], &message["subject"]), (&json!("countersign.issue_license"), &json!("b-1")));
    assert_eq!(
        (&data(assignment)["instance_id"], &data(assignment)["phase"]),
        (&json!("b-1"), &json!("active"))
    );
    assert_eq!(text(&mut world, turn, &licensed("AAAA-1")), ISSUED);
    let again = [("activity", "getLicense"), ("orderId", "CS1"), ("businessId", "b-2")];
    let turn = ask(&mut world, &again);
    assert_eq!(text(&mut world, turn, &licensed("other")), ISSUED, "whatever businessId");
    let renewal = [
        ("activity", "refreshLicense"),
        ("orderId", "CS2"),
        ("instanceId", "b-1"),
        ("expireTime", "20301231235959"),
        ("trialToFormal", "1"),
    ];
    let turn = ask(&mut world, &renewal);
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!(data(assignment)["scene"], "TRIAL_TO_FORMAL");
    assert_eq!(text(&mut world, turn, &licensed("new")), r#"{"resultCode":"000000","resultMsg":"success."}"#);
    let turn = ask(&mut world, &again);
    assert_eq!(text(&mut world, turn, &done()), ISSUED, "after a renewal too");
    for (activity, phase) in [("expireLicense", "frozen"), ("releaseLicense", "released")] {
        let turn = ask(&mut world, &[("activity", activity), ("instanceId", "b-1")]);
        let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
        assert_eq!(data(assignment)["end_sessions"], json!({"scope": "all"}), "{activity}");
        text(&mut world, turn, &done());
        assert_eq!(world.phase("b-1"), phase);
        let turn = ask(&mut world, &again);
        assert_eq!(text(&mut world, turn, &done()), ISSUED, "{phase}");
    }
}

#[test]
fn a_licence_must_come_with_the_success() {
    let long = "x".repeat(65_536);
    for (answer, field) in [
        (json!({}), "missing"),
        (json!({"license": ""}), "missing"),
        (json!({"license": null}), "missing"),
        (json!({"license": 7}), "wrong-type"),
        (json!({"Licence": "x", "License": "x"}), "misspelt"),
        (json!({"license": format!("{long}x")}), "over-limit"),
    ] {
        let mut world = first();
        let (admission, work) = ask(&mut world, &GET).work();
        let settled =
            world.settle(&work.work, Some(&admission), &Outcome::Done(answer.to_string().into_bytes()));
        let reason = settled.reason.unwrap();
        assert_eq!(reason.code.code(), "backend-answer-invalid", "{field}");
        assert_eq!(settled.alarms[0].code, "backend-answer-invalid");
        let body: Value = serde_json::from_slice(&settled.answer.unwrap().body).unwrap();
        assert_eq!((&body["resultCode"], world.works()), (&json!("000005"), 1), "{field}: it stays owed");
        world.now += 2_000;
        let due = world.due().remove(0);
        world.settle(&due.work, None, &licensed(&long));
        let turn = ask(&mut world, &GET);
        let answer: Value = serde_json::from_str(&text(&mut world, turn, &done())).unwrap();
        assert_eq!(answer["license"].as_str().unwrap().len(), 65_536);
    }
}

#[test]
fn a_seller_may_refuse_and_be_asked_again() {
    for code in ["000100", "000107"] {
        let mut world = first();
        let refused = Outcome::Refused { code: code.into(), message: "no".into() };
        let turn = ask(&mut world, &GET);
        assert_eq!(
            text(&mut world, turn, &refused),
            format!(r#"{{"resultCode":"{code}","resultMsg":"no"}}"#)
        );
        let turn = ask(&mut world, &GET);
        assert_eq!(text(&mut world, turn, &licensed("AAAA-1")), ISSUED);
    }
    let mut world = first();
    let turn = ask(&mut world, &GET);
    let refused = Outcome::Refused { code: "000900".into(), message: "no".into() };
    assert!(text(&mut world, turn, &refused).contains("000005"), "no code of this dialect");
}

#[test]
fn pay_per_use_orders_have_a_licence_for_each_price_level() {
    let mut world = first();
    for (product, business) in [("p1", "b-1"), ("p2", "b-2")] {
        let pairs = [
            ("activity", "getLicense"),
            ("orderId", "CS1"),
            ("businessId", business),
            ("chargingMode", "0"),
            ("productId", product),
        ];
        let turn = ask(&mut world, &pairs);
        assert!(text(&mut world, turn, &licensed(product)).contains(business));
        let turn = ask(&mut world, &pairs);
        assert!(text(&mut world, turn, &done()).contains(product));
    }
    let turn = ask(
        &mut world,
        &[("activity", "getLicense"), ("orderId", "CS1"), ("businessId", "b"), ("chargingMode", "0")],
    );
    assert_eq!(turn.reason(), "field-missing");
}

#[test]
fn a_test_is_answered_the_licence_of_tests() {
    for (more, license) in [(json!({}), "TEST-LICENSE"), (json!({"test_license": "T-1"}), "T-1")] {
        let mut world = first_with(&more);
        let call = |business| {
            [("activity", "getLicense"), ("orderId", "CS1"), ("businessId", business), ("testFlag", "1")]
        };
        for business in ["b-1", "b-2"] {
            let turn = ask(&mut world, &call(business));
            let answer: Value = serde_json::from_str(&text(&mut world, turn, &done())).unwrap();
            assert_eq!((&answer["instanceId"], &answer["license"]), (&json!("b-1"), &json!(license)));
        }
        for activity in ["expireLicense", "releaseLicense"] {
            let turn = ask(&mut world, &[("activity", activity), ("instanceId", "b-1"), ("testFlag", "1")]);
            assert_eq!(turn.code(), "000000");
        }
        assert_eq!(world.works(), 0);
    }
}

#[test]
fn an_ampersand_is_taken_where_nothing_can_be_glued_to() {
    let mut world = first();
    let with = |name: &'static str, value: &'static str| {
        let mut pairs = GET.to_vec();
        pairs.retain(|(known, _)| *known != name);
        pairs.push((name, value));
        pairs
    };
    for (name, value, reason) in [
        ("orderId", "CS1&x=1", "ambiguous-text"),
        ("businessId", "b&c", "ambiguous-text"),
        ("productId", "p&q", "ambiguous-text"),
        ("skuCode", "s&testFlag=1", "ambiguous-text"),
        ("x&y", "1", "ambiguous-text"),
        ("skuCode", "s&t", ""),
        ("customerName", "R&D", ""),
    ] {
        let turn = ask(&mut world, &with(name, value));
        let found = if matches!(turn, Turn::Refused { .. }) { turn.reason() } else { "" };
        assert_eq!(found, reason, "{name}={value}");
    }
}

#[test]
fn a_licence_is_exported_and_imported_byte_for_byte() {
    let mut world = first();
    let turn = ask(&mut world, &GET);
    text(&mut world, turn, &licensed("许可-1"));
    let row = world.rows["instance/tool/b-1"].0.clone();
    let line = |with_access| match export_instance(&row, with_access).unwrap() {
        Export::Line { instance, .. } => serde_json::from_str::<Value>(&instance).unwrap(),
        other @ Export::Unopened => panic!("{other:?}"),
    };
    assert!(line(false).get("license").is_none());
    let whole = line(true);
    assert_eq!(whole["license"], "许可-1");
    let mut other = first();
    assert!(matches!(other.import(&whole), Import::Commit(_)));
    let turn = ask(&mut other, &GET);
    let answer: Value = serde_json::from_str(&text(&mut other, turn, &done())).unwrap();
    assert_eq!(answer["license"], "许可-1");
    for (line, code, field) in [
        (json!({"instanceId": "x", "orderId": "CS9"}), "missing", "license"),
        (json!({"instanceId": "x", "orderId": "CS9", "license": ""}), "missing", "license"),
        (json!({"instanceId": "x", "orderId": "CS9", "license": 7}), "wrong-type", "license"),
        (json!({"instanceId": "b-1", "orderId": "CS1", "license": "another"}), "conflict", "license"),
    ] {
        let mut line = line;
        line["product"] = json!("tool");
        match other.import(&line) {
            Import::Refused { problems } => {
                assert_eq!((problems[0].code, problems[0].path.as_str()), (code, field), "{line}");
            }
            ended => panic!("{line}: {ended:?}"),
        }
    }
    assert!(matches!(
        other
            .import(&json!({"product": "tool", "instanceId": "gone", "orderId": "CS8", "phase": "released"})),
        Import::Commit(_)
    ));
    let mut saas = World::new();
    let line = json!({"product": "crm", "instanceId": "x", "orderId": "CS9", "orderLineId": "1", "license": "L", "frontEndUrl": "https://a.example.com"});
    assert!(
        matches!(saas.import(&line), Import::Refused { problems } if problems[0].code == "unknown-field")
    );
}

fn online() -> World {
    let route = json!({"path": "/v2", "dialect": "license-online", "keys": [KEY], "product": "crm"});
    World::of(&json!({ "routes": [route] }))
}

fn bought() -> World {
    let mut world = online();
    let turn = v2(&mut world, &super::world::order("CS1", "i-1"));
    let answer: Value = serde_json::from_str(&text(&mut world, turn, &done())).unwrap();
    assert_eq!(
        answer,
        json!({"resultCode": "000000", "resultMsg": "success.", "instanceId": "i-1"}),
        "no address is needed"
    );
    world
}

fn v2(world: &mut World, fields: &Value) -> Turn {
    world.now += 10;
    world.v2(fields)
}

fn wanted(event: &str, device: &str) -> Value {
    json!({"activity": "getLicenseAsync", "instanceId": "i-1", "effectiveTime": "2023-10-27 10:30:15 z",
        "expireTime": "2030-01-01T00:00:00.5UTC", "eventId": event, "deviceFingerprint": device})
}

fn result(world: &mut World, turn: Turn, outcome: &Outcome) -> String {
    let answer: Value = serde_json::from_str(&text(world, turn, outcome)).unwrap();
    answer["resultCode"].as_str().unwrap().to_string()
}

#[test]
fn a_licence_is_asked_for_once_for_each_event_and_device() {
    let mut world = bought();
    let turn = v2(&mut world, &wanted("e1", "d1"));
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!(
        data(assignment),
        json!({"type": "issue_license", "activity": "getLicenseAsync", "instance_id": "i-1",
            "effective_time": 1_698_402_615_000_u64, "expire_time": 1_893_456_000_500_u64, "event_id": "e1",
            "device_fingerprint": "d1", "phase": "active"})
    );
    assert_eq!(result(&mut world, turn, &licensed("L-1")), "000000");
    let turn = v2(&mut world, &wanted("e1", "d1"));
    assert!(matches!(turn, Turn::Answer { reason: None, .. }), "the same again");
    let kept: Vec<&String> = world.rows.keys().filter(|key| key.starts_with("license/crm/i-1/")).collect();
    assert_eq!(kept.len(), 1);
    let row: Value = serde_json::from_slice(&world.rows[kept[0]].0).unwrap();
    assert_eq!((&row["license"], &row["event_id"]), (&json!("L-1"), &json!("e1")));
    for (event, device) in [("e1", "d2"), ("e2", "d1")] {
        let turn = v2(&mut world, &wanted(event, device));
        assert_eq!(result(&mut world, turn, &done()), "000000", "another request");
    }
    let turn = v2(&mut world, &super::world::freeze("i-1"));
    result(&mut world, turn, &done());
    let turn = v2(&mut world, &wanted("e3", ""));
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!(data(assignment)["phase"], "frozen", "asked, and told");
    result(&mut world, turn, &done());
    let turn = v2(&mut world, &super::world::release("i-1"));
    result(&mut world, turn, &done());
    assert_eq!(v2(&mut world, &wanted("e4", "d1")).reason(), "instance-released");
}

#[test]
fn what_comes_of_the_request_for_a_licence() {
    let refusal = |code: &str| Outcome::Refused { code: code.into(), message: "no".into() };
    let file = |name: &str, content: &str| {
        Outcome::Done(
            json!({"license_file": {"name": name, "content_base64": content}}).to_string().into_bytes(),
        )
    };
    let long = "x".repeat(1_025);
    for (outcome, code, owed) in [
        (Outcome::Accepted, "000004", 1),
        (Outcome::Failed, "000005", 1),
        (refusal("000900"), "000900", 0),
        (refusal("000903"), "000903", 0),
        (refusal("000106"), "000106", 0),
        (refusal("000904"), "000005", 1),
        (file("a.lic", "QUJD"), "000000", 0),
        (file("", "QUJD"), "000005", 1),
        (file("a.lic", "?"), "000005", 1),
        (file(&long, "QUJD"), "000005", 1),
        (file("a.lic", &"QUJD".repeat(46_081)), "000005", 1),
        (licensed(&long), "000005", 1),
        (licensed(""), "000005", 1),
        (
            Outcome::Done(br#"{"license":"a","license_file":{"name":"n","content_base64":"QUJD"}}"#.to_vec()),
            "000005",
            1,
        ),
        (Outcome::Done(br#"{"license_file":[]}"#.to_vec()), "000005", 1),
        (Outcome::Done(b"{}".to_vec()), "000000", 0),
    ] {
        let mut world = bought();
        let turn = v2(&mut world, &wanted("e1", "d1"));
        assert_eq!(
            (result(&mut world, turn, &outcome), world.works()),
            (code.to_string(), owed),
            "{outcome:?}"
        );
        if owed == 0 && code != "000000" {
            let turn = v2(&mut world, &wanted("e1", "d1"));
            assert_eq!(result(&mut world, turn, &licensed("L")), "000000", "a refusal is no end");
        }
    }
    let mut world = bought();
    world.now += 10;
    let mut other = wanted("e1", "d1");
    other["instanceId"] = json!("nobody");
    assert_eq!(v2(&mut world, &other).reason(), "unknown-instance");
    let mut test = wanted("e1", "d1");
    test["testFlag"] = json!(1);
    assert_eq!((v2(&mut world, &test).code(), world.works()), ("000000".to_string(), 0));
}

#[test]
fn a_purchase_has_no_code_of_a_licence() {
    let mut world = online();
    let turn = v2(&mut world, &super::world::order("CS1", "i-1"));
    let refusal = Outcome::Refused { code: "000900".into(), message: String::new() };
    assert_eq!(result(&mut world, turn, &refusal), "000005");
    assert!(matches!(
        v2(&mut world, &json!({"activity": "upgradeInstance", "instanceId": "i-1", "orderId": "CS2"})),
        Turn::Refused { code: "unknown-activity", .. }
    ));
}

#[test]
fn times_of_licences_have_many_forms() {
    for (text, millis) in [
        ("2023-10-27 10:30:15 z", Ok(1_698_402_615_000)),
        ("2023-10-27 10:30:15", Ok(1_698_402_615_000)),
        ("2023-10-27T10:30:15Z", Ok(1_698_402_615_000)),
        ("2023-10-27T10:30:15.1 UTC", Ok(1_698_402_615_100)),
        ("2023-10-27 10:30:15.123z", Ok(1_698_402_615_123)),
        ("20231027103015", Ok(1_698_402_615_000)),
        ("20231027103015123", Ok(1_698_402_615_123)),
        ("2023-10-27 10:30:15  z", Err(TimeError)),
        ("2023-10-27 10:30:15.1234z", Err(TimeError)),
        ("2023-10-27 10:30:15.z", Err(TimeError)),
        ("2023-10-27 10:30:15+08:00", Err(TimeError)),
        ("2023-10-27t10:30:15", Err(TimeError)),
        ("2023-10-2710:30:15", Err(TimeError)),
        ("2023-02-29 10:30:15", Err(TimeError)),
        ("2023-10-27 24:00:00", Err(TimeError)),
        ("2023-10-27 10:30:15 utc", Err(TimeError)),
        ("1698402615000", Err(TimeError)),
        ("z", Err(TimeError)),
        ("", Err(TimeError)),
    ] {
        assert_eq!(time::parse_moment_utc(text), millis, "{text}");
    }
    let mut world = bought();
    let mut fields = wanted("e1", "d1");
    fields["expireTime"] = json!("tomorrow");
    assert_eq!(v2(&mut world, &fields).reason(), "field-malformed");
}
