//! Reads: queryInstance and changeInstanceCheck.

use countersign_core::ledger::Outcome;
use serde_json::{Value, json};

use super::world::{Turn, World, access, body, call, code, data, order, sold_out};

fn query(ids: &str) -> Value {
    call("queryInstance", ids, &[])
}

#[test]
fn ids_are_trimmed_deduplicated_and_kept_in_order() {
    let mut world = World::new();
    for id in ["a", "b", "c"] {
        world.open(id);
    }
    let listed = world.v2(&query("c, a,c ,zz,b")).json();
    let ids: Vec<&str> =
        listed["info"].as_array().unwrap().iter().map(|one| one["instanceId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["c", "a", "b"]);
    assert_eq!(listed["resultCode"], "000000");
}

#[test]
fn an_empty_or_too_long_list_is_refused() {
    let mut world = World::new();
    let many = |count: usize| (0..count).map(|index| format!("id-{index}")).collect::<Vec<_>>().join(",");
    for wrong in ["a,,b", ",a", "a,", " ", ",", &many(101)] {
        let turn = world.v2(&query(wrong));
        assert_eq!((turn.code().as_str(), turn.reason()), ("000002", "bad-instance-list"), "{wrong}");
    }
    assert_eq!(world.v2(&query("")).reason(), "field-missing");
    assert_eq!(world.v2(&query(&many(100))).code(), "000003");
}

#[test]
fn what_is_unknown_unfinished_or_refused_is_not_listed() {
    let mut world = World::new();
    world.open("open");
    let _unfinished = world.v2(&order("CS1", "unfinished"));
    world.v2_through(&order("CS2", "refused"), &sold_out());
    let listed = world.v2(&query("unfinished,refused,unknown,open")).json();
    assert_eq!(listed["info"].as_array().unwrap().len(), 1);
    assert_eq!(world.v2(&query("unfinished,unknown")).code(), "000004");
    assert_eq!(world.v2(&query("refused")).code(), "000106");
    assert_eq!(world.v2(&query("refused,unknown")).code(), "000003");
    let other = world.admit_v2("/other", &query("open"));
    assert_eq!(world.decide_verdict(other).code(), "000003", "another product's instances do not exist");
}

#[test]
fn an_unfinished_instance_of_v1_is_an_internal_error() {
    let mut world = World::new();
    let _unfinished = world.v1(&[("activity", "newInstance"), ("orderId", "CS1"), ("businessId", "a")]);
    assert_eq!(world.v1(&[("activity", "queryInstance"), ("instanceId", "a")]).code(), "000005");
}

#[test]
fn usage_is_asked_where_the_route_says_so() {
    let mut world = World::with(&json!({"usage": true}));
    world.open("a");
    world.open("b");
    let (admission, question) = world.v2(&query("a,b")).work();
    assert_eq!(data(&question)["instance_ids"], json!(["a", "b"]));
    assert_eq!(question.give_up_at, world.now + 2_000);
    let usage = |entries: Value| Outcome::Done(json!({"usage": entries}).to_string().into_bytes());
    let good = usage(json!([
        {"instance_id": "b", "usage_value": 12.5, "statistical_time": "20230327065233980", "dashboard_url": "https://d"},
        {"instance_id": "b", "usage_value": "7", "statistical_time": "20230327065233980", "related_instance_id": "a"},
        {"instance_id": "zz", "usage_value": 1, "statistical_time": "20230327065233980"},
    ]));
    let listed = body(&world.settle(&question.work, Some(&admission), &good).answer.unwrap());
    assert!(listed["info"][0].get("usageInfo").is_none());
    assert_eq!(
        listed["info"][1]["usageInfo"],
        json!([
            {"usageValue": 12.5, "statisticalTime": "20230327065233980", "dashboardUrl": "https://d"},
            {"usageValue": 7, "statisticalTime": "20230327065233980", "relatedInstanceId": "a"},
        ])
    );
    for bad in [
        Outcome::Failed,
        Outcome::Running,
        sold_out(),
        Outcome::Done(b"{}".to_vec()),
        usage(json!([{"instance_id": "a", "usage_value": 1.23456, "statistical_time": "20230327065233980"}])),
        usage(json!([{"instance_id": "a", "usage_value": 1, "statistical_time": "2023"}])),
        usage(json!([{"instance_id": "a", "usage_value": -1, "statistical_time": "20230327065233980"}])),
    ] {
        let without = world.settle(&question.work, Some(&admission), &bad);
        let listed = body(&without.answer.unwrap());
        assert_eq!((&listed["resultCode"], listed["info"].as_array().unwrap().len()), (&json!("000000"), 2));
        assert!(listed["info"][0].get("usageInfo").is_none(), "{bad:?}");
        assert!(without.commit.is_empty());
        assert!(without.reason.is_some());
    }
    assert_eq!(world.v2(&query("unknown")).code(), "000003", "nothing to ask about");
}

#[test]
fn a_change_is_checked_by_the_backend() {
    let mut world = World::new();
    world.open("a");
    let fields = json!({"activity": "changeInstanceCheck", "instanceId": "a",
        "productInfo": {"productId": "small", "linearValue": 1.50, "list": [null]}});
    let (admission, question) = world.v2(&fields).work();
    assert_eq!(data(&question)["product_info"]["productId"], "small");
    let mut answer = |outcome: &Outcome| {
        let settled = world.settle(&question.work, Some(&admission), outcome);
        assert!(settled.commit.is_empty());
        body(&settled.answer.unwrap())
    };
    assert_eq!(answer(&Outcome::Done(Vec::new()))["resultCode"], "000000");
    assert_eq!(answer(&Outcome::Failed)["resultCode"], "000005");
    assert_eq!(answer(&Outcome::Running)["resultCode"], "000005");
    assert_eq!(answer(&Outcome::Accepted)["resultCode"], "000005");
    let refused = |code: &str| Outcome::Refused { code: code.into(), message: "20 users are in use".into() };
    let said = answer(&refused("000100"));
    assert_eq!((&said["resultCode"], &said["resultMsg"]), (&json!("000100"), &json!("20 users are in use")));
    assert_eq!(answer(&refused("000002"))["resultCode"], "000002");
    assert_eq!(answer(&refused("too-many"))["resultCode"], "000005");
    assert_eq!(answer(&refused("000000"))["resultCode"], "000005", "a refusal is never a success");
    let missing = json!({"activity": "changeInstanceCheck", "instanceId": "a"});
    assert_eq!(world.v2(&missing).reason(), "field-missing");
    let wrong = json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": [1]});
    assert_eq!(world.v2(&wrong).reason(), "field-malformed");
}

#[test]
fn what_the_reader_takes_in_survives_every_step() {
    let mut world = World::new();
    world.open("a");
    // The body may have 64 levels; inside the event the same value stands deeper.
    let deep = (0..62).fold(json!(1), |inner, _| json!([inner]));
    let mut fields = json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": {"p": 1}});
    fields["unknown"] = json!([deep]);
    assert!(matches!(world.v2(&fields), Turn::Work { .. }));
    fields["unknown"] = json!([[deep]]);
    assert_eq!(world.v2(&fields).reason(), "too-deep");
    let deep = (0..63).fold(json!({}), |inner, _| json!({"x": inner})).to_string();
    let as_text = json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": deep});
    assert!(matches!(world.v2(&as_text), Turn::Work { .. }));
}

#[test]
fn a_question_reserves_nothing() {
    let mut world = World::new();
    world.open("a");
    let before = world.rows.keys().filter(|key| !key.starts_with("replay/")).count();
    let turn =
        world.v2(&json!({"activity": "changeInstanceCheck", "instanceId": "a", "productInfo": {"p": 1}}));
    assert!(matches!(turn, Turn::Work { question: true, .. }));
    assert_eq!(world.rows.keys().filter(|key| !key.starts_with("replay/")).count(), before);
}

#[test]
fn a_message_of_the_backend_is_cut_and_escaped() {
    let mut world = World::new();
    let outcome = Outcome::Refused { code: "000106".into(), message: "满".repeat(300) };
    let (admission, work) = world.v2(&order("CS1", "a")).work();
    let answer = world.settle(&work.work, Some(&admission), &outcome).answer.unwrap();
    assert!(answer.body.is_ascii());
    assert_eq!(body(&answer)["resultMsg"].as_str().unwrap().chars().count(), 255);
    assert_eq!(code(&answer), "000106");
    let _ = access();
}
