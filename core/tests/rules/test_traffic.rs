//! Test traffic: a space of its own, in which every well-formed call succeeds.

use serde_json::{Value, json};

use super::world::{
    START, Turn, World, access, body, call, data, freeze, order, release, renewal, sold_out, unfreeze,
};

fn test(mut fields: Value) -> Value {
    fields["testFlag"] = json!("1");
    fields
}

#[test]
fn a_test_create_happens_once_and_touches_no_production_row() {
    let mut world = World::new();
    let first = world.v2(&test(order("CS1", "b1")));
    assert_eq!((first.code().as_str(), first.json()["instanceId"].as_str()), ("000000", Some("b1")));
    assert_eq!(world.v2(&test(order("CS1", "b2"))).json(), first.json());
    assert!(world.rows.keys().all(|key| key.starts_with("test/") || key.starts_with("replay/")));
    // The same order in production is another instance, with the same id if it likes.
    assert_eq!(world.v2_through(&order("CS1", "b1"), &access())["instanceId"], "b1");
}

#[test]
fn two_test_orders_never_share_an_id() {
    let mut world = World::new();
    world.v2(&test(order("CS1", "b1")));
    assert_ne!(world.v2(&test(order("CS2", "b1"))).json()["instanceId"], "b1");
}

#[test]
fn every_well_formed_test_call_succeeds_also_after_a_release() {
    let mut world = World::new();
    world.v2(&test(order("CS1", "b1")));
    for fields in [
        release("b1"),
        freeze("b1"),
        unfreeze("b1"),
        renewal("b1", "R1", START),
        call("upgradeInstance", "b1", &[("orderId", "U1"), ("orderLineId", "1")]),
        json!({"activity": "changeInstanceCheck", "instanceId": "b1", "productInfo": {"p": 1}}),
        release("never-seen"),
        call("queryInstance", "never-seen", &[]),
    ] {
        world.now += 86_400_000;
        assert_eq!(world.v2(&test(fields.clone())).code(), "000000", "{fields}");
    }
    assert_eq!(world.works(), 0);
}

#[test]
fn a_malformed_test_call_is_refused_like_any_other() {
    let mut world = World::new();
    assert_eq!(world.v2(&test(json!({"activity": "newInstance", "orderId": "CS1"}))).code(), "000002");
}

#[test]
fn the_flag_is_one_or_nothing() {
    let mut world = World::new();
    for production in [json!("0"), json!(0), json!(""), Value::Null] {
        let mut fields = freeze("zz");
        fields["testFlag"] = production;
        assert_eq!(world.v2(&fields).code(), "000003");
    }
    for probe in [json!("1"), json!(1)] {
        let mut fields = freeze("zz");
        fields["testFlag"] = probe;
        assert_eq!(world.v2(&fields).code(), "000000");
    }
    for wrong in [json!("2"), json!("true"), json!(true), json!("01"), json!(-1)] {
        let mut fields = freeze("zz");
        fields["testFlag"] = wrong;
        assert_eq!(world.v2(&fields).reason(), "test-flag-invalid");
    }
}

#[test]
fn v1_probes_are_told_the_test_address() {
    let mut world = World::new();
    let created =
        world.v1(&[("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1"), ("testFlag", "1")]);
    assert_eq!(created.json()["appInfo"]["frontEndUrl"], "https://t.example.com");
    let listed = world.v1(&[("activity", "queryInstance"), ("instanceId", "x,y"), ("testFlag", "1")]).json();
    assert_eq!(
        listed["info"][1],
        json!({"instanceId": "y", "appInfo": {"frontEndUrl": "https://t.example.com"}})
    );
}

#[test]
fn the_same_v1_bytes_may_come_again_for_ever() {
    let mut world = World::new();
    let pairs = [
        ("activity", "releaseInstance"),
        ("instanceId", "b1"),
        ("testFlag", "1"),
        ("timeStamp", "20200101000000000"),
    ];
    for _ in 0..3 {
        world.now += 86_400_000;
        assert_eq!(world.v1(&pairs).code(), "000000");
    }
}

#[test]
fn test_effects_are_marked_and_cannot_fail_the_probe() {
    let mut world = World::with(&json!({"test_effects": true}));
    let turn = world.v2(&test(order("CS1", "b1")));
    let Turn::Work { admission, assignment, question: true } = turn else { panic!("{turn:?}") };
    assert_eq!(data(&assignment)["test"], true);
    assert_eq!(data(&assignment)["instance_id"], "b1");
    for outcome in [access(), sold_out(), countersign_core::ledger::Outcome::Running] {
        let settled = world.settle(&assignment.work, Some(&admission), &outcome);
        let answer = body(&settled.answer.unwrap());
        assert_eq!((&answer["resultCode"], &answer["instanceId"]), (&json!("000000"), &json!("b1")));
    }
    assert_eq!(world.works(), 0);
}
