//! Creates: one instance for one order, whatever happens.

use super::world::{START, Turn, World, access, body, call, code, data, done, order, release, sold_out};
use countersign_core::ledger::{Outcome, Settling};
use serde_json::json;

#[test]
fn the_first_business_id_becomes_the_instance_id_and_stays() {
    let mut world = World::new();
    let first = world.v2_through(&order("CS1", "business-1"), &access());
    assert_eq!((&first["resultCode"], &first["instanceId"]), (&json!("000000"), &json!("business-1")));
    for business in ["business-2", "business-3"] {
        let again = world.v2(&order("CS1", business));
        assert_eq!(again.json(), first, "a repeat gets the same bytes");
    }
    assert_eq!(world.instances().len(), 1);
}

#[test]
fn a_taken_or_unfit_business_id_is_replaced_by_a_uuid() {
    let mut world = World::new();
    world.open("business-1");
    for (order_id, business) in
        [("CS2", "business-1"), ("CS3", "a,b"), ("CS4", &"x".repeat(65)), ("CS5", "编号")]
    {
        let answer = world.v2_through(&order(order_id, business), &access());
        let id = answer["instanceId"].as_str().unwrap();
        assert_eq!(id.len(), 36, "{business}");
        assert_eq!(id.as_bytes()[14], b'4');
    }
    assert_eq!(world.instances().len(), 5);
}

#[test]
fn one_order_with_two_lines_is_two_instances() {
    let mut world = World::new();
    world.open("a");
    let mut second = order("order-a", "b");
    second["orderLineId"] = json!("2");
    assert_eq!(world.v2_through(&second, &access())["instanceId"], "b");
}

#[test]
fn the_same_order_of_another_product_is_another_instance() {
    let mut world = World::new();
    world.open("a");
    let verdict = world.admit_v2("/other", &order("order-a", "a"));
    let turn = world.decide_verdict(verdict);
    assert_eq!(world.through(turn, &access())["instanceId"], "a");
    assert_eq!(world.instances().len(), 2);
}

#[test]
fn a_concurrent_duplicate_waits_and_then_gets_the_answer_of_the_table() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    world.now += 10;
    let verdict = world.admit_v2("/v2", &order("CS1", "b2"));
    let countersign_core::Verdict::Admitted(second) = verdict else { panic!("admitted") };
    match world.decide(&second.admission, &second.keys) {
        Turn::Wait { until, .. } => assert_eq!(until, START + 10 + 3_000),
        other => panic!("{other:?}"),
    }
    world.now += 3_000;
    let unfinished = world.decide(&second.admission, &second.keys);
    assert_eq!(
        (unfinished.code().as_str(), unfinished.json()["instanceId"].as_str()),
        ("000004", Some("b1"))
    );
    assert_eq!(unfinished.reason(), "in-progress");
    // The first call still gets its own answer.
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &access()).answer.unwrap()), "000000");
}

#[test]
fn a_duplicate_that_waited_gets_the_result() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "b1")).work();
    let countersign_core::Verdict::Admitted(second) = world.admit_v2("/v2", &order("CS1", "b2")) else {
        panic!()
    };
    assert!(matches!(world.decide(&second.admission, &second.keys), Turn::Wait { .. }));
    world.now += 500;
    world.settle(&work.work, None, &access());
    assert_eq!(world.decide(&second.admission, &second.keys).json()["instanceId"], "b1");
}

#[test]
fn what_is_not_finished_in_time_is_read_by_the_poll() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    let running = world.settle(&work.work, Some(&admission), &Outcome::Running);
    assert!(running.commit.is_empty());
    let answer = body(&running.answer.unwrap());
    assert_eq!((&answer["resultCode"], &answer["instanceId"]), (&json!("000004"), &json!("b1")));
    assert_eq!(world.v2(&call("queryInstance", "b1", &[])).code(), "000004");
    world.settle(&work.work, None, &access());
    let listed = world.v2(&call("queryInstance", "b1", &[])).json();
    assert_eq!(listed["info"][0]["appInfo"]["frontEndUrl"], "https://app.example.com");
    assert_eq!(listed["info"][0]["appInfo"]["userName"], "admin");
}

#[test]
fn a_backend_that_accepts_is_asked_again_under_the_same_effect_id() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    let accepted = world.settle(&work.work, Some(&admission), &Outcome::Accepted);
    assert_eq!(code(&accepted.answer.unwrap()), "000004");
    assert!(world.due().is_empty(), "not before a second is over");
    world.now += 1_000;
    let claims = world.due();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].effect.id, work.effect.id);
    assert!(world.due().is_empty(), "it is leased");
    world.settle(&claims[0].work, None, &Outcome::Accepted);
    world.now += 1_999;
    assert!(world.due().is_empty(), "two seconds after the second send");
    world.now += 1;
    let claims = world.due();
    world.settle(&claims[0].work, None, &access());
    assert_eq!(world.phase("b1"), "active");
    assert_eq!(world.works(), 0);
}

#[test]
fn a_failure_answers_without_an_id_and_the_retry_runs_the_same_effect() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    world.now += 50;
    let failed = body(&world.settle(&work.work, Some(&admission), &Outcome::Failed).answer.unwrap());
    assert_eq!(failed["resultCode"], "000005");
    assert!(failed.get("instanceId").is_none());
    world.now += 1;
    let (admission, again) = world.v2(&order("CS1", "b2")).work();
    assert_eq!(again.effect.id, work.effect.id);
    assert_eq!(data(&again)["instance_id"], "b1");
    assert_eq!(
        body(&world.settle(&again.work, Some(&admission), &access()).answer.unwrap())["instanceId"],
        "b1"
    );
}

#[test]
fn whoever_waited_for_a_send_that_failed_is_told_so() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "b1")).work();
    let countersign_core::Verdict::Admitted(second) = world.admit_v2("/v2", &order("CS1", "b2")) else {
        panic!()
    };
    world.now += 5;
    world.settle(&work.work, None, &Outcome::Failed);
    let turn = world.decide(&second.admission, &second.keys);
    assert_eq!((turn.code().as_str(), turn.reason()), ("000005", "backend-failed"));
}

#[test]
fn a_refusal_is_answered_and_never_final() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    let countersign_core::Verdict::Admitted(waiter) = world.admit_v2("/v2", &order("CS1", "b2")) else {
        panic!()
    };
    world.now += 5;
    let refused = body(&world.settle(&work.work, Some(&admission), &sold_out()).answer.unwrap());
    assert_eq!((&refused["resultCode"], &refused["resultMsg"]), (&json!("000106"), &json!("sold out")));
    let waited = world.decide(&waiter.admission, &waiter.keys);
    assert_eq!(waited.code(), "000106", "a waiter takes the outcome of the attempt that it joined");
    assert_eq!(world.v2(&call("queryInstance", "b1", &[])).code(), "000106");
    world.now += 1;
    let (admission, again) = world.v2(&order("CS1", "b3")).work();
    assert_ne!(again.effect.id, work.effect.id, "a new attempt is a new effect");
    assert_eq!(data(&again)["instance_id"], "b1");
    let answer = body(&world.settle(&again.work, Some(&admission), &access()).answer.unwrap());
    assert_eq!((&answer["resultCode"], &answer["instanceId"]), (&json!("000000"), &json!("b1")));
}

#[test]
fn a_refusal_with_a_code_outside_the_table_is_a_failure() {
    for wrong in ["000000", "000003", "000108", "E1", ""] {
        let mut world = World::new();
        let outcome = Outcome::Refused { code: wrong.into(), message: String::new() };
        assert_eq!(world.v2_through(&order("CS1", "b1"), &outcome)["resultCode"], "000005", "{wrong}");
        assert_eq!(world.works(), 1, "the work stays owed");
    }
}

#[test]
fn a_refusal_after_pending_raises_an_alarm_and_is_what_the_poll_reads() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    world.settle(&work.work, Some(&admission), &Outcome::Running);
    let settled = world.settle(&work.work, None, &sold_out());
    assert_eq!(settled.alarms[0].code, "refused-after-pending");
    assert_eq!(world.v2(&call("queryInstance", "b1", &[])).code(), "000106");
}

#[test]
fn an_answer_beyond_the_platforms_limits_is_a_failure() {
    let long = |name: &str, count: usize| {
        let mut answer = json!({"front_end_url": "https://a.example.com"});
        let start = if name.ends_with("_url") { "https://a.example.com/" } else { "" };
        answer[name] = json!(format!("{start}{}", "x".repeat(count - start.len())));
        Outcome::Done(answer.to_string().into_bytes())
    };
    let cases = [
        Outcome::Done(b"{}".to_vec()),
        Outcome::Done(Vec::new()),
        Outcome::Done(b"not json".to_vec()),
        Outcome::Done(br#"{"front_end_url":""}"#.to_vec()),
        Outcome::Done(br#"{"front_end_url":1}"#.to_vec()),
        long("front_end_url", 513),
        long("admin_url", 513),
        long("memo", 1_025),
        long("user_name", 129),
        long("password", 129),
    ];
    for outcome in cases {
        let mut world = World::new();
        let (admission, work) = world.v2(&order("CS1", "b1")).work();
        let settled = world.settle(&work.work, Some(&admission), &outcome);
        assert_eq!(code(&settled.answer.unwrap()), "000005", "{outcome:?}");
        assert_eq!(settled.reason.unwrap().code.code(), "backend-answer-invalid");
        assert_eq!(settled.alarms[0].code, "backend-answer-invalid");
        assert_eq!(world.works(), 1);
    }
    for (name, count) in [("front_end_url", 512), ("memo", 1_024), ("user_name", 128), ("password", 128)] {
        let mut world = World::new();
        assert_eq!(
            world.v2_through(&order("CS1", "b1"), &long(name, count))["resultCode"],
            "000000",
            "{name}"
        );
    }
}

#[test]
fn whether_credentials_are_encrypted_is_asked_of_the_product_not_of_the_path() {
    // Before a restart the product's create came in under another path, which is another product's now.
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "b1")).work();
    let long = json!({"front_end_url": "https://a.example.com", "password": "x".repeat(100)});
    let long = Outcome::Done(long.to_string().into_bytes());
    let settles = |crm: &serde_json::Value, taken: &serde_json::Value| {
        let mut after = World::of_routes(&[crm, &json!({}), taken]);
        (after.rows, after.now) = (world.rows.clone(), world.now);
        after.settle(&work.work, None, &long).effect
    };
    let encrypts = json!({"path": "/new", "encrypt_credentials": true});
    let plain = json!({"path": "/new", "encrypt_credentials": false});
    let here = |encrypts: bool| json!({"path": "/v2", "encrypt_credentials": encrypts});
    assert_eq!(settles(&encrypts, &here(false)), Settling::Owed, "79 bytes at most");
    assert_eq!(settles(&plain, &here(true)), Settling::Ended);
    // A product that speaks the dialect no longer goes by what it speaks; one without routes allows the least.
    let other = json!({"path": "/new", "dialect": "saas-v1"});
    assert_eq!(settles(&other, &here(false)), Settling::Owed);
    let gone = json!({"path": "/new", "product": "renamed", "encrypt_credentials": false});
    assert_eq!(settles(&gone, &here(false)), Settling::Owed);
}

#[test]
fn a_worker_that_lost_its_lease_settles_nothing() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    world.now += 15_000;
    let (_, taken) = world.v2(&order("CS1", "b2")).work();
    assert_eq!(taken.effect.id, work.effect.id);
    let late = world.settle(&work.work, Some(&admission), &sold_out());
    assert_eq!(late.effect, Settling::Superseded);
    assert!(late.commit.is_empty());
    world.settle(&taken.work, None, &access());
    let late = world.settle(&work.work, Some(&admission), &sold_out());
    assert_eq!(code(&late.answer.unwrap()), "000000", "it answers from the rows");
}

#[test]
fn after_an_uncertain_commit_the_call_recognises_its_own_reservation() {
    let mut world = World::new();
    world.lose_next_answer = true;
    let (admission, work) = world.v2(&order("CS1", "b1")).work();
    assert!(work.commit.iter().all(|write| matches!(write.change, countersign_core::ledger::Change::Check)));
    assert_eq!(world.works(), 1);
    assert_eq!(code(&world.settle(&work.work, Some(&admission), &access()).answer.unwrap()), "000000");
}

#[test]
fn a_different_purchase_under_the_same_order_raises_an_alarm_and_changes_nothing() {
    let mut world = World::new();
    let v1 = |sku: &'static str| {
        [
            ("activity", "newInstance"),
            ("orderId", "CS1"),
            ("businessId", "b1"),
            ("customerId", "c1"),
            ("skuCode", sku),
        ]
    };
    let turn = world.v1(&v1("small"));
    world.through(turn, &access());
    match world.v1(&v1("large")) {
        Turn::Answer { answer, alarms, .. } => {
            assert_eq!(body(&answer)["instanceId"], "b1");
            assert_eq!(alarms, ["fingerprint-differs"]);
        }
        other => panic!("{other:?}"),
    }
    match world.v1(&v1("small")) {
        Turn::Answer { alarms, .. } => assert!(alarms.is_empty()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_pay_per_use_order_has_an_instance_for_each_product() {
    let mut world = World::new();
    let v1 = |product: &'static str, business: &'static str| {
        [
            ("activity", "newInstance"),
            ("orderId", "CS1"),
            ("businessId", business),
            ("chargingMode", "0"),
            ("productId", product),
        ]
    };
    for (product, business, expected) in
        [("sms", "b1", "b1"), ("mms", "b2", "b2"), ("sms", "b3", "b1"), ("mms", "b4", "b2")]
    {
        let turn = world.v1(&v1(product, business));
        assert_eq!(world.through(turn, &access())["instanceId"], expected);
    }
    let without =
        [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1"), ("chargingMode", "0")];
    assert_eq!(world.v1(&without).reason(), "field-missing");
}

#[test]
fn a_v1_answer_carries_encrypted_credentials_and_is_the_same_for_every_repeat() {
    let mut world = World::new();
    let pairs = [("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")];
    let turn = world.v1(&pairs);
    let first = world.through(turn, &access());
    assert_eq!(first["encryptType"], "1");
    let text = first["appInfo"]["password"].as_str().unwrap();
    let key = countersign_core::crypto::CbcKey::derive(
        super::world::KEY.as_bytes(),
        countersign_core::crypto::KeyLength::Aes256,
    );
    assert_eq!(*countersign_core::crypto::credential::decrypt(&key, text).unwrap(), b"s3cret");
    assert_eq!(world.v1(&pairs).json(), first);
}

#[test]
fn an_unfinished_v1_create_names_no_instance() {
    let mut world = World::new();
    let (admission, work) =
        world.v1(&[("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "b1")]).work();
    let answer = body(&world.settle(&work.work, Some(&admission), &Outcome::Running).answer.unwrap());
    assert_eq!(answer["resultCode"], "000005");
    assert!(answer.get("instanceId").is_none());
}

#[test]
fn a_repeated_create_of_a_released_instance_gets_its_stored_answer() {
    let mut world = World::new();
    world.open("a");
    world.v2_through(&release("a"), &done());
    let again = world.v2(&order("order-a", "b9"));
    assert_eq!((again.code().as_str(), again.json()["instanceId"].as_str()), ("000000", Some("a")));
}

#[test]
fn a_create_that_was_released_before_it_was_done_never_runs_again() {
    let mut world = World::new();
    let (_, work) = world.v2(&order("CS1", "a")).work();
    world.settle(&work.work, None, &Outcome::Failed);
    world.now += 1;
    world.v2_through(&release("a"), &done());
    let again = world.v2(&order("CS1", "b"));
    assert_eq!((again.code().as_str(), again.reason()), ("000005", "instance-released"));
    assert_eq!(world.works(), 0);
}

#[test]
fn a_backend_may_report_by_itself_and_again() {
    let mut world = World::new();
    let (admission, work) = world.v2(&order("CS1", "a")).work();
    world.settle(&work.work, Some(&admission), &Outcome::Accepted);
    assert_eq!(world.report(&work.effect.id, &access()).effect, Settling::Ended);
    assert_eq!(world.report(&work.effect.id, &access()).effect, Settling::Repeated);
    assert_eq!(world.report(&work.effect.id, &sold_out()).effect, Settling::Superseded);
    assert_eq!(world.report("no-such-effect", &done()).effect, Settling::Unknown);
    assert_eq!(world.phase("a"), "active");
}

#[test]
fn a_refusal_without_words_gets_the_usual_ones() {
    let mut world = World::new();
    let silent = Outcome::Refused { code: "000106".into(), message: String::new() };
    assert_eq!(world.v2_through(&order("CS1", "a"), &silent)["resultMsg"], "sold out.");
}
