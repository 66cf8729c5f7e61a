//! `license-code`: the ledger learns a code by the first call that names it, and a license has a life and no access data.

use countersign_core::ledger::{Export, Import, Outcome, export_instance};
use countersign_core::{Seller, Verdict};
use serde_json::{Value, json};

use super::world::{KEY, START, Turn, World, data, done};

/// The key of license codes is none of another interface.
const CODES: &str = "license-code-access-key-0001";
const CODE: &str = "PL-0001";
const DAY: u64 = 86_400_000;

fn world() -> World {
    with(&json!({}))
}

/// `more` are further members of the route.
fn with(more: &Value) -> World {
    let mut route = json!({"path": "/code", "dialect": "license-code", "keys": [CODES], "product": "tool"});
    for (name, value) in more.as_object().unwrap() {
        route[name] = value.clone();
    }
    World::of(&json!({ "routes": [route] }))
}

fn send(world: &mut World, fields: &Value) -> Turn {
    let nonce: [u8; 8] = world.draw();
    let nonce = countersign_core::wire::hex::encode(&nonce);
    let verdict = world.admit_under(CODES, "/code", fields, world.now, &nonce);
    world.decide_verdict(verdict)
}

fn renewal(order: &str) -> Value {
    json!({"activity": "refreshLicenseCode", "scene": "RENEWAL", "orderId": order, "orderLineId": "1", "license": CODE,
        "productId": "p1", "expireTime": "20301231235959"})
}

fn status(word: &str) -> Value {
    json!({"activity": "updateLicenseCodeStatus", "license": CODE, "status": word})
}

fn release() -> Value {
    json!({"activity": "releaseLicenseCode", "license": CODE})
}

fn unknown() -> Outcome {
    Outcome::Refused { code: "000003".into(), message: String::new() }
}

fn result(answer: &Value) -> &str {
    answer["resultCode"].as_str().unwrap()
}

#[test]
fn the_first_call_teaches_the_ledger_the_code() {
    for (fields, kind, phase) in [
        (renewal("R1"), "renew", "active"),
        (status("FREEZE"), "freeze", "frozen"),
        (status("UNFREEZE"), "unfreeze", "active"),
        (release(), "release", "released"),
    ] {
        let mut world = world();
        let (admission, work) = send(&mut world, &fields).work();
        let message: Value = serde_json::from_str(&work.effect.body).unwrap();
        assert_eq!(
            (&message["subject"], &message["type"]),
            (&json!(CODE), &json!(format!("countersign.{kind}")))
        );
        let event = data(&work);
        assert_eq!((&event["license"], &event["instance_id"]), (&json!(CODE), &json!(CODE)), "{fields}");
        assert_eq!((&event["adopted"], &event["phase"]), (&json!(true), &json!(phase)), "{fields}");
        let settled = world.settle(&work.work, Some(&admission), &done());
        let answer: Value = serde_json::from_slice(&settled.answer.unwrap().body).unwrap();
        assert_eq!(
            answer,
            json!({"resultCode": "000000", "resultMsg": "success."}),
            "{fields}: no member is needed"
        );
        assert_eq!((world.phase(CODE), world.works()), (phase.to_string(), 0), "{fields}");
        world.now += 10;
        assert!(matches!(send(&mut world, &fields), Turn::Answer { reason: None, .. }), "{fields}: a repeat");
    }
}

#[test]
fn a_whole_life() {
    let mut world = world();
    for (fields, phase) in [
        (renewal("R1"), "active"),
        (status("FREEZE"), "frozen"),
        (renewal("R2"), "active"),
        (status("FREEZE"), "frozen"),
        (status("UNFREEZE"), "active"),
        (release(), "released"),
    ] {
        world.now += 10;
        let turn = send(&mut world, &fields);
        assert_eq!(result(&world.through(turn, &done())), "000000", "{fields}");
        assert_eq!(world.phase(CODE), phase, "{fields}");
    }
    world.now += 10;
    assert_eq!(send(&mut world, &renewal("R3")).code(), "000003");
    assert_eq!(world.instances()[0]["expire_time"], json!(1_924_991_999_000_u64));
}

#[test]
fn what_the_backend_does_not_know_leaves_nothing() {
    for fields in [renewal("R1"), status("FREEZE"), status("UNFREEZE"), release()] {
        let mut world = world();
        let turn = send(&mut world, &fields);
        assert_eq!(result(&world.through(turn, &unknown())), "000003", "{fields}");
        assert!(world.instances().is_empty() && world.works() == 0, "{fields}");
        world.now += 10;
        let turn = send(&mut world, &fields);
        assert_eq!(result(&world.through(turn, &done())), "000000", "{fields}: it is asked again");
    }
}

#[test]
fn the_seller_has_no_refusal_of_his_own() {
    for code in ["000100", "000106", "000107", "900000"] {
        let mut world = world();
        let refused = Outcome::Refused { code: code.into(), message: "no".into() };
        for fields in [renewal("R1"), status("FREEZE"), release()] {
            world.now += 10;
            let turn = send(&mut world, &fields);
            let answer =
                if matches!(turn, Turn::Work { .. }) { world.through(turn, &refused) } else { turn.json() };
            assert_eq!(result(&answer), "000005", "{fields} {code}");
        }
        assert!(world.works() > 0, "it stays owed");
    }
}

#[test]
fn a_route_may_refuse_what_the_ledger_never_saw() {
    let mut world = with(&json!({"unknown_instance": "refuse"}));
    let turn = send(&mut world, &renewal("R1"));
    assert_eq!((turn.code().as_str(), turn.reason()), ("000003", "unknown-instance"));
}

#[test]
fn a_code_from_before_is_imported_by_itself() {
    let mut world = with(&json!({"unknown_instance": "adopt"}));
    let line =
        json!({"product": "tool", "instanceId": CODE, "expireTime": "20301231235959", "phase": "frozen"});
    let line = json!({"product": line["product"], "instance_id": CODE, "phase": "frozen"});
    assert!(matches!(world.import(&line), Import::Commit(_)));
    assert_eq!(world.phase(CODE), "frozen");
    let (_, work) = send(&mut world, &status("UNFREEZE")).work();
    assert_eq!(data(&work).get("adopted"), None, "the ledger knows it");
}

#[test]
fn test_calls_are_answered_and_change_nothing() {
    let mut world = world();
    for mut fields in [renewal("R1"), status("FREEZE"), release()] {
        fields["testFlag"] = json!("1");
        let turn = send(&mut world, &fields);
        assert_eq!(turn.json(), json!({"resultCode": "000000", "resultMsg": "success."}), "{fields}");
    }
    assert!(world.instances().is_empty() && world.works() == 0);
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let without = |mut fields: Value, name: &str| {
        fields.as_object_mut().unwrap().remove(name);
        fields
    };
    let with = |mut fields: Value, name: &str, value: Value| {
        fields[name] = value;
        fields
    };
    for (fields, reason) in [
        (without(renewal("R1"), "license"), "field-missing"),
        (without(renewal("R1"), "orderId"), "field-missing"),
        (without(renewal("R1"), "expireTime"), "field-missing"),
        (without(renewal("R1"), "scene"), "field-missing"),
        (with(renewal("R1"), "expireTime", json!("2030")), "field-malformed"),
        (with(renewal("R1"), "license", json!("x".repeat(129))), "field-too-long"),
        (without(status("FREEZE"), "status"), "field-missing"),
        (without(status("FREEZE"), "license"), "field-missing"),
        (status("PAUSE"), "unknown-status"),
        (without(release(), "license"), "field-missing"),
        (json!({"activity": "newInstance", "orderId": "o", "businessId": "b"}), "unknown-activity"),
        (json!({"activity": "releaseInstance", "instanceId": CODE}), "unknown-activity"),
    ] {
        let mut world = world();
        match send(&mut world, &fields) {
            Turn::Refused { code, answer } => {
                let body: Value = serde_json::from_slice(&answer.body).unwrap();
                assert_eq!((code, &body["resultCode"]), (reason, &json!("000002")), "{fields}");
            }
            other => panic!("{fields}: {other:?}"),
        }
    }
    let mut optional = without(renewal("R1"), "orderLineId");
    optional = without(optional, "productId");
    assert!(matches!(send(&mut world(), &optional), Turn::Work { .. }));
}

#[test]
fn a_call_signed_before_the_last_one_is_stale() {
    let mut world = world();
    let turn = send(&mut world, &status("FREEZE"));
    world.through(turn, &done());
    let verdict = world.admit_under(CODES, "/code", &status("UNFREEZE"), world.now - 5, "earlier");
    let turn = world.decide_verdict(verdict);
    assert_eq!((turn.code().as_str(), world.phase(CODE).as_str()), ("000000", "frozen"), "it is not applied");
    world.now = START + DAY;
}

#[test]
fn a_key_of_another_interface_is_a_mistake() {
    for other in ["saas-v2", "order-notify"] {
        let config = json!({"routes": [
            {"path": "/a", "dialect": other, "keys": [KEY], "product": "a"},
            {"path": "/b", "dialect": "license-code", "keys": [KEY], "product": "b"},
        ]});
        let error = Seller::from_json(config.to_string().as_bytes()).unwrap_err();
        let found: Vec<_> = error.problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
        assert_eq!(found, [("routes[1].keys", "conflict")], "{other}");
    }
}

#[test]
fn it_shares_a_path_with_a_product_and_with_notices() {
    let config = json!({"routes": [
        {"path": "/p", "dialect": "saas-v2", "keys": [KEY], "product": "a"},
        {"path": "/p", "dialect": "license-code", "keys": [CODES], "product": "b"},
        {"path": "/p", "dialect": "order-notify", "keys": ["generic-access-key-0001"], "product": "b"},
    ]});
    let mut world = World::of(&config);
    match world.admit_under(CODES, "/p", &release(), START, "n") {
        Verdict::Admitted(admitted) => assert_eq!(admitted.dialect, "license-code"),
        Verdict::Refused(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn a_license_moves_into_another_ledger_as_it_is() {
    let mut world = world();
    for fields in [renewal("R1"), status("FREEZE")] {
        world.now += 10;
        let turn = send(&mut world, &fields);
        world.through(turn, &done());
    }
    let key = countersign_core::ledger::instance_key("tool", CODE);
    let (row, _) = &world.rows[&key];
    let Export::Line { instance, owed } = export_instance(row, true).unwrap() else { panic!("it is open") };
    assert_eq!(owed, 0);
    let mut other = self::world();
    let line: Value = serde_json::from_str(&instance).unwrap();
    assert_eq!(line.get("access"), None);
    assert!(matches!(other.import(&line), Import::Commit(_)), "{line}");
    assert_eq!(other.rows[&key].0, *row, "byte for byte");
    assert!(matches!(other.import(&line), Import::Unchanged));
}
