//! `order-notify`: a notice is answered as soon as it is committed, and told to the backend after that, in order per order.

use countersign_core::flow::{Advance, Input, Note, Step};
use countersign_core::ledger::{Assignment, Outcome, Row, Settling, WORK_PREFIX};
use countersign_core::{Body, OldAnswer, Request, Seller, Shadowed, Verdict};
use serde_json::{Value, json};

use super::world::{START, Turn, World, access, code, data, done, order, signed_under, sold_out};

/// The key of notices is none of another interface.
const NOTICES: &str = "generic-access-key-0001";

fn world() -> World {
    with(&json!({}))
}

/// `more` are further members of the route of notices.
fn with(more: &Value) -> World {
    let mut notices =
        json!({"path": "/notify", "dialect": "order-notify", "keys": [NOTICES], "product": "crm"});
    for (name, value) in more.as_object().unwrap() {
        notices[name] = value.clone();
    }
    World::of(&json!({"routes": [
        {"path": "/v2", "dialect": "saas-v2", "keys": [super::world::KEY], "product": "crm"},
        {"path": "/v1", "dialect": "saas-v1", "keys": [super::world::KEY], "product": "crm"},
        notices,
    ]}))
}

fn notice(order: &str, line: &str) -> Value {
    json!({"activity": "orderNotify", "orderId": order, "orderLineId": line})
}

fn admit(world: &mut World, fields: &Value) -> Verdict {
    let nonce: [u8; 8] = world.draw();
    let nonce = countersign_core::wire::hex::encode(&nonce);
    world.admit_under(NOTICES, "/notify", fields, world.now, &nonce)
}

fn notify(world: &mut World, fields: &Value) -> Turn {
    let verdict = admit(world, fields);
    world.decide_verdict(verdict)
}

fn is_answered(turn: &Turn) {
    assert!(matches!(turn, Turn::Answer { reason: None, .. }), "{turn:?}");
    assert_eq!(turn.json(), json!({"resultCode": "000000", "resultMsg": "success."}));
}

/// The only effect that may be sent now.
fn next(world: &mut World) -> Assignment {
    let mut due = world.due();
    assert_eq!(due.len(), 1, "{due:?}");
    due.remove(0)
}

fn message(assignment: &Assignment) -> Value {
    serde_json::from_str(&assignment.effect.body).unwrap()
}

fn line_of(assignment: &Assignment) -> String {
    data(assignment)["order_line_id"].as_str().unwrap().to_string()
}

#[test]
fn a_notice_is_answered_before_the_backend_hears_of_it() {
    let mut world = world();
    is_answered(&notify(&mut world, &notice("CS1", "1")));
    assert_eq!(world.works(), 1, "nobody runs it yet");
    let sent = next(&mut world);
    let told = message(&sent);
    assert_eq!(told["type"], "countersign.order_changed");
    assert_eq!((&told["source"], &told["subject"]), (&json!("crm"), &json!("CS1")));
    assert_eq!(told["fencingtoken"], 1);
    let expected =
        json!({"type": "order_changed", "activity": "orderNotify", "order_id": "CS1", "order_line_id": "1"});
    assert_eq!(told["data"], expected);
    assert_eq!((sent.order.as_str(), sent.instance.as_str(), sent.attempt), ("CS1", "", 1));
    let settled = world.settle(&sent.work, None, &done());
    assert_eq!((settled.effect, settled.answer, settled.promoted), (Settling::Ended, None, false));
    assert!(settled.alarms.is_empty());
    assert_eq!(world.works(), 0);
}

#[test]
fn the_event_holds_what_its_table_says() {
    let mut world = world();
    let fields = json!({"activity": "orderNotify", "orderId": "CS1", "testFlag": "0", "remark": "r"});
    let Verdict::Admitted(call) = admit(&mut world, &fields) else { panic!() };
    let expected =
        r#"{"type":"order_changed","activity":"orderNotify","order_id":"CS1","extra":{"remark":"r"}}"#;
    assert_eq!((call.dialect.as_ref(), call.event.to_json().as_str()), ("order-notify", expected));
}

#[test]
fn what_is_wrong_with_a_notice_is_told_as_in_v2() {
    let mut world = world();
    let long = "x".repeat(129);
    for (fields, expected) in [
        (json!({"activity": "orderNotify"}), ("field-missing", "000002")),
        (json!({"activity": "orderNotify", "orderId": ""}), ("field-missing", "000002")),
        (json!({"activity": "orderNotify", "orderId": null}), ("field-missing", "000002")),
        (json!({"activity": "orderNotify", "orderId": ["CS1"]}), ("field-malformed", "000002")),
        (notice(&long, "1"), ("field-too-long", "000002")),
        (notice("CS1", &long), ("field-too-long", "000002")),
        (json!({"activity": "ordernotify", "orderId": "CS1"}), ("unknown-activity", "000002")),
        (json!({"activity": "newInstance", "orderId": "CS1"}), ("unknown-activity", "000002")),
        (json!({"orderId": "CS1"}), ("field-missing", "000002")),
        (
            json!({"activity": "orderNotify", "orderId": "CS1", "testFlag": "2"}),
            ("test-flag-invalid", "000002"),
        ),
    ] {
        let turn = notify(&mut world, &fields);
        assert_eq!((turn.reason(), turn.code().as_str()), expected, "{fields}");
    }
    let fields = notice("CS1", "1");
    for (key, signed_at, expected) in [
        (super::world::KEY, START, ("signature-mismatch", "000001")),
        (NOTICES, START - 60_001, ("timestamp-stale", "000002")),
        (NOTICES, START + 60_001, ("timestamp-future", "000002")),
    ] {
        let verdict = world.admit_under(key, "/notify", &fields, signed_at, "n");
        let turn = world.decide_verdict(verdict);
        assert_eq!((turn.reason(), turn.code().as_str()), expected);
    }
    assert!(world.rows.is_empty(), "nothing is kept of them");
}

#[test]
fn the_same_bytes_are_taken_once() {
    let mut world = world();
    let fields = notice("CS1", "1");
    let verdict = world.admit_under(NOTICES, "/notify", &fields, START, "n");
    is_answered(&world.decide_verdict(verdict));
    let verdict = world.admit_under(NOTICES, "/notify", &fields, START, "n");
    let again = world.decide_verdict(verdict);
    assert_eq!((again.reason(), again.code().as_str()), ("replayed", "000001"));
    assert_eq!(world.works(), 1);
}

#[test]
fn a_notice_of_what_is_owed_joins_it() {
    let mut world = world();
    for _ in 0..3 {
        is_answered(&notify(&mut world, &notice("CS1", "1")));
        world.now += 10;
    }
    let sent = next(&mut world);
    is_answered(&notify(&mut world, &notice("CS1", "1")));
    for outcome in [Outcome::Failed, Outcome::Accepted] {
        world.settle(&sent.work, None, &outcome);
        is_answered(&notify(&mut world, &notice("CS1", "1")));
        assert_eq!((world.works(), world.due().len()), (1, 0), "it is owed, and not sent before its time");
    }
    world.now += 60_000;
    let again = next(&mut world);
    assert_eq!((&again.effect.id, again.attempt), (&sent.effect.id, 2));
    world.settle(&again.work, None, &done());
    is_answered(&notify(&mut world, &notice("CS1", "1")));
    let news = next(&mut world);
    assert_ne!(news.effect.id, sent.effect.id, "after it was delivered it is news");
    assert!(message(&news)["fencingtoken"].as_u64() > message(&again)["fencingtoken"].as_u64());
}

#[test]
fn another_line_is_another_notice_and_waits_for_those_before_it() {
    let mut world = world();
    for line in ["1", "2", "1", "3"] {
        is_answered(&notify(&mut world, &notice("CS1", line)));
    }
    is_answered(&notify(&mut world, &json!({"activity": "orderNotify", "orderId": "CS1"})));
    assert_eq!(world.works(), 4);
    let first = next(&mut world);
    assert_eq!(line_of(&first), "1");
    world.settle(&first.work, None, &Outcome::Failed);
    assert!(world.due().is_empty(), "what is behind it waits");
    world.now += 1_000;
    for line in ["1", "2", "3"] {
        let sent = next(&mut world);
        assert_eq!(line_of(&sent), line);
        let settled = world.settle(&sent.work, None, &done());
        assert!(settled.promoted);
    }
    let last = next(&mut world);
    assert_eq!(data(&last).get("order_line_id"), None);
}

#[test]
fn orders_and_products_are_told_of_side_by_side() {
    let mut world = World::of(&json!({"routes": [
        {"path": "/notify", "dialect": "order-notify", "keys": [NOTICES], "product": "crm"},
        {"path": "/other", "dialect": "order-notify", "keys": [NOTICES], "product": "erp"},
    ]}));
    for (path, order) in [("/notify", "CS1"), ("/notify", "CS2"), ("/other", "CS1")] {
        let verdict =
            world.admit_under(NOTICES, path, &notice(order, "1"), world.now, &format!("{path}{order}"));
        is_answered(&world.decide_verdict(verdict));
    }
    let sent: Vec<(String, String)> =
        world.due().into_iter().map(|work| (work.effect.product.clone(), work.order)).collect();
    assert_eq!(sent.len(), 3);
    for (product, order) in [("crm", "CS1"), ("crm", "CS2"), ("erp", "CS1")] {
        assert!(sent.contains(&(product.to_string(), order.to_string())), "{sent:?}");
    }
}

#[test]
fn a_refusal_ends_a_notice_and_is_an_alarm() {
    let mut world = world();
    notify(&mut world, &notice("CS1", "1"));
    notify(&mut world, &notice("CS1", "2"));
    let first = next(&mut world);
    let settled = world.settle(&first.work, None, &sold_out());
    let alarms: Vec<&str> = settled.alarms.iter().map(|alarm| &*alarm.code).collect();
    assert_eq!((alarms, settled.effect, settled.promoted), (vec!["effect-refused"], Settling::Ended, true));
    let second = next(&mut world);
    assert_eq!(line_of(&second), "2");
    // Reported by the backend itself, which is known to have refused the first one.
    assert_eq!(world.report(&first.effect.id, &sold_out()).effect, Settling::Repeated);
    assert_eq!(world.report(&second.effect.id, &done()).effect, Settling::Ended);
    assert_eq!(world.report(&second.effect.id, &done()).effect, Settling::Repeated);
    assert_eq!(world.report("nobody", &done()).effect, Settling::Unknown);
}

#[test]
fn the_instance_goes_along_where_the_ledger_knows_the_order() {
    let mut world = world();
    world.open("i-1"); // the order is order-i-1, its line 1
    let v1 = [("activity", "newInstance"), ("orderId", "CS-V1"), ("businessId", "i-v1")];
    let turn = world.v1(&v1);
    world.through(turn, &access());
    for (fields, expected) in [
        (notice("order-i-1", "1"), json!("i-1")),
        (notice("order-i-1", "2"), Value::Null),
        (notice("CS-V1", "1"), json!("i-v1")),
        (notice("CS-unknown", "1"), Value::Null),
        (json!({"activity": "orderNotify", "orderId": "CS-V1"}), json!("i-v1")),
    ] {
        is_answered(&notify(&mut world, &fields));
        let sent = next(&mut world);
        assert_eq!(data(&sent).get("instance_id").cloned().unwrap_or_default(), expected, "{fields}");
        assert_eq!(
            (data(&sent).get("phase"), message(&sent)["subject"].clone()),
            (None, fields["orderId"].clone())
        );
        world.settle(&sent.work, None, &done());
    }
    // Nothing of it stands in the row of the instance.
    assert_eq!(world.instances().iter().filter(|one| one["owed"] != json!([])).count(), 0);
}

#[test]
fn an_order_that_is_reserved_between_load_and_commit_is_known_all_the_same() {
    let mut world = world();
    let Verdict::Admitted(call) = admit(&mut world, &notice("CS1", "1")) else { panic!() };
    let stale: Vec<Row> = world.load(&call.keys);
    world.v2(&order("CS1", "i-1")).work();
    let decision = world.seller.decide(&call.admission, &stale, world.now, &[7; 32]).unwrap();
    let countersign_core::ledger::Decision::Answer(answered) = decision else { panic!("{decision:?}") };
    assert!(!world.commit(&answered.commit), "it was decided without the order");
    is_answered(&world.decide(&call.admission, &call.keys));
    let sent: Vec<Assignment> = world.due();
    assert_eq!(data(&sent[0])["instance_id"], "i-1");
}

#[test]
fn a_lost_commit_makes_no_second_notice() {
    let mut world = world();
    world.lose_next_answer = true;
    is_answered(&notify(&mut world, &notice("CS1", "1")));
    assert_eq!((world.works(), world.due().len()), (1, 1));
}

#[test]
fn test_notices_succeed_and_leave_nothing() {
    let mut world = world();
    let mut fields = notice("CS1", "1");
    fields["testFlag"] = json!("1");
    is_answered(&notify(&mut world, &fields));
    fields["testFlag"] = json!(1);
    is_answered(&notify(&mut world, &fields));
    assert!(world.rows.keys().all(|key| key.starts_with("replay/")), "{:?}", world.rows.keys());

    let mut world = with(&json!({"test_effects": true}));
    let Turn::Work { admission, assignment, question } = notify(&mut world, &fields) else { panic!() };
    let told = message(&assignment);
    assert!(question);
    assert_eq!((&told["subject"], &told["data"]["test"]), (&json!("CS1"), &json!(true)));
    assert_eq!((told["data"].get("instance_id"), told.get("fencingtoken")), (None, None));
    for outcome in [done(), sold_out(), Outcome::Failed] {
        let settled = world.settle(&assignment.work, Some(&admission), &outcome);
        assert_eq!((code(&settled.answer.unwrap()).as_str(), settled.effect), ("000000", Settling::Asked));
    }
    assert_eq!(world.works(), 0);
}

fn begin(world: &mut World, fields: &Value, nonce: &str) -> Advance {
    let (target, text) = signed_under(NOTICES, "/notify", fields, world.now, nonce);
    let body = Body::Bytes(text.as_bytes());
    let request = Request::new("POST", target.as_bytes(), &[], body);
    world.seller.begin(&request, &[9; 16], world.now)
}

/// Goes on to the end and gives the last step with the names of all notes.
fn run(world: &mut World, mut advance: Advance) -> (Advance, Vec<&'static str>) {
    let mut notes: Vec<&str> = advance.notes.iter().map(Note::name).collect();
    loop {
        let input = match &advance.step {
            Step::Load { keys, .. } => Input::Loaded(world.load(keys)),
            Step::Commit { writes, .. } if world.commit(writes) => Input::Committed,
            Step::Commit { .. } => Input::Conflicted,
            Step::Send { .. } => Input::Sent(done()),
            Step::Wait { .. } => Input::Woken,
            Step::Answer(_) | Step::Done(_) => return (advance, notes),
        };
        advance = world.advance(&advance.flow, input);
        notes.extend(advance.notes.iter().map(Note::name));
    }
}

#[test]
fn the_flow_answers_first_and_says_that_something_is_owed() {
    let mut world = world();
    let begun = begin(&mut world, &notice("CS1", "1"), "n1");
    let (end, notes) = run(&mut world, begun);
    assert!(matches!(&end.step, Step::Answer(answer) if code(answer) == "000000"), "{end:?}");
    assert_eq!((notes, end.promoted, end.flow.is_empty()), (vec!["admitted", "answered"], true, true));
    let begun = begin(&mut world, &notice("CS1", "1"), "n2");
    let (end, notes) = run(&mut world, begun);
    assert_eq!((notes, end.promoted), (vec!["admitted", "answered"], false), "it joined");
    let key = world.rows.keys().find(|key| key.starts_with(WORK_PREFIX)).unwrap().clone();
    let row = world.load(&[key]).remove(0);
    let taken = world.seller.take_up(&row, world.now, &[8; 32]).unwrap().unwrap();
    let (end, notes) = run(&mut world, taken);
    assert_eq!((end.step, notes), (Step::Done(None), vec!["performed", "settled"]));
    assert_eq!(world.works(), 0);
}

#[test]
fn a_notice_whose_commit_is_late_is_declined_and_owed_if_it_holds() {
    let mut world = world();
    let begun = begin(&mut world, &notice("CS1", "1"), "n1");
    let Step::Load { keys, .. } = &begun.step else { panic!() };
    let rows = world.load(keys);
    let committing = world.advance(&begun.flow, Input::Loaded(rows));
    let late = world.advance(&committing.flow, Input::Late);
    assert!(matches!(&late.step, Step::Answer(answer) if code(answer) == "000005"));
    let Step::Commit { writes, .. } = &committing.step else { panic!() };
    assert!(world.commit(writes));
    is_answered(&notify(&mut world, &notice("CS1", "1")));
    assert_eq!(world.due().len(), 1, "the retry joined it");
}

#[test]
fn a_version_that_cannot_settle_a_notice_leaves_it_alone() {
    let mut world = world();
    notify(&mut world, &notice("CS1", "1"));
    let formats = |world: &World, prefix: &str| -> Vec<u64> {
        let rows = world.rows.iter().filter(|(key, _)| key.starts_with(prefix));
        let format =
            |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).unwrap()["format"].as_u64().unwrap();
        rows.map(|(_, (bytes, _))| format(bytes)).collect()
    };
    assert_eq!((formats(&world, "work/"), formats(&world, "notice/")), (vec![2], vec![2]));
    let sent = next(&mut world);
    assert_eq!(formats(&world, "work/"), [2], "a claim keeps it");
    world.settle(&sent.work, None, &done());
    assert_eq!(formats(&world, "effect/"), [2]);
    world.open("i-1");
    world.v2(&super::world::freeze("i-1")).work();
    assert_eq!(formats(&world, "work/"), [1], "works that every version knows stay as they were");
}

#[test]
fn in_shadow_mode_a_notice_is_compared_and_never_owed() {
    let mut world = world();
    for body in [r#"{"resultCode":"000000"}"#, r#"{"resultCode":"000005"}"#] {
        let Verdict::Admitted(call) = admit(&mut world, &notice("CS1", "1")) else { panic!() };
        let rows = world.load(&call.keys);
        let old = OldAnswer { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec(), took_ms: 1 };
        let seen = world.seller.shadow(&call.admission, &old, &rows, world.now, &[7; 32]).unwrap();
        let Shadowed::Seen(seen) = seen else { panic!() };
        assert!(world.commit(&seen.commit));
        assert_eq!((seen.own.as_str(), world.works()), ("000000", 0));
    }
}

fn problems(more: &Value) -> Vec<(String, String)> {
    let mut route = json!({"path": "/n", "dialect": "order-notify", "keys": [NOTICES]});
    for (name, value) in more.as_object().unwrap() {
        route[name] = value.clone();
    }
    match Seller::from_json(json!({"routes": [route]}).to_string().as_bytes()) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems.into_iter().map(|one| (one.path, one.code.to_string())).collect(),
    }
}

#[test]
fn its_settings_are_those_of_v2_and_one_of_its_own() {
    for sound in [
        json!({}),
        json!({"order_query": false}),
        json!({"window_ms": 30_000, "sign_answers": false, "descending_order": true, "answer_within_ms": 4_900}),
        json!({"unknown_instance": "adopt", "test_effects": true, "replayed_code": "000005"}),
    ] {
        assert_eq!(problems(&sound), [], "{sound}");
    }
    for (more, path, expected) in [
        (json!({"order_query": true}), "order_query", "conflict"),
        (json!({"order_query": "yes"}), "order_query", "wrong-type"),
        (json!({"retry_without_empty": true}), "retry_without_empty", "unknown-field"),
        (json!({"test_license": "x"}), "test_license", "unknown-field"),
        (json!({"answer_within_ms": 4_901}), "answer_within_ms", "out-of-range"),
    ] {
        assert_eq!(problems(&more), [(format!("routes[0].{path}"), expected.to_string())], "{more}");
    }
    let other =
        json!({"routes": [{"path": "/v2", "dialect": "saas-v2", "keys": ["a-key"], "order_query": false}]});
    let error = Seller::from_json(other.to_string().as_bytes()).unwrap_err();
    assert_eq!(
        (error.problems[0].path.as_str(), error.problems[0].code),
        ("routes[0].order_query", "unknown-field")
    );
}

#[test]
fn an_import_needs_a_product_that_has_instances() {
    let mut world = World::of(
        &json!({"routes": [{"path": "/n", "dialect": "order-notify", "keys": [NOTICES], "product": "crm"}]}),
    );
    for order in [json!({"order_id": "CS1"}), json!({})] {
        let mut line =
            json!({"product": "crm", "instance_id": "i", "front_end_url": "https://a.example.com"});
        for (name, value) in order.as_object().unwrap() {
            line[name] = value.clone();
        }
        let imported = world.import(&line);
        assert!(
            matches!(&imported, countersign_core::ledger::Import::Refused { problems } if !problems.is_empty())
        );
    }
}
