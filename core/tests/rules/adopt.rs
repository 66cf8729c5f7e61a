//! `unknown_instance = "adopt"`: instances from before the gate are taken over when the backend says that it knows them.

use countersign_core::Verdict;
use countersign_core::ledger::{Outcome, Settling};
use serde_json::{Value, json};

use super::world::{
    START, Turn, World, access, body, call, code, data, done, freeze, order, release, renewal, sold_out,
    unfreeze,
};

const DAY: u64 = 86_400_000;

fn adopting() -> World {
    World::with(&json!({"unknown_instance": "adopt"}))
}

/// What a backend says of an instance that it does not know.
fn unknown() -> Outcome {
    Outcome::Refused { code: "000003".into(), message: "no such instance".into() }
}

fn upgrade(instance: &str) -> Value {
    call("upgradeInstance", instance, &[("orderId", "U1"), ("orderLineId", "1")])
}

/// Every call that may adopt, and the phase that comes of it.
fn adopters() -> [(Value, &'static str); 5] {
    [
        (renewal("old", "R1", START + 30 * DAY), "active"),
        (upgrade("old"), "active"),
        (freeze("old"), "frozen"),
        (unfreeze("old"), "active"),
        (release("old"), "released"),
    ]
}

fn answer_of(world: &mut World, fields: &Value) -> String {
    world.v2(fields).code()
}

#[test]
fn every_change_adopts_an_instance_that_the_backend_knows() {
    for (fields, phase) in adopters() {
        let mut world = adopting();
        let (admission, work) = world.v2(&fields).work();
        let event = data(&work);
        assert_eq!((&event["adopted"], &event["instance_id"]), (&json!(true), &json!("old")), "{fields}");
        assert_eq!(event["phase"], phase, "{fields}");
        let settled = world.settle(&work.work, Some(&admission), &access());
        assert_eq!(code(&settled.answer.unwrap()), "000000", "{fields}");
        assert_eq!(world.phase("old"), phase);
        assert_eq!(world.works(), 0);
        world.now += 10;
        let repeat = world.v2(&fields);
        assert_eq!(repeat.code(), "000000", "{fields}: a repeat has no effect");
    }
}

#[test]
fn what_the_ledger_never_saw_stays_unknown_by_default() {
    for (fields, _) in adopters() {
        let mut world = World::new();
        let turn = world.v2(&fields);
        assert_eq!((turn.code().as_str(), turn.reason()), ("000003", "unknown-instance"), "{fields}");
        assert!(world.rows.keys().all(|key| key.starts_with("replay/")), "{fields}");
    }
}

#[test]
fn v1_calls_adopt_too() {
    let mut world = World::with_v1(&json!({"unknown_instance": "adopt"}));
    let fields = [("activity", "expireInstance"), ("instanceId", "old")];
    let turn = world.v1(&fields);
    assert_eq!(world.through(turn, &access())["resultCode"], "000000");
    assert_eq!(world.phase("old"), "frozen");
    assert_eq!(world.v1(&fields).code(), "000000");
    let listed = world.v1(&[("activity", "queryInstance"), ("instanceId", "old")]).json();
    assert_eq!(listed["info"][0]["appInfo"]["frontEndUrl"], "https://app.example.com");
}

#[test]
fn an_adopted_instance_lives_on_like_any_other() {
    let mut world = adopting();
    world.v2_through(&freeze("old"), &access());
    world.now += 10;
    let (admission, work) = world.v2(&unfreeze("old")).work();
    assert_eq!(data(&work).get("adopted"), None, "it is adopted already");
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &done()).answer.unwrap()), "000000");
    assert_eq!(world.phase("old"), "active");
    let listed = world.v2(&call("queryInstance", "old", &[])).json();
    assert_eq!(listed["info"][0]["appInfo"]["frontEndUrl"], "https://app.example.com");
    assert_eq!(world.instances()[0].get("order_id"), None, "its order is not known");
}

#[test]
fn nothing_is_told_of_it_before_the_backend_has_said_yes() {
    let mut world = adopting();
    let (admission, work) = world.v2(&freeze("old")).work();
    let query = call("queryInstance", "old", &[]);
    let check = call("changeInstanceCheck", "old", &[("productInfo", "{}")]);
    for fields in [&query, &check] {
        assert_eq!(answer_of(&mut world, fields), "000003", "{fields}");
    }
    assert!(world.instances().is_empty());
    let key = countersign_core::ledger::instance_key("crm", "old");
    let (bytes, version) = world.rows[&key].clone();
    let error = countersign_core::ledger::view_instance(&bytes, true).unwrap_err();
    assert_eq!(error.code(), "unknown-instance");
    let value = Some(countersign_core::ledger::Stored { bytes, version });
    let row = countersign_core::ledger::Row { key, value };
    let update = world.seller.update_access("crm", "old", b"{\"front_end_url\":\"u\"}", &[row], &[7; 32]);
    assert!(matches!(update, Ok(countersign_core::ledger::AccessUpdate::Unknown)));
    world.settle(&work.work, Some(&admission), &access());
    assert_eq!(answer_of(&mut world, &query), "000000");
}

#[test]
fn a_backend_that_does_not_know_it_either_leaves_nothing() {
    for (fields, _) in adopters() {
        let mut world = adopting();
        let (admission, work) = world.v2(&fields).work();
        world.now += 10;
        let queued = renewal("old", "R9", START + 60 * DAY);
        if fields["activity"] != "releaseInstance" {
            assert_eq!(answer_of(&mut world, &queued), "000005", "behind the one that asks");
        }
        let settled = world.settle(&work.work, Some(&admission), &unknown());
        assert_eq!(code(&settled.answer.unwrap()), "000003", "{fields}");
        assert_eq!(settled.reason.unwrap().code.code(), "unknown-instance");
        let left: Vec<&String> = world
            .rows
            .keys()
            .filter(|key| !key.starts_with("replay/") && !key.starts_with("effect/"))
            .collect();
        assert_eq!(left, ["token/crm/old"], "{fields}: nothing but how far its tokens had come");
        assert_eq!(world.report(&work.effect.id, &unknown()).effect, Settling::Repeated);
        world.now += 10;
        let (_, again) = world.v2(&fields).work();
        assert_ne!(again.effect.id, work.effect.id, "a later call asks anew");
    }
}

fn token(work: &countersign_core::ledger::Assignment) -> u64 {
    let event: Value = serde_json::from_str(&work.effect.body).unwrap();
    event["fencingtoken"].as_u64().unwrap()
}

#[test]
fn tokens_outlive_an_adoption_that_failed() {
    let mut world = adopting();
    let (_, work) = world.v2(&freeze("old")).work();
    let mut tokens = vec![token(&work)];
    world.settle(&work.work, None, &Outcome::Failed);
    for _ in 0..3 {
        world.now += 400_000;
        let claim = world.due().remove(0);
        tokens.push(token(&claim));
        let outcome = if tokens.len() < 4 { Outcome::Failed } else { unknown() };
        world.settle(&claim.work, None, &outcome);
    }
    world.now += 10;
    let (admission, work) = world.v2(&freeze("old")).work();
    tokens.push(token(&work));
    assert_eq!(tokens, [1, 2, 3, 4, 5]);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &unknown()).answer.unwrap()), "000003");

    // However the instance comes to be after all, its tokens go on.
    let mut by_create = world.copied(&json!({"unknown_instance": "adopt"}));
    let (_, work) = by_create.v2(&order("CS1", "old")).work();
    assert_eq!((data(&work)["instance_id"].as_str(), token(&work)), (Some("old"), 6));
    let mut by_import = world.copied(&json!({"unknown_instance": "adopt"}));
    by_import
        .import(&json!({"product": "crm", "order_id": "CS1", "order_line_id": "1", "instance_id": "old",
        "front_end_url": "https://old.example.com"}));
    let (_, work) = by_import.v2(&unfreeze("old")).work();
    assert_eq!(token(&work), 6);
    let (admission, work) = world.v2(&release("old")).work();
    assert_eq!(token(&work), 6);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &done()).answer.unwrap()), "000000");
    assert_eq!(world.phase("old"), "released");
}

#[test]
fn tokens_go_on_in_a_create_on_another_route_of_the_product() {
    let strict = json!({"path": "/strict", "product": "crm"});
    let mut world =
        World::of_routes(&[&json!({"unknown_instance": "adopt"}), &json!({}), &json!({}), &strict]);
    let (_, work) = world.v2(&freeze("old")).work();
    world.settle(&work.work, None, &unknown());
    let verdict = world.admit_v2("/strict", &order("CS1", "old"));
    let (_, work) = world.decide_verdict(verdict).work();
    assert_eq!((data(&work)["instance_id"].as_str(), token(&work)), (Some("old"), 2));
}

#[test]
fn an_answer_without_an_address_adopts_nothing() {
    let mut world = adopting();
    let (admission, work) = world.v2(&freeze("old")).work();
    let settled = world.settle(&work.work, Some(&admission), &done());
    assert_eq!(code(&settled.answer.unwrap()), "000005");
    assert_eq!(settled.reason.unwrap().code.code(), "backend-answer-invalid");
    assert!(world.instances().is_empty());
    assert_eq!(world.works(), 1, "it stays owed");
}

#[test]
fn a_release_needs_no_address() {
    let mut world = adopting();
    assert_eq!(world.v2_through(&release("old"), &done())["resultCode"], "000000");
    assert_eq!(world.phase("old"), "released");
    world.now += 10;
    assert_eq!(answer_of(&mut world, &release("old")), "000000");
    assert_eq!(answer_of(&mut world, &freeze("old")), "000003");
}

#[test]
fn concurrent_calls_share_one_row_and_one_effect() {
    let mut world = adopting();
    let (admission, work) = world.v2(&freeze("old")).work();
    let Verdict::Admitted(second) = world.admit_v2("/v2", &freeze("old")) else { panic!() };
    assert!(matches!(world.decide(&second.admission, &second.keys), Turn::Wait { .. }));
    world.now += 10;
    let behind = world.v2(&renewal("old", "R1", START + 30 * DAY));
    assert_eq!((behind.code().as_str(), behind.reason()), ("000005", "in-progress"));
    assert!(world.due().is_empty(), "one effect at a time");
    world.settle(&work.work, Some(&admission), &access());
    assert_eq!(world.decide(&second.admission, &second.keys).code(), "000000");
    let claims = world.due();
    assert_eq!(claims.len(), 1);
    assert_eq!(data(&claims[0]).get("adopted"), None, "the one before has adopted it");
    world.settle(&claims[0].work, None, &done());
    assert_eq!(world.instances().len(), 1);
}

#[test]
fn two_calls_that_both_saw_no_row_do_not_both_act() {
    let mut world = adopting();
    let Verdict::Admitted(one) = world.admit_v2("/v2", &freeze("old")) else { panic!() };
    let Verdict::Admitted(other) = world.admit_v2("/v2", &freeze("old")) else { panic!() };
    let decide = |world: &World, admission: &[u8], entropy: u8| {
        world.seller.decide(admission, &[], world.now, &[entropy; 32]).unwrap()
    };
    let (first, second) = (decide(&world, &one.admission, 1), decide(&world, &other.admission, 2));
    let countersign_core::ledger::Decision::Perform(first) = first else { panic!("{first:?}") };
    let countersign_core::ledger::Decision::Perform(second) = second else { panic!("{second:?}") };
    assert!(world.commit(&first.commit));
    assert!(!world.commit(&second.commit), "the second must decide again");
    assert!(matches!(world.decide(&other.admission, &other.keys), Turn::Wait { .. }));
}

#[test]
fn an_adoption_survives_a_crash_and_a_backend_that_is_down() {
    let mut world = adopting();
    let (_, lost) = world.v2(&freeze("old")).work();
    world.now += 15_000;
    let claims = world.due();
    assert_eq!((claims.len(), &claims[0].effect.id), (1, &lost.effect.id));
    assert_eq!(data(&claims[0])["adopted"], true, "whoever takes it up asks the same");
    world.settle(&claims[0].work, None, &Outcome::Failed);
    assert_eq!(world.settle(&lost.work, None, &access()).effect, Settling::Superseded, "a lost turn");
    let (admission, joined) = world.v2(&freeze("old")).work();
    assert_eq!(joined.effect.id, lost.effect.id, "a later call takes up the same effect");
    assert_eq!(code(&world.settle(&joined.work, Some(&admission), &access()).answer.unwrap()), "000000");
    assert_eq!(world.phase("old"), "frozen");
}

#[test]
fn a_lost_commit_is_recognised() {
    let mut world = adopting();
    world.lose_next_answer = true;
    let (admission, work) = world.v2(&freeze("old")).work();
    assert_eq!(world.works(), 1);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &access()).answer.unwrap()), "000000");
}

#[test]
fn the_one_that_comes_to_the_front_asks_in_its_place() {
    let mut world = adopting();
    let (_, frozen) = world.v2(&freeze("old")).work();
    world.now += 10;
    world.v2(&renewal("old", "R1", START + 30 * DAY));
    world.settle(&frozen.work, None, &Outcome::Failed);
    world.now += 10;
    assert_eq!(
        answer_of(&mut world, &unfreeze("old")),
        "000005",
        "the freeze is void, the renewal comes first"
    );
    let claims = world.due();
    assert_eq!(
        (data(&claims[0])["type"].as_str(), &data(&claims[0])["adopted"]),
        (Some("renew"), &json!(true))
    );
    world.settle(&claims[0].work, None, &access());
    let claims = world.due();
    assert_eq!(
        (data(&claims[0])["type"].as_str(), data(&claims[0]).get("adopted")),
        (Some("unfreeze"), None)
    );
    world.settle(&claims[0].work, None, &done());
    assert_eq!(world.phase("old"), "active");
}

#[test]
fn accepted_and_reported_later() {
    let mut world = adopting();
    let (admission, work) = world.v2(&freeze("old")).work();
    let settled = world.settle(&work.work, Some(&admission), &Outcome::Accepted);
    assert_eq!(code(&settled.answer.unwrap()), "000005");
    assert!(world.instances().is_empty());
    let error = world.try_report(&work.effect.id, &done()).unwrap_err();
    assert_eq!(error.code(), "backend-answer-invalid");
    assert_eq!(world.report(&work.effect.id, &access()).effect, Settling::Ended);
    assert_eq!(world.phase("old"), "frozen");

    let mut world = adopting();
    let (_, work) = world.v2(&freeze("old")).work();
    world.settle(&work.work, None, &Outcome::Accepted);
    assert_eq!(world.report(&work.effect.id, &unknown()).effect, Settling::Ended);
    assert_eq!(world.works(), 0);
    assert!(world.rows.keys().all(|key| !key.starts_with("instance/")));
}

#[test]
fn a_release_follows_the_one_that_asks() {
    let mut world = adopting();
    let (_, frozen) = world.v2(&freeze("old")).work();
    world.now += 10;
    assert_eq!(answer_of(&mut world, &release("old")), "000005");
    assert_eq!(
        answer_of(&mut world, &freeze("old")),
        "000003",
        "released as far as the platform is concerned"
    );
    world.settle(&frozen.work, None, &access());
    let claims = world.due();
    assert_eq!(data(&claims[0])["type"], "release");
    world.settle(&claims[0].work, None, &done());
    assert_eq!(world.phase("old"), "released");
}

#[test]
fn a_refused_upgrade_is_told_and_adopts_nothing() {
    let mut world = adopting();
    assert_eq!(world.v2_through(&upgrade("old"), &sold_out())["resultCode"], "000106");
    assert!(world.instances().is_empty());
    world.now += 10;
    let (admission, work) = world.v2(&upgrade("old")).work();
    assert_eq!(data(&work)["adopted"], true);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &access()).answer.unwrap()), "000000");
    assert_eq!(world.phase("old"), "active");
}

#[test]
fn the_backend_cannot_unsay_an_instance_that_is_open() {
    let mut world = adopting();
    world.open("a");
    world.now += 10;
    assert_eq!(world.v2_through(&freeze("a"), &unknown())["resultCode"], "000005");
    assert_eq!(world.phase("a"), "frozen");
    assert_eq!(world.works(), 1);
}

#[test]
fn a_create_does_not_take_the_id_of_an_adoption() {
    let mut world = adopting();
    let (_, _) = world.v2(&freeze("old")).work();
    let answer = world.v2_through(&order("CS1", "old"), &access());
    assert_eq!(answer["resultCode"], "000000");
    assert_ne!(answer["instanceId"], "old");
}

#[test]
fn a_route_of_the_product_that_refuses_does_not_see_the_hidden_row() {
    let (adopting, strict) =
        (json!({"unknown_instance": "adopt"}), json!({"path": "/strict", "product": "crm"}));
    let mut world = World::of_routes(&[&adopting, &json!({}), &json!({}), &strict]);
    let (admission, work) = world.v2(&freeze("old")).work();
    let verdict = world.admit_v2("/strict", &freeze("old"));
    assert_eq!(world.decide_verdict(verdict).code(), "000003");
    let settled = world.settle(&work.work, Some(&admission), &access());
    assert_eq!(body(&settled.answer.unwrap())["resultCode"], "000000");
    let verdict = world.admit_v2("/strict", &freeze("old"));
    assert_eq!(world.decide_verdict(verdict).code(), "000000");
}

#[test]
fn test_traffic_has_no_state_to_adopt() {
    let mut world = adopting();
    let mut fields = freeze("old");
    fields["testFlag"] = json!("1");
    assert_eq!(answer_of(&mut world, &fields), "000000");
    assert!(world.rows.keys().all(|key| key.starts_with("replay/")));
}

#[test]
fn the_word_is_checked() {
    let config =
        json!({"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": ["k"], "unknown_instance": "take"}]});
    let error = countersign_core::Seller::from_json(config.to_string().as_bytes()).unwrap_err();
    let found = (error.problems[0].path.as_str(), error.problems[0].code);
    assert_eq!(found, ("routes[0].unknown_instance", "unknown-value"));
}
