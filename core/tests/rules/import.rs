//! Instances from before the gate, line by line; and the way back out.

use countersign_core::ledger::{Export, Import, Outcome, export_instance};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{
    START, Turn, World, access, call, done, freeze, order, release, renewal, sold_out, unfreeze,
};

/// A line about an instance of the V2 product.
fn line(more: &Value) -> Value {
    let mut line = json!({
        "product": "crm", "order_id": "CS1", "order_line_id": "1", "product_id": "P1", "instance_id": "old",
        "expire_time": START + 1_000, "front_end_url": "https://old.example.com", "user_name": "u", "password": "p",
    });
    for (name, value) in more.as_object().unwrap() {
        line[name] = value.clone();
    }
    line
}

/// A line about an instance of the V1 product.
fn classic(more: &Value) -> Value {
    let mut line = line(more);
    line["product"] = json!("classic");
    line.as_object_mut().unwrap().remove("order_line_id");
    line
}

/// `unchanged`, `committed`, or every problem as `path code`.
fn take(world: &mut World, line: &Value) -> String {
    match world.import(line) {
        Import::Unchanged => "unchanged".into(),
        Import::Commit(_) => "committed".into(),
        Import::Refused { problems } => {
            let problems: Vec<String> =
                problems.iter().map(|one| format!("{} {}", one.path, one.code)).collect();
            problems.join(", ")
        }
        Import::Need { keys } => panic!("{keys:?}"),
    }
}

#[test]
fn an_imported_order_is_never_opened_again() {
    let mut world = World::new();
    assert_eq!(take(&mut world, &line(&json!({}))), "committed");
    let answer = world.v2(&order("CS1", "another-business-id")).json();
    assert_eq!((&answer["resultCode"], &answer["instanceId"]), (&json!("000000"), &json!("old")));
    let listed = world.v2(&call("queryInstance", "old", &[])).json();
    assert_eq!(
        listed["info"][0]["appInfo"],
        json!({"frontEndUrl": "https://old.example.com", "userName": "u", "password": "p"})
    );
    for fields in [renewal("old", "R1", START + 90_000_000), freeze("old"), unfreeze("old"), release("old")] {
        world.now += 10;
        assert_eq!(world.v2_through(&fields, &done())["resultCode"], "000000", "{fields}");
    }
    assert_eq!(world.phase("old"), "released");
}

#[test]
fn a_v1_order_is_found_whatever_its_charging_mode_where_nobody_knows_it() {
    let create = |world: &mut World, more: &[(&str, &str)]| {
        let mut pairs = vec![("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b")];
        pairs.extend(more);
        world.v1(&pairs)
    };
    let per_use = [("chargingMode", "0"), ("productId", "P1")];
    for (mode, pairs, finds) in [
        (json!({}), &[][..], true),
        (json!({}), &per_use[..], true),
        (json!({"charging_mode": 0}), &per_use[..], true),
        (json!({"charging_mode": "0"}), &[][..], false),
        (json!({"charging_mode": 1}), &[][..], true),
        (json!({"chargingMode": 1}), &per_use[..], false),
        (json!({"charging_mode": 0}), &[("chargingMode", "0"), ("productId", "P2")][..], false),
    ] {
        let mut world = World::new();
        assert_eq!(take(&mut world, &classic(&mode)), "committed", "{mode}");
        let turn = create(&mut world, pairs);
        if finds {
            let answer = turn.json();
            assert_eq!(answer["instanceId"], "old", "{mode} {pairs:?}");
            assert_eq!(answer["appInfo"]["frontEndUrl"], "https://old.example.com");
        } else {
            assert!(matches!(turn, Turn::Work { .. }), "{mode} {pairs:?}: another order");
        }
    }
}

#[test]
fn one_pay_per_use_order_has_several_instances() {
    let mut world = World::new();
    let item = |number: u8| {
        classic(
            &json!({"charging_mode": 0, "product_id": format!("P{number}"), "instance_id": format!("old-{number}")}),
        )
    };
    assert_eq!(take(&mut world, &item(1)), "committed");
    assert_eq!(take(&mut world, &item(2)), "committed");
    let mut without = item(3);
    without.as_object_mut().unwrap().remove("product_id");
    assert_eq!(take(&mut world, &without), "product_id missing");
}

#[test]
fn the_same_line_twice_changes_nothing() {
    for line in [line(&json!({})), line(&json!({"phase": "frozen"})), classic(&json!({"phase": "released"}))]
    {
        let mut world = World::new();
        assert_eq!(take(&mut world, &line), "committed");
        let before = world.rows.clone();
        world.now += 5_000;
        assert_eq!(take(&mut world, &line), "unchanged", "{line}");
        assert_eq!(world.rows, before);
    }
}

#[test]
fn every_spelling_says_the_same() {
    let mut world = World::new();
    assert_eq!(take(&mut world, &line(&json!({}))), "committed");
    let expiry = |text: Value| {
        json!({
            "product": "crm", "orderId": "CS1", "orderLineId": "1", "productId": "P1", "instanceId": "old",
            "expiry": text, "appInfo": {"frontEndUrl": "https://old.example.com", "userName": "u", "password": "p"},
            "phase": "active", "customerId": null,
        })
    };
    for text in [json!(START + 1_000), json!("2023-11-14T22:13:21Z"), json!("2023-11-15T06:13:21.000+08:00")]
    {
        assert_eq!(take(&mut world, &expiry(text.clone())), "unchanged", "{text}");
    }
    assert_eq!(take(&mut world, &expiry(json!("20231114221321"))), "unchanged");
    assert_eq!(take(&mut world, &expiry(json!("20231114221321000"))), "unchanged");
    assert_eq!(
        take(&mut world, &expiry(Value::Null)),
        "unchanged",
        "what a line leaves open is no contradiction"
    );
}

#[test]
fn the_phase_is_taken_over() {
    for (phase, listed) in [("trial", true), ("active", true), ("frozen", true), ("released", false)] {
        let mut world = World::new();
        assert_eq!(take(&mut world, &line(&json!({"phase": phase}))), "committed");
        assert_eq!(world.phase("old"), phase);
        let code = world.v2(&call("queryInstance", "old", &[])).code();
        assert_eq!(code, if listed { "000000" } else { "000003" }, "{phase}");
    }
    let mut world = World::new();
    take(&mut world, &line(&json!({"phase": "frozen"})));
    assert_eq!(world.v2(&freeze("old")).code(), "000000", "frozen already: no effect");
    world.now += 10;
    assert_eq!(world.v2_through(&unfreeze("old"), &done())["resultCode"], "000000");
    let mut world = World::new();
    take(&mut world, &line(&json!({"phase": "released"})));
    assert_eq!(world.v2(&release("old")).code(), "000000");
    assert_eq!(world.v2(&order("CS1", "b")).json()["instanceId"], "old");
}

#[test]
fn what_contradicts_the_ledger_changes_nothing() {
    for (more, wrong) in [
        (json!({"instance_id": "other"}), "order_id conflict"),
        (json!({"order_id": "CS2"}), "order_id conflict"),
        (json!({"order_line_id": "2"}), "order_line_id conflict"),
        (json!({"phase": "frozen"}), "phase conflict"),
        (json!({"phase": "released"}), "phase conflict"),
        (json!({"expire_time": START + 2_000}), "expire_time conflict"),
        (json!({"product_id": "P2"}), "product_id conflict"),
        (json!({"password": "q"}), "password conflict"),
        (
            json!({"front_end_url": "https://new.example.com", "memo": "m"}),
            "front_end_url conflict, memo conflict",
        ),
    ] {
        let mut world = World::new();
        assert_eq!(take(&mut world, &line(&json!({}))), "committed");
        let before = world.rows.clone();
        assert_eq!(take(&mut world, &line(&more)), wrong, "{more}");
        assert_eq!(world.rows, before, "{more}");
    }
}

#[test]
fn what_the_ledger_leaves_open_is_filled_in() {
    let mut world = World::with(&json!({"unknown_instance": "adopt"}));
    world.v2_through(&freeze("old"), &access());
    let same = json!({"front_end_url": "https://app.example.com", "user_name": "admin", "password": "s3cret", "phase": "frozen"});
    assert_eq!(take(&mut world, &line(&same)), "committed", "its order is known now");
    let view = &world.instances()[0];
    assert_eq!((&view["order_id"], &view["expire_time"]), (&json!("CS1"), &json!(START + 1_000)));
    assert_eq!(world.v2(&order("CS1", "b")).json()["instanceId"], "old");
    assert_eq!(take(&mut world, &line(&same)), "unchanged");
}

#[test]
fn an_instance_that_is_not_open_is_left_alone() {
    let mut world = World::new();
    let _ = world.v2(&order("CS1", "old")).work();
    assert_eq!(take(&mut world, &line(&json!({}))), "instance_id conflict");
    let mut world = World::new();
    world.v2_through(&order("CS1", "old"), &sold_out());
    assert_eq!(take(&mut world, &line(&json!({}))), "instance_id conflict");
    let mut world = World::with(&json!({"unknown_instance": "adopt"}));
    let _ = world.v2(&freeze("old")).work();
    assert_eq!(take(&mut world, &line(&json!({}))), "instance_id conflict");
}

#[test]
fn every_mistake_of_a_line_is_named_at_once() {
    let long = "x".repeat(65);
    let mut world = World::new();
    for (text, wrong) in [
        (json!([]), " wrong-type"),
        (json!({}), "product missing, instance_id missing, order_id missing, front_end_url missing"),
        (line(&json!({"product": "none"})), "product unknown-value"),
        (line(&json!({"product": 1})), "product wrong-type, product missing"),
        (line(&json!({"instance_id": long})), "instance_id out-of-range"),
        (line(&json!({"instance_id": "a,b"})), "instance_id out-of-range"),
        (line(&json!({"instance_id": " a"})), "instance_id out-of-range"),
        (line(&json!({"instance_id": ""})), "instance_id missing"),
        (line(&json!({"instance_id": 7})), "instance_id wrong-type"),
        (line(&json!({"instanceId": "old"})), "instance_id duplicate"),
        (line(&json!({"order_id": "x".repeat(129)})), "order_id out-of-range"),
        (line(&json!({"order_line_id": ""})), "order_line_id missing"),
        (line(&json!({"charging_mode": -1})), "charging_mode out-of-range"),
        (line(&json!({"phase": "reserved"})), "phase unknown-value"),
        (line(&json!({"phase": "FROZEN"})), "phase unknown-value"),
        (line(&json!({"trial": "yes"})), "trial wrong-type"),
        (line(&json!({"expire_time": 1_700_000_000})), "expire_time out-of-range"),
        (line(&json!({"expire_time": 20_251_124_023_618_u64})), "expire_time out-of-range"),
        (line(&json!({"expire_time": "tomorrow"})), "expire_time out-of-range"),
        (line(&json!({"expire_time": true})), "expire_time out-of-range"),
        (line(&json!({"colour": 1})), "colour unknown-field"),
        (line(&json!({"access": {"colour": 1}})), "access.colour unknown-field"),
        (line(&json!({"access": {"user_name": "v"}})), "access.user_name duplicate"),
        (line(&json!({"access": 1})), "access wrong-type"),
        (line(&json!({"front_end_url": null})), "front_end_url missing"),
        (line(&json!({"front_end_url": "x".repeat(513)})), "front_end_url out-of-range"),
        (line(&json!({"memo": "x".repeat(1_025)})), "memo out-of-range"),
        (classic(&json!({"password": "x".repeat(80)})), "password out-of-range"),
        (line(&json!({"state": {}})), "state wrong-type"),
        (line(&json!({"phase": "x", "instance_id": "a,b"})), "instance_id out-of-range, phase unknown-value"),
    ] {
        assert_eq!(take(&mut world, &text), wrong, "{text}");
    }
    assert!(world.rows.is_empty());
    let twice = br#"{"product":"crm","product":"crm"}"#;
    let refused = world.seller.import_instance("", twice, &[], START, &[0; 32]).unwrap();
    assert!(matches!(refused, Import::Refused { problems } if problems[0].code == "wrong-type"));
}

#[test]
fn a_line_without_product_is_of_the_one_that_the_caller_names() {
    let world = World::new();
    let mut without = line(&json!({}));
    without.as_object_mut().unwrap().remove("product");
    let text = without.to_string();
    let found = world.seller.import_instance("crm", text.as_bytes(), &[], START, &[0; 32]).unwrap();
    let Import::Need { keys } = found else { panic!("{found:?}") };
    assert_eq!(keys, ["order/crm/CS1/line/1", "instance/crm/old"]);
}

#[test]
fn a_problem_never_repeats_a_value() {
    let mut world = World::new();
    take(&mut world, &line(&json!({})));
    let secret = "s3cret-".repeat(20);
    for more in [json!({"password": secret}), json!({"user_name": secret, "memo": secret.repeat(9)})] {
        let said = format!("{:?}", world.import(&line(&more)));
        assert!(said.contains("Refused") && !said.contains("s3cret"), "{said}");
    }
}

/// Everything that an export with access data says.
fn exported(world: &World) -> Vec<String> {
    let rows = world.rows.iter().filter(|(key, _)| key.starts_with("instance/"));
    rows.filter_map(|(_, (bytes, _))| match export_instance(bytes, true).unwrap() {
        Export::Line { instance, .. } => Some(instance),
        Export::Unopened => None,
    })
    .collect()
}

/// The rows of orders and instances: what an export stands for.
fn kept(world: &World) -> Vec<(&String, &Vec<u8>)> {
    let kept = |key: &str| key.starts_with("instance/") || key.starts_with("order/");
    world.rows.iter().filter(|(key, _)| kept(key)).map(|(key, (bytes, _))| (key, bytes)).collect()
}

fn moved(world: &World) -> World {
    let mut other = World::new();
    other.now = world.now + 77_777;
    for line in exported(world) {
        assert_eq!(take(&mut other, &serde_json::from_str(&line).unwrap()), "committed", "{line}");
    }
    other
}

#[test]
fn an_export_into_an_empty_ledger_gives_the_same_rows() {
    let mut world = World::new();
    for (id, changes) in [
        ("a", vec![]),
        ("b", vec![renewal("b", "R1", START + 90_000_000), freeze("b")]),
        ("c", vec![freeze("c"), unfreeze("c")]),
        ("d", vec![freeze("d"), release("d")]),
    ] {
        world.open(id);
        for fields in changes {
            world.now += 10;
            world.v2_through(&fields, &done());
        }
    }
    for pairs in [
        vec![
            ("orderId", "V1"),
            ("businessId", "e"),
            ("trialFlag", "1"),
            ("chargingMode", "1"),
            ("productId", "P"),
        ],
        vec![("orderId", "V2"), ("businessId", "f"), ("chargingMode", "0"), ("productId", "P1")],
        vec![("orderId", "V2"), ("businessId", "g"), ("chargingMode", "0"), ("productId", "P2")],
    ] {
        let pairs: Vec<(&str, &str)> = [("activity", "newInstance")].into_iter().chain(pairs).collect();
        let turn = world.v1(&pairs);
        world.through(turn, &access());
    }
    let turn = world.v1(&[("activity", "expireInstance"), ("instanceId", "e")]);
    world.through(turn, &done());
    take(&mut world, &classic(&json!({"instance_id": "imported"})));

    let mut other = moved(&world);
    assert_eq!(kept(&other), kept(&world));
    assert_eq!(exported(&other), exported(&world));
    for line in exported(&world) {
        assert_eq!(take(&mut world, &serde_json::from_str(&line).unwrap()), "unchanged", "{line}");
    }
    other.now += 10;
    assert_eq!(other.v2(&renewal("b", "R1", START + 90_000_000)).code(), "000000", "done already, no effect");
}

#[test]
fn an_adopted_instance_moves_too() {
    let mut world = World::with(&json!({"unknown_instance": "adopt"}));
    world.v2_through(&freeze("old"), &access());
    let other = moved(&world);
    assert_eq!(kept(&other), kept(&world));
}

#[test]
fn without_access_data_an_export_tells_none() {
    let mut world = World::new();
    world.open("a");
    let (bytes, _) = &world.rows[&countersign_core::ledger::instance_key("crm", "a")];
    let Export::Line { instance, owed } = export_instance(bytes, false).unwrap() else { panic!() };
    for secret in ["s3cret", "admin", "https://app.example.com"] {
        assert!(!instance.contains(secret), "{instance}");
    }
    assert_eq!(owed, 0);
}

#[test]
fn what_is_not_open_is_not_exported_and_what_is_owed_is_counted() {
    let mut world = World::new();
    let _ = world.v2(&order("CS9", "z")).work();
    assert!(exported(&world).is_empty());
    let mut world = World::new();
    world.open("a");
    world.now += 10;
    world.v2_through(&freeze("a"), &Outcome::Failed);
    let (bytes, _) = &world.rows[&countersign_core::ledger::instance_key("crm", "a")];
    let Export::Line { instance, owed } = export_instance(bytes, true).unwrap() else { panic!() };
    assert_eq!(owed, 1);
    let mut other = World::new();
    other.now = world.now + 10;
    take(&mut other, &serde_json::from_str(&instance).unwrap());
    assert_eq!(other.phase("a"), "frozen");
    assert!(matches!(other.v2(&freeze("a")), Turn::Work { .. }), "nobody has told the backend of it yet");
    assert_eq!(export_instance(b"{}", true).unwrap_err().code(), "corrupt-row");
}

proptest! {
    #[test]
    fn any_line_is_taken_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "[ -~]{0,80}") {
        let world = World::new();
        for line in [bytes.as_slice(), text.as_bytes(), format!("{{\"instance_id\":\"{text}\"}}").as_bytes()] {
            prop_assert!(world.seller.import_instance("crm", line, &[], START, &[0; 32]).is_ok());
        }
    }

    #[test]
    fn any_access_data_survive_the_journey(path in "[!#-;=?-\\[\\]-~一-龥😀]{0,80}", memo in "\\PC{0,80}", password in "\\PC{0,20}") {
        let mut world = World::new();
        let more = json!({"front_end_url": format!("https://app.example.com/{path}"), "memo": memo, "password": password});
        prop_assert_eq!(take(&mut world, &line(&more)), "committed");
        let other = moved(&world);
        prop_assert_eq!(kept(&other), kept(&world));
    }
}
