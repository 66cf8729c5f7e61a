//! Rows of later versions: of another format they are left alone, of the same format nothing of them is lost.

use countersign_core::ledger::{Outcome, Row, Stored, export_instance, instance_key, view_instance};
use countersign_core::{OldAnswer, ReasonCode, Verdict};
use serde_json::{Value, json};

use super::world::{
    START, Turn, World, access, call, done, freeze, order, release, renewal, sold_out, unfreeze,
};

const NEWER: ReasonCode = ReasonCode::NewerRow;

/// The newest format that any row has.
const NEWEST: u64 = 2;

fn adopting() -> World {
    World::with(&json!({"unknown_instance": "adopt"}))
}

/// Every row whose key begins so, as a later version may have written it.
fn raise(world: &mut World, prefix: &str) -> usize {
    let mut raised = 0;
    for (key, (bytes, _)) in &mut world.rows {
        if key.starts_with(prefix) {
            let mut row: Value = serde_json::from_slice(bytes).unwrap();
            row = json!({"format": NEWEST.max(row["format"].as_u64().unwrap()) + 1, "all": {"the": row}});
            *bytes = row.to_string().into_bytes();
            raised += 1;
        }
    }
    raised
}

/// The reason why a call cannot be decided; it is declined with 000005, and no row has changed.
fn failure(world: &mut World, fields: &Value) -> ReasonCode {
    let Verdict::Admitted(admitted) = world.admit_v2("/v2", fields) else { panic!("{fields}") };
    let before = world.rows.clone();
    let error = world.try_decide(&admitted.admission, &admitted.keys).unwrap_err();
    assert_eq!(world.rows, before, "{fields}");
    let answer = world.seller.decline(&admitted.admission).unwrap();
    assert_eq!(super::world::code(&answer), "000005");
    error
}

#[test]
fn the_reason_has_its_own_number() {
    assert_eq!((NEWER.code(), NEWER.number(), NEWER.result_code()), ("newer-row", 611, "000005"));
}

#[test]
fn no_call_acts_on_a_newer_instance() {
    let mut world = World::new();
    world.open("a");
    assert_eq!(raise(&mut world, "instance/"), 1);
    for fields in [
        order("order-a", "b9"),
        order("CS-other", "a"),
        renewal("a", "R1", START + 90_000_000),
        call("upgradeInstance", "a", &[("orderId", "U1"), ("orderLineId", "1")]),
        freeze("a"),
        unfreeze("a"),
        release("a"),
        call("queryInstance", "a", &[]),
        json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": {"p": 1}}),
    ] {
        assert_eq!(failure(&mut world, &fields), NEWER, "{fields}");
    }
    let key = instance_key("crm", "a");
    let (bytes, version) = world.rows[&key].clone();
    assert_eq!(view_instance(&bytes, true).unwrap_err(), NEWER);
    assert_eq!(export_instance(&bytes, true).unwrap_err(), NEWER);
    let row = Row { key, value: Some(Stored { bytes, version }) };
    let update =
        world.seller.update_access("crm", "a", br#"{"front_end_url":"https://n"}"#, &[row], &[7; 32]);
    assert_eq!(update.unwrap_err().code, NEWER);
    let line = json!({"product": "crm", "order_id": "order-a", "order_line_id": "1", "instance_id": "a",
        "front_end_url": "https://old.example.com"});
    let keys = [instance_key("crm", "a"), "order/crm/order-a/line/1".to_string()];
    let rows = world.load(&keys);
    let import = world.seller.import_instance("", line.to_string().as_bytes(), &rows, world.now, &[7; 32]);
    assert_eq!(import.unwrap_err(), NEWER);
    let Verdict::Admitted(admitted) = world.admit_v2("/v2", &freeze("a")) else { panic!() };
    let rows = world.load(&admitted.keys);
    let old = OldAnswer {
        status: 200,
        headers: Vec::new(),
        body: br#"{"resultCode":"000000"}"#.to_vec(),
        took_ms: 1,
    };
    let shadow = world.seller.shadow(&admitted.admission, &old, &rows, world.now, &[7; 32]);
    assert_eq!(shadow.unwrap_err(), NEWER);
}

#[test]
fn no_call_acts_on_a_newer_order_replay_or_token() {
    let mut world = adopting();
    world.open("a");
    raise(&mut world, "order/");
    assert_eq!(failure(&mut world, &order("order-a", "b9")), NEWER);

    let mut world = adopting();
    let (_, work) = world.v2(&freeze("old")).work();
    world.settle(&work.work, None, &Outcome::Refused { code: "000003".into(), message: String::new() });
    assert_eq!(raise(&mut world, "token/"), 1);
    assert_eq!(failure(&mut world, &freeze("old")), NEWER);
    assert_eq!(failure(&mut world, &order("CS1", "old")), NEWER);

    let mut world = World::new();
    let fields = order("CS1", "a");
    let verdict = world.admit_signed("/v2", &fields, world.now, "nonce1");
    world.decide_verdict(verdict).work();
    raise(&mut world, "replay/");
    let Verdict::Admitted(again) = world.admit_signed("/v2", &fields, world.now, "nonce1") else { panic!() };
    assert_eq!(world.try_decide(&again.admission, &again.keys).unwrap_err(), NEWER);
}

#[test]
fn no_outcome_is_settled_on_newer_rows() {
    for prefix in ["instance/", "work/"] {
        let mut world = World::new();
        let (admission, work) = world.v2(&order("CS1", "a")).work();
        raise(&mut world, prefix);
        let keys: Vec<String> = world.rows.keys().cloned().collect();
        let (rows, before) = (world.load(&keys), world.rows.clone());
        for outcome in [access(), sold_out(), Outcome::Failed, Outcome::Accepted] {
            let (now, entropy) = (world.now, [7; 32]);
            for admission in [None, Some(admission.as_slice())] {
                let settled = world.seller.settle(&work.work, admission, &rows, &outcome, now, &entropy);
                assert_eq!(settled.unwrap_err(), NEWER, "{prefix} {outcome:?}");
            }
        }
        let reported = world.try_report(&work.effect.id, &access());
        assert_eq!(reported.unwrap_err(), NEWER);
        assert_eq!(world.rows, before);
    }
}

#[test]
fn a_newer_work_is_named_and_stops_nobody() {
    let mut world = World::new();
    let (_, newer) = world.v2(&order("CS1", "a")).work();
    raise(&mut world, "work/");
    let (_, ours) = world.v2(&order("CS2", "b")).work();
    world.now += 15_000;
    let owed = world.owed();
    let named: Vec<(&str, &str)> =
        owed.unreadable.iter().map(|row| (&*row.key, row.reason.code.code())).collect();
    let key = format!("work/{}", newer.effect.id);
    assert_eq!(named, [(key.as_str(), "newer-row")]);
    let row = world.load(std::slice::from_ref(&key)).remove(0);
    assert_eq!(world.seller.claim(&row, world.now, &[7; 32]).unwrap_err(), NEWER);
    let claims = world.due();
    assert_eq!((claims.len(), &claims[0].effect.id), (1, &ours.effect.id));
}

/// Puts a member that this version does not know into every row.
fn mark(world: &mut World) {
    for (bytes, _) in world.rows.values_mut() {
        // At its end, as it stands: an event begins with its type.
        bytes.pop();
        bytes.extend_from_slice(r#","later":{"of":[1.50,null,"数"]}}"#.as_bytes());
    }
}

fn assert_kept(world: &World, context: &str) {
    for (key, (bytes, _)) in &world.rows {
        let row: Value = serde_json::from_slice(bytes).unwrap();
        assert_eq!(row["later"]["of"], json!([1.50, null, "数"]), "{context}: {key}");
    }
}

#[test]
fn whatever_a_later_version_added_survives_a_life() {
    let mut world = World::new();
    // Replays and ends are rows of their own, and written once.
    let tidy = |world: &mut World| {
        world.rows.retain(|key, _| !key.starts_with("replay/") && !key.starts_with("effect/"));
    };
    let (_, create) = world.v2(&order("CS1", "a")).work();
    tidy(&mut world);
    mark(&mut world);
    world.settle(&create.work, None, &Outcome::Failed);
    assert_kept(&world, "a failure");
    world.now += 400_000;
    let claim = world.due().remove(0);
    assert_kept(&world, "a claim");
    world.settle(&claim.work, None, &access());
    tidy(&mut world);
    assert_kept(&world, "the end of a work");

    let (_, running) = world.v2(&freeze("a")).work();
    world.now += 10;
    world.v2(&renewal("a", "R1", START + 900_000_000));
    tidy(&mut world);
    mark(&mut world);
    world.settle(&running.work, None, &Outcome::Failed);
    assert_kept(&world, "one behind another");
    let (_, running) = world.v2(&freeze("a")).work();
    world.settle(&running.work, None, &done());
    tidy(&mut world);
    assert_kept(&world, "one that comes to the front");
    for claim in world.due() {
        world.settle(&claim.work, None, &done());
    }
    tidy(&mut world);
    assert_eq!(world.phase("a"), "active");
    assert_kept(&world, "a renewal that lifts");

    let key = instance_key("crm", "a");
    let row = world.load(std::slice::from_ref(&key)).remove(0);
    let update =
        world.seller.update_access("crm", "a", br#"{"front_end_url":"https://n"}"#, &[row], &[7; 32]);
    let Ok(countersign_core::ledger::AccessUpdate::Commit(writes)) = update else { panic!("{update:?}") };
    assert!(world.commit(&writes));
    assert_kept(&world, "a change of access data");
    let line = json!({"product": "crm", "order_id": "CS1", "order_line_id": "1", "instance_id": "a",
        "front_end_url": "https://n", "customer_id": "c"});
    assert!(matches!(world.import(&line), countersign_core::ledger::Import::Commit(_)));
    assert_kept(&world, "an import that fills in");
    let turn = world.v2(&release("a"));
    assert!(matches!(turn, Turn::Work { .. }));
    world.through(turn, &done());
    tidy(&mut world);
    assert_kept(&world, "a release");
}

/// Rows that a gateway of release 0.1.0 wrote: their works say neither kind nor subject.
const RELEASED: &str = include_str!("../../src/ledger/row/format-1.json");

#[test]
fn works_of_the_release_before_go_on() {
    let mut world = World::new();
    let document: Value = serde_json::from_str(RELEASED).unwrap();
    for row in document["rows"].as_array().unwrap() {
        let text = |name: &str| row[name].as_str().unwrap().to_string();
        world.rows.insert(text("key"), (text("row").into_bytes(), 0));
    }
    world.now = 1_795_656_000_000;
    let before = world.rows.clone();

    let owed = world.owed();
    assert!(owed.unreadable.is_empty());
    let of =
        |work: &countersign_core::ledger::DueWork| (work.instance.clone(), work.order.clone(), work.sends);
    let mut works: Vec<_> = owed.works.iter().map(of).collect();
    works.sort();
    assert_eq!(works, [("i-later".into(), "CS-later".into(), 1), ("i-owed".into(), "CS-owed".into(), 1)]);

    for claim in world.due() {
        let body: Value = serde_json::from_str(&claim.effect.body).unwrap();
        let row: Value = serde_json::from_slice(&before[&format!("work/{}", claim.effect.id)].0).unwrap();
        assert_eq!(body["type"], "countersign.subscribe");
        assert_eq!((&body["subject"], &body["data"]), (&row["instance"], &row["event"]));
        assert_eq!(body["fencingtoken"], row["token"].as_u64().unwrap() + 1);
        world.settle(&claim.work, None, &access());
    }
    assert_eq!((world.phase("i-later"), world.phase("i-owed")), ("active".into(), "active".into()));

    // The upgrade behind the create comes to the front, and is told the phase as it is then.
    let claim = world.due().remove(0);
    let body: Value = serde_json::from_str(&claim.effect.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["phase"]), (&json!("countersign.upgrade"), &json!("active")));
    world.settle(&claim.work, None, &done());
    assert_eq!(world.works(), 0);
    assert!(world.queued().is_empty());

    // Rows of the release are touched only where their work went on.
    let changed: Vec<&String> =
        before.iter().filter(|(key, row)| world.rows.get(*key) != Some(*row)).map(|(key, _)| key).collect();
    let expected = |key: &&String| {
        key.starts_with("work/") || ["instance/crm/i-later", "instance/crm/i-owed"].contains(&key.as_str())
    };
    assert!(changed.len() == 5 && changed.iter().all(expected), "{changed:?}");
}
