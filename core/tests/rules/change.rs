//! Calls that change an instance: once, in order, and never backwards.

use countersign_core::Verdict;
use countersign_core::ledger::{Outcome, Settling};
use serde_json::json;

use super::world::{
    START, Turn, World, access, body, call, code, data, done, freeze, order, release, renewal, sold_out,
    unfreeze,
};

const DAY: u64 = 86_400_000;

fn opened() -> World {
    let mut world = World::new();
    world.open("a");
    world.now += 1_000;
    world
}

#[test]
fn a_renewal_sets_the_expiry_and_happens_once() {
    let mut world = opened();
    let fields = renewal("a", "R1", START + 30 * DAY);
    let (admission, work) = world.v2(&fields).work();
    assert_eq!(data(&work)["expire_time"], json!(START / 1_000 * 1_000 + 30 * DAY));
    assert_eq!(data(&work)["phase"], "active");
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &done()).answer.unwrap()), "000000");
    assert_eq!(world.v2(&fields).code(), "000000", "a repeat has no effect");
    assert_eq!(world.instances()[0]["expire_time"], json!(START / 1_000 * 1_000 + 30 * DAY));
}

#[test]
fn the_same_order_with_another_scene_or_expiry_is_another_renewal() {
    let mut world = opened();
    world.v2_through(&renewal("a", "R1", START + 30 * DAY), &done());
    let mut cancelled = renewal("a", "R1", START + DAY);
    cancelled["scene"] = json!("UNSUBSCRIBE_RENEWAL_PERIOD");
    assert!(matches!(world.v2(&renewal("a", "R1", START + 60 * DAY)), Turn::Work { .. }));
    let mut world = opened();
    world.v2_through(&renewal("a", "R1", START + 30 * DAY), &done());
    world.v2_through(&cancelled, &done());
    assert_eq!(
        world.instances()[0]["expire_time"],
        json!(START / 1_000 * 1_000 + DAY),
        "an expiry may shrink"
    );
}

#[test]
fn an_unknown_scene_is_data() {
    let mut world = opened();
    let mut fields = renewal("a", "R1", START + 30 * DAY);
    fields["scene"] = json!("SOMETHING_NEW");
    let (_, work) = world.v2(&fields).work();
    assert_eq!(data(&work)["scene"], "SOMETHING_NEW");
}

#[test]
fn an_upgrade_may_be_refused_and_tried_again() {
    let mut world = opened();
    let fields = call("upgradeInstance", "a", &[("orderId", "U1"), ("orderLineId", "1")]);
    let first = world.v2(&fields).work();
    assert_eq!(code(&world.settle(&first.1.work, Some(&first.0), &sold_out()).answer.unwrap()), "000106");
    world.now += 1;
    let second = world.v2(&fields).work();
    assert_ne!(second.1.effect.id, first.1.effect.id);
    assert_eq!(code(&world.settle(&second.1.work, Some(&second.0), &done()).answer.unwrap()), "000000");
    assert_eq!(world.v2(&fields).code(), "000000");
}

#[test]
fn a_refusal_of_a_renewal_is_a_failure_and_stays_owed() {
    let mut world = opened();
    assert_eq!(world.v2_through(&renewal("a", "R1", START + DAY), &sold_out())["resultCode"], "000005");
    assert_eq!(world.works(), 1);
}

#[test]
fn a_freeze_is_recorded_even_while_the_backend_is_down() {
    let mut world = opened();
    assert_eq!(world.v2_through(&freeze("a"), &Outcome::Failed)["resultCode"], "000005");
    assert_eq!(world.phase("a"), "frozen");
    world.now += 1;
    let (admission, work) = world.v2(&freeze("a")).work();
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &done()).answer.unwrap()), "000000");
    assert_eq!(world.v2(&freeze("a")).code(), "000000");
}

#[test]
fn freeze_and_unfreeze_follow_each_other() {
    let mut world = opened();
    for (fields, phase) in [(freeze("a"), "frozen"), (unfreeze("a"), "active"), (freeze("a"), "frozen")] {
        world.now += 10;
        assert_eq!(world.v2_through(&fields, &done())["resultCode"], "000000");
        assert_eq!(world.phase("a"), phase);
    }
}

#[test]
fn a_new_status_removes_the_one_that_nobody_runs() {
    let mut world = opened();
    let (_, frozen) = world.v2(&freeze("a")).work();
    world.settle(&frozen.work, None, &Outcome::Failed);
    world.now += 10;
    let (admission, work) = world.v2(&unfreeze("a")).work();
    assert_eq!(world.works(), 1, "the freeze will never be sent");
    assert_eq!(world.report(&frozen.effect.id, &done()).effect, Settling::Superseded);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &done()).answer.unwrap()), "000000");
    assert_eq!(world.phase("a"), "active");
}

#[test]
fn a_call_behind_a_running_work_waits_its_turn() {
    let mut world = opened();
    let (_, running) = world.v2(&freeze("a")).work();
    world.now += 10;
    let queued = world.v2(&renewal("a", "R1", START + 30 * DAY));
    assert_eq!((queued.code().as_str(), queued.reason()), ("000005", "in-progress"));
    assert!(world.due().is_empty(), "only the first is sent");
    world.settle(&running.work, None, &done());
    let claims = world.due();
    assert_eq!(claims.len(), 1);
    let event = data(&claims[0]);
    assert_eq!((&event["type"], &event["phase"]), (&json!("renew"), &json!("active")));
    let token = |assignment: &countersign_core::ledger::Assignment| {
        serde_json::from_str::<serde_json::Value>(&assignment.effect.body).unwrap()["fencingtoken"]
            .as_u64()
            .unwrap()
    };
    assert!(token(&claims[0]) > token(&running), "tokens ascend over all works of an instance");
    world.settle(&claims[0].work, None, &done());
    assert_eq!(world.phase("a"), "active", "a renewal to a future expiry lifts the freeze");
}

#[test]
fn a_renewal_lifts_a_freeze_of_earlier_signed_time_only() {
    let mut world = opened();
    world.v2_through(&freeze("a"), &done());
    let early = world.admit_signed("/v2", &renewal("a", "R1", START + 30 * DAY), world.now - 1, "nonce1");
    let turn = world.decide_verdict(early);
    world.through(turn, &done());
    assert_eq!(world.phase("a"), "frozen");
    world.now += 10;
    let mut cancelled = renewal("a", "R2", START + 20 * DAY);
    cancelled["scene"] = json!("UNSUBSCRIBE_RENEWAL_PERIOD");
    world.v2_through(&cancelled, &done());
    assert_eq!(world.phase("a"), "frozen", "a cancelled renewal never lifts");
    world.v2_through(&renewal("a", "R3", START - DAY), &done());
    assert_eq!(world.phase("a"), "frozen", "an expiry in the past never lifts");
    world.v2_through(&renewal("a", "R4", START + 30 * DAY), &done());
    assert_eq!(world.phase("a"), "active");
    world.now += 10;
    world.v2_through(&freeze("a"), &done());
    assert_eq!(world.phase("a"), "frozen", "an explicit freeze applies again");
}

#[test]
fn a_call_signed_before_the_last_one_is_stale() {
    let mut world = opened();
    let signed_at = world.now - 500;
    world.v2_through(&freeze("a"), &done());
    let stale = world.admit_signed("/v2", &unfreeze("a"), signed_at, "nonce1");
    let turn = world.decide_verdict(stale);
    assert_eq!(turn.code(), "000000");
    assert_eq!(world.phase("a"), "frozen", "answered and not applied");
    let equal = world.admit_signed("/v2", &unfreeze("a"), world.now, "nonce2");
    assert!(matches!(world.decide_verdict(equal), Turn::Work { .. }), "equal is not stale");
}

#[test]
fn a_clock_ahead_does_not_make_honest_calls_stale() {
    let mut world = opened();
    let ahead = world.admit_signed("/v2", &freeze("a"), world.now + 50_000, "nonce1");
    let turn = world.decide_verdict(ahead);
    world.through(turn, &done());
    world.now += 10;
    assert!(matches!(world.v2(&unfreeze("a")), Turn::Work { .. }));
}

#[test]
fn a_release_is_terminal() {
    let mut world = opened();
    assert_eq!(world.v2_through(&release("a"), &done())["resultCode"], "000000");
    assert_eq!(world.phase("a"), "released");
    assert_eq!(world.v2(&release("a")).code(), "000000");
    for fields in [
        freeze("a"),
        unfreeze("a"),
        renewal("a", "R1", START + DAY),
        call("upgradeInstance", "a", &[("orderId", "U1"), ("orderLineId", "1")]),
        json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": {"productId": "p"}}),
    ] {
        let turn = world.v2(&fields);
        assert_eq!((turn.code().as_str(), turn.reason()), ("000003", "instance-released"), "{fields}");
    }
    assert_eq!(world.v2(&call("queryInstance", "a", &[])).code(), "000003");
}

#[test]
fn a_release_that_is_owed_is_taken_up_by_the_retry() {
    let mut world = opened();
    assert_eq!(world.v2_through(&release("a"), &Outcome::Failed)["resultCode"], "000005");
    assert_eq!(world.v2(&freeze("a")).code(), "000003", "it is released already");
    world.now += 1;
    assert_eq!(world.v2_through(&release("a"), &done())["resultCode"], "000000");
}

#[test]
fn a_release_removes_what_nobody_runs_and_follows_what_runs() {
    let mut world = opened();
    let (_, running) = world.v2(&freeze("a")).work();
    world.now += 1;
    world.v2(&renewal("a", "R1", START + DAY));
    assert_eq!(world.works(), 2);
    world.now += 1;
    assert_eq!(world.v2(&release("a")).code(), "000005");
    assert_eq!(world.works(), 2, "the renewal is void, the release waits behind the freeze");
    world.settle(&running.work, None, &done());
    let claims = world.due();
    assert_eq!(data(&claims[0])["type"], "release");
    world.settle(&claims[0].work, None, &done());
    assert_eq!((world.works(), world.phase("a").as_str()), (0, "released"));
}

#[test]
fn releasing_a_refused_create_has_no_effect() {
    let mut world = World::new();
    world.v2_through(&order("CS1", "a"), &sold_out());
    world.now += 1;
    assert_eq!(world.v2(&freeze("a")).code(), "000003");
    let turn = world.v2(&release("a"));
    assert_eq!(turn.code(), "000000");
    assert_eq!(world.works(), 0);
    assert_eq!(world.v2(&order("CS1", "b")).code(), "000005");
}

#[test]
fn what_was_queued_behind_a_refused_create_is_void() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "a")).work();
    world.now += 1;
    assert_eq!(world.v2(&freeze("a")).code(), "000005");
    world.settle(&work.work, None, &sold_out());
    assert_eq!(world.works(), 0);
    assert_eq!(world.v2(&freeze("a")).code(), "000003");
}

#[test]
fn an_instance_that_the_ledger_never_saw_is_unknown() {
    let mut world = opened();
    for fields in [freeze("zz"), release("zz"), renewal("zz", "R1", START + DAY)] {
        let turn = world.v2(&fields);
        assert_eq!((turn.code().as_str(), turn.reason()), ("000003", "unknown-instance"));
    }
    let other = world.admit_v2("/other", &freeze("a"));
    assert_eq!(world.decide_verdict(other).code(), "000003", "another product's instance");
}

#[test]
fn signed_bytes_are_taken_once() {
    let mut world = opened();
    let fields = freeze("a");
    let verdict = world.admit_signed("/v2", &fields, world.now, "nonce1");
    let turn = world.decide_verdict(verdict);
    world.through(turn, &done());
    world.now += 59_000;
    let replayed = world.admit_signed("/v2", &fields, world.now - 59_000, "nonce1");
    let turn = world.decide_verdict(replayed);
    assert_eq!((turn.code().as_str(), turn.reason()), ("000001", "replayed"));
    // The signature does not cover the path: it is taken once on all routes together.
    let elsewhere = world.admit_signed("/other", &fields, world.now - 59_000, "nonce1");
    assert_eq!(world.decide_verdict(elsewhere).reason(), "replayed");
}

#[test]
fn a_replayed_refusal_is_a_replay_too() {
    let mut world = World::new();
    for expected in ["unknown-instance", "replayed"] {
        let verdict = world.admit_signed("/v2", &freeze("zz"), world.now, "nonce1");
        assert_eq!(world.decide_verdict(verdict).reason(), expected);
    }
}

#[test]
fn a_v1_renewal_knows_its_scene_by_its_fields() {
    let mut world = World::new();
    let turn =
        world.v1(&[("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "a"), ("trialFlag", "1")]);
    world.through(turn, &access());
    assert_eq!(world.phase("a"), "trial");
    let mut renew = |more: &[(&'static str, &'static str)], order: &'static str| {
        let mut pairs = vec![
            ("activity", "refreshInstance"),
            ("orderId", order),
            ("instanceId", "a"),
            ("expireTime", "20991231235959"),
        ];
        pairs.extend(more);
        world.now += 10;
        let (admission, work) = world.v1(&pairs).work();
        world.settle(&work.work, Some(&admission), &done());
        (data(&work)["scene"].as_str().unwrap().to_string(), world.phase("a"))
    };
    assert_eq!(renew(&[("orderAmount", "0")], "R1"), ("RENEWAL".into(), "trial".into()));
    assert_eq!(renew(&[("trialToFormal", "1")], "R2"), ("TRIAL_TO_FORMAL".into(), "active".into()));
    assert_eq!(
        renew(&[("orderAmount", "-12.5")], "R3"),
        ("UNSUBSCRIBE_RENEWAL_PERIOD".into(), "active".into())
    );
}

#[test]
fn v1_words_for_status_are_understood() {
    let mut world = World::new();
    let turn = world.v1(&[("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "a")]);
    world.through(turn, &access());
    for (pairs, phase) in [
        (vec![("activity", "expireInstance"), ("instanceId", "a")], "frozen"),
        (vec![("activity", "instanceStatus"), ("instanceId", "a"), ("instanceStatus", "NORMAL")], "active"),
        (vec![("activity", "instanceStatus"), ("instanceId", "a"), ("instanceStatus", "FREEZE")], "frozen"),
        (vec![("activity", "instanceStatus"), ("instanceId", "a"), ("instanceStatus", "UNFREEZE")], "active"),
    ] {
        world.now += 10;
        let turn = world.v1(&pairs);
        assert_eq!(world.through(turn, &done())["resultCode"], "000000");
        assert_eq!(world.phase("a"), phase);
    }
    let unknown =
        world.v1(&[("activity", "instanceStatus"), ("instanceId", "a"), ("instanceStatus", "FROZEN")]);
    assert_eq!((unknown.code().as_str(), unknown.reason()), ("000002", "unknown-status"));
}

#[test]
fn a_lease_that_runs_out_is_taken_over() {
    let mut world = opened();
    let (_, work) = world.v2(&freeze("a")).work();
    world.now += 14_999;
    assert!(world.due().is_empty());
    world.now += 1;
    let claims = world.due();
    assert_eq!(claims[0].effect.id, work.effect.id);
    assert_eq!(world.settle(&work.work, None, &done()).effect, Settling::Superseded);
    assert_eq!(world.settle(&claims[0].work, None, &done()).effect, Settling::Ended);
}

#[test]
fn an_admission_of_another_configuration_is_refused() {
    let mut world = opened();
    let Verdict::Admitted(admitted) = world.admit_v2("/v2", &freeze("a")) else { panic!() };
    let other = World::with(&json!({"keys": ["another-key"]}));
    let error = other.seller.decide(&admitted.admission, &[], world.now, &[0; 32]).unwrap_err();
    assert_eq!(error.code(), "foreign-admission");
    assert_eq!(code(&world.seller.decline(&admitted.admission).unwrap()), "000005");
    let mut damaged = admitted.admission;
    damaged.truncate(30);
    assert!(world.seller.decide(&damaged, &[], world.now, &[0; 32]).is_err());
}

#[test]
fn a_waiter_on_a_change_gets_its_outcome() {
    let mut world = opened();
    let (_, work) = world.v2(&freeze("a")).work();
    let Verdict::Admitted(second) = world.admit_v2("/v2", &freeze("a")) else { panic!() };
    assert!(matches!(world.decide(&second.admission, &second.keys), Turn::Wait { .. }));
    world.settle(&work.work, None, &done());
    assert_eq!(world.decide(&second.admission, &second.keys).code(), "000000");
}

#[test]
fn new_access_data_change_every_later_answer() {
    let mut world = opened();
    let key = countersign_core::ledger::instance_key("crm", "a");
    let (bytes, version) = world.rows[&key].clone();
    let row = countersign_core::ledger::Row {
        key,
        value: Some(countersign_core::ledger::Stored { bytes, version }),
    };
    let new = br#"{"front_end_url":"https://new.example.com"}"#;
    let update = world.seller.update_access("crm", "a", new, std::slice::from_ref(&row), &[7; 32]).unwrap();
    let countersign_core::ledger::AccessUpdate::Commit(writes) = update else { panic!("{update:?}") };
    assert!(world.commit(&writes));
    let listed = world.v2(&call("queryInstance", "a", &[])).json();
    assert_eq!(listed["info"][0]["appInfo"], json!({"frontEndUrl": "https://new.example.com"}));
    let wrong = world.seller.update_access("crm", "a", b"{}", &[row], &[7; 32]).unwrap_err();
    assert_eq!(
        (wrong.code.code(), wrong.field.as_deref()),
        ("backend-answer-invalid", Some("front_end_url"))
    );
}

#[test]
fn a_settled_answer_is_built_from_what_was_committed() {
    let mut world = opened();
    let (admission, work) = world.v2(&freeze("a")).work();
    let settled = world.settle(&work.work, Some(&admission), &done());
    assert_eq!(body(&settled.answer.unwrap())["resultMsg"], "success.");
}
