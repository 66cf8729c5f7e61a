//! Account events, one by one (what `tests/vectors/account.json` says comes of each), and over time.

use countersign_core::crypto::MacKey;
use countersign_core::ledger::{Outcome, Settled};
use countersign_core::wire::base64;
use countersign_core::{Answer, Body, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::world::{Turn, World, body, data, done};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/account.json")).unwrap()
}

fn admit(vectors: &Value, case: &Value) -> Verdict {
    let mut route =
        json!({"path": "/account", "dialect": "account-events", "token": vectors["token"], "product": "crm"});
    for (name, value) in case["settings"].as_object().unwrap() {
        route[name] = value.clone();
    }
    let seller = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let headers: Vec<(String, String)> =
        case["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let body = text(&case["body"]);
    let request = Request::new("POST", b"/account", &headers, Body::Bytes(body.as_bytes()));
    seller.admit(&request, &[7; 16], case["now"].as_u64().unwrap())
}

#[test]
fn every_call_comes_to_what_the_documents_say() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 120);
    let mut wrong = Vec::new();
    for case in cases {
        let found = match admit(&vectors, case) {
            Verdict::Admitted(admitted) => {
                json!({"event": serde_json::from_str::<Value>(&admitted.event.to_json()).unwrap()})
            }
            Verdict::Refused(refusal) => {
                let answer: Value = serde_json::from_slice(&refusal.answer.body).unwrap();
                let always = case["settings"]["error_status"] == "200";
                let status =
                    if always { "200".to_string() } else { answer["code"].as_str().unwrap().to_string() };
                assert_eq!(refusal.answer.status.to_string(), status, "{}", case["id"]);
                json!({
                    "reason": refusal.reason.code.code(),
                    "field": refusal.reason.field,
                    "code": answer["code"],
                })
            }
        };
        for (name, value) in found.as_object().unwrap() {
            let expected = match (name.as_str(), &case[name]) {
                ("event", Value::String(text)) => serde_json::from_str(text).unwrap(),
                (_, expected) => expected.clone(),
            };
            if expected != *value {
                wrong.push(format!("{}: {name} is {value}, not {expected}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const TOKEN: &str = "bearer-token-0001";
const SIGNATURE_KEY: &str = "SignKey012345678";

/// A route that signs and does not encrypt: what is decided does not depend on it.
fn plain() -> World {
    World::of(&json!({"routes": [{
        "path": "/account", "dialect": "account-events", "product": "crm", "token": TOKEN,
        "signature_keys": [SIGNATURE_KEY], "encryption_keys": [], "algorithm": "none",
    }]}))
}

fn call(event: &str, message: &Value, timestamp: u64, nonce: &str) -> String {
    let data = message.as_str().map_or_else(|| message.to_string(), str::to_string);
    let text = format!("{nonce}&{timestamp}&{event}&{data}");
    let signature = base64::encode(&MacKey::new(SIGNATURE_KEY.as_bytes()).mac(&[text.as_bytes()]));
    json!({"nonce": nonce, "timestamp": timestamp, "eventType": event, "data": data, "signature": signature})
        .to_string()
}

fn send_raw(world: &mut World, body: &str) -> Turn {
    let bearer = format!("Bearer {TOKEN}");
    let headers: [(&str, &[u8]); 1] = [("Authorization", bearer.as_bytes())];
    let request_id = world.draw();
    let request = Request::new("POST", b"/account", &headers, Body::Bytes(body.as_bytes()));
    let verdict = world.seller.admit(&request, &request_id, world.now);
    world.decide_verdict(verdict)
}

/// A call that was signed at this time, under a nonce of its own.
fn send_signed(world: &mut World, event: &str, message: &Value, signed_at: u64) -> Turn {
    let nonce = countersign_core::wire::hex::encode(&world.draw::<8>());
    send_raw(world, &call(event, message, signed_at, &nonce))
}

fn send(world: &mut World, event: &str, message: &Value) -> Turn {
    world.now += 10;
    send_signed(world, event, message, world.now)
}

fn settle(world: &mut World, turn: Turn, outcome: &Outcome) -> Settled {
    let (admission, assignment) = turn.work();
    world.settle(&assignment.work, Some(&admission), outcome)
}

fn given(id: &str) -> Outcome {
    Outcome::Done(json!({ "id": id }).to_string().into_bytes())
}

fn refused(code: &str) -> Outcome {
    Outcome::Refused { code: code.into(), message: "no".into() }
}

/// The status, the code, and the id that the answer carries.
fn said(answer: &Answer) -> (u16, String, Option<String>) {
    let body = body(answer);
    let data = body.get("data").map(|data| serde_json::from_str::<Value>(data.as_str().unwrap()).unwrap());
    let id = data.map(|data| data["id"].as_str().unwrap().to_string());
    (answer.status, body["code"].as_str().unwrap().to_string(), id)
}

fn ok(id: &str) -> (u16, String, Option<String>) {
    (200, "200".into(), Some(id.into()))
}

fn failed(code: &str) -> (u16, String, Option<String>) {
    (code.parse().unwrap(), code.into(), None)
}

fn answered(turn: &Turn) -> (u16, String, Option<String>) {
    match turn {
        Turn::Refused { answer, .. } | Turn::Answer { answer, .. } => said(answer),
        other => panic!("no answer yet: {other:?}"),
    }
}

fn user() -> Value {
    json!({"username": "wang", "password": "p-assw0rd-marked", "name": "Wang"})
}

fn created(world: &mut World, id: &str) {
    let turn = send(world, "CREATE_USER", &user());
    assert_eq!(said(&settle(world, turn, &given(id)).answer.unwrap()), ok(id));
}

#[test]
fn an_account_is_created_once_for_a_username() {
    let mut world = plain();
    let turn = send(&mut world, "CREATE_USER", &user());
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    let message: Value = serde_json::from_str(&assignment.effect.body).unwrap();
    assert_eq!(
        (&message["type"], &message["subject"]),
        (&json!("countersign.account_create"), &json!("wang"))
    );
    assert_eq!(data(assignment)["message"], user(), "the password goes to the backend");
    assert_eq!(data(assignment).get("id"), None);
    assert_eq!(said(&settle(&mut world, turn, &given("u-1")).answer.unwrap()), ok("u-1"));
    // Whatever nonce, order of members or password: the account is there.
    let same = json!({"name": "Wang", "password": "another", "username": "wang"});
    assert_eq!(answered(&send(&mut world, "CREATE_USER", &same)), ok("u-1"));
    // What differs is told, with the id that is known, and that id stays.
    let other = json!({"username": "wang", "name": "Wang Fang"});
    let turn = send(&mut world, "CREATE_USER", &other);
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!(data(assignment)["id"], "u-1");
    let settled = settle(&mut world, turn, &given("u-2"));
    assert_eq!(said(&settled.answer.unwrap()), ok("u-1"));
    assert_eq!(settled.alarms[0].code, "account-id-differs");
    assert_eq!(answered(&send(&mut world, "CREATE_USER", &other)), ok("u-1"));
    // The same name of an organisation is another thing.
    let turn = send(&mut world, "CREATE_ORGANIZATION", &json!({"code": "wang"}));
    assert_eq!(said(&settle(&mut world, turn, &given("o-1")).answer.unwrap()), ok("o-1"));
}

#[test]
fn after_a_delete_a_name_begins_anew() {
    let mut world = plain();
    created(&mut world, "u-1");
    assert_eq!(answered(&send(&mut world, "DELETE_USER", &json!({"id": "u-1"}))), (200, "200".into(), None));
    let turn = send(&mut world, "CREATE_USER", &user());
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!((data(assignment).get("id"), &data(assignment)["previous_id"]), (None, &json!("u-1")));
    let settled = settle(&mut world, turn, &given("u-2"));
    assert_eq!((said(&settled.answer.unwrap()), settled.alarms.len()), (ok("u-2"), 0));
    assert_eq!(answered(&send(&mut world, "CREATE_USER", &user())), ok("u-2"));
}

#[test]
fn a_create_that_did_not_end_is_sent_again_by_the_next_call_and_by_nobody_else() {
    let mut world = plain();
    let first = send(&mut world, "CREATE_USER", &user());
    let Turn::Work { assignment, .. } = &first else { panic!("{first:?}") };
    let effect_id = assignment.effect.id.clone();
    let second = send(&mut world, "CREATE_USER", &user());
    assert!(matches!(second, Turn::Wait { .. }), "{second:?}");
    let settled = settle(&mut world, first, &Outcome::Failed);
    assert_eq!(said(&settled.answer.unwrap()), failed("500"));
    assert_eq!(
        (world.works(), world.due().len()),
        (0, 0),
        "a password is not stored, so nothing can be sent"
    );
    let changed = json!({"username": "wang", "password": "another", "name": "Wang"});
    let third = send(&mut world, "CREATE_USER", &changed);
    let Turn::Work { assignment, .. } = &third else { panic!("{third:?}") };
    assert_eq!(assignment.effect.id, effect_id, "the backend tells a repetition by its id");
    assert_eq!(data(assignment)["message"]["password"], "another");
    let settled = settle(&mut world, third, &Outcome::Accepted);
    assert_eq!(said(&settled.answer.unwrap()), failed("500"), "202 has no id");
    let fourth = send(&mut world, "CREATE_USER", &user());
    let Turn::Work { assignment, .. } = &fourth else { panic!("{fourth:?}") };
    assert_eq!(assignment.effect.id, effect_id);
    assert_eq!(said(&settle(&mut world, fourth, &given("u-1")).answer.unwrap()), ok("u-1"));
}

#[test]
fn a_create_whose_lease_was_taken_over_settles_nothing() {
    let mut world = plain();
    let first = send(&mut world, "CREATE_USER", &user());
    world.now += 60_000;
    let second = send(&mut world, "CREATE_USER", &user());
    let (Turn::Work { assignment: a, .. }, Turn::Work { assignment: b, .. }) = (&first, &second) else {
        panic!("{first:?} {second:?}")
    };
    assert_eq!(a.effect.id, b.effect.id);
    assert_eq!(said(&settle(&mut world, second, &given("u-1")).answer.unwrap()), ok("u-1"));
    let late = settle(&mut world, first, &given("u-9"));
    assert_eq!(said(&late.answer.unwrap()), ok("u-1"), "one name, one account");
}

#[test]
fn an_answer_without_a_usable_id_creates_nothing() {
    for answer in [
        json!({}),
        json!({"id": null}),
        json!({"id": ""}),
        json!({"id": 7}),
        json!({"ID": "u-1"}),
        json!({"id": "a\u{7}"}),
        json!({"id": "x".repeat(51)}),
    ] {
        let mut world = plain();
        let turn = send(&mut world, "CREATE_USER", &user());
        let settled = settle(&mut world, turn, &Outcome::Done(answer.to_string().into_bytes()));
        assert_eq!(said(&settled.answer.unwrap()), failed("500"), "{answer}");
        assert_eq!(settled.alarms[0].code, "backend-answer-invalid");
        let turn = send(&mut world, "CREATE_USER", &user());
        let longest = "部".repeat(50);
        assert_eq!(said(&settle(&mut world, turn, &given(&longest)).answer.unwrap()), ok(&longest));
    }
}

#[test]
fn the_backend_refuses_with_two_codes_and_no_other() {
    let mut world = plain();
    for code in ["400", "404"] {
        let turn = send(&mut world, "CREATE_USER", &user());
        let settled = settle(&mut world, turn, &refused(code));
        assert_eq!(said(&settled.answer.unwrap()), failed(code));
        assert_eq!(settled.reason.unwrap().code.code(), "backend-refused");
    }
    let turn = send(&mut world, "CREATE_USER", &user());
    assert_eq!(said(&settle(&mut world, turn, &refused("000106")).answer.unwrap()), failed("500"));
    let turn = send(&mut world, "UPDATE_USER", &json!({"id": "u-1", "name": "x"}));
    assert_eq!(said(&settle(&mut world, turn, &refused("404")).answer.unwrap()), failed("404"));
    assert_eq!(world.works(), 0, "a refusal ends an update");
}

#[test]
fn no_row_holds_a_password() {
    let mut world = plain();
    let turn = send(&mut world, "CREATE_USER", &user());
    let is_free = |world: &World| {
        world.rows.values().all(|(bytes, _)| !String::from_utf8_lossy(bytes).contains("p-assw0rd-marked"))
    };
    assert!(is_free(&world), "while the create runs");
    settle(&mut world, turn, &Outcome::Failed);
    assert!(is_free(&world), "after a failure");
    created(&mut world, "u-1");
    assert!(is_free(&world), "at the end");
}

#[test]
fn updates_of_an_id_are_told_in_order_and_owed_until_they_end() {
    let mut world = plain();
    created(&mut world, "u-1");
    let change = json!({"id": "u-1", "name": "Wang Fang"});
    let first = send(&mut world, "UPDATE_USER", &change);
    let again = send(&mut world, "UPDATE_USER", &change);
    assert!(matches!(again, Turn::Wait { .. }), "one effect for two equal calls: {again:?}");
    let settled = settle(&mut world, first, &Outcome::Failed);
    assert_eq!((said(&settled.answer.unwrap()), world.works()), (failed("500"), 1));
    world.now += 2_000;
    let due = world.due().remove(0);
    world.settle(&due.work, None, &done());
    assert_eq!(world.works(), 0);
    // Nobody waited for that end: the call comes again and is told again, since an update does no harm twice.
    let turn = send(&mut world, "UPDATE_USER", &change);
    assert_eq!(said(&settle(&mut world, turn, &done()).answer.unwrap()), ok("u-1"));
}

#[test]
fn an_older_update_changes_nothing() {
    let mut world = plain();
    created(&mut world, "u-1");
    world.now += 5_000;
    let turn = send(&mut world, "UPDATE_USER", &json!({"id": "u-1", "name": "new"}));
    settle(&mut world, turn, &done());
    let signed_at = world.now - 3_000;
    let stale = send_signed(&mut world, "UPDATE_USER", &json!({"id": "u-1", "name": "old"}), signed_at);
    assert_eq!(answered(&stale), ok("u-1"));
    let stale = send_signed(&mut world, "DELETE_USER", &json!({"id": "u-1"}), signed_at);
    assert_eq!((answered(&stale).0, world.works()), (200, 0));
}

#[test]
fn an_update_of_an_unknown_id_is_passed_on() {
    let mut world = plain();
    let turn = send(&mut world, "UPDATE_ORGANIZATION", &json!({"id": "o-7", "name": "R&D"}));
    let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
    assert_eq!(data(assignment)["id"], "o-7");
    assert_eq!(said(&settle(&mut world, turn, &done()).answer.unwrap()), ok("o-7"));
}

#[test]
fn a_delete_is_answered_at_once_and_told_until_the_backend_has_it() {
    let mut world = plain();
    created(&mut world, "u-1");
    let gone = json!({"id": "u-1"});
    assert_eq!(answered(&send(&mut world, "DELETE_USER", &gone)), (200, "200".into(), None));
    assert_eq!(answered(&send(&mut world, "DELETE_USER", &gone)), (200, "200".into(), None));
    assert_eq!(world.works(), 1, "the second finds nobody");
    let due = world.due().remove(0);
    let event: Value = serde_json::from_str(&due.effect.body).unwrap();
    assert_eq!(event["type"], "countersign.account_delete");
    assert_eq!(event["data"]["end_sessions"], json!({"scope": "users", "users": ["u-1"]}));
    world.settle(&due.work, None, &Outcome::Failed);
    assert_eq!(world.works(), 1);
    world.now += 2_000;
    let due = world.due().remove(0);
    world.settle(&due.work, None, &refused("404"));
    assert_eq!(world.works(), 0, "nobody is left to be deleted");
}

#[test]
fn a_disabled_user_may_not_go_on() {
    for (disabled, ends) in [(json!(true), true), (json!("true"), true), (json!(false), false)] {
        let mut world = plain();
        let turn = send(&mut world, "UPDATE_USER", &json!({"id": "u-1", "disabled": disabled}));
        let Turn::Work { assignment, .. } = &turn else { panic!("{turn:?}") };
        assert_eq!(data(assignment).get("end_sessions").is_some(), ends, "{disabled}");
    }
}

#[test]
fn a_second_arrival_is_a_replay_and_an_unknown_event_is_said() {
    let mut world = plain();
    let sent = call("CHECK_URL", &json!("hello"), world.now, "n-1");
    let Turn::Answer { answer, .. } = send_raw(&mut world, &sent) else { panic!("no answer") };
    assert_eq!(
        (body(&answer)["code"].clone(), body(&answer)["data"].clone()),
        (json!("200"), json!("hello"))
    );
    let replayed = send_raw(&mut world, &sent);
    assert_eq!((replayed.reason(), answered(&replayed).1.as_str()), ("replayed", "401"));
    let turn = send(&mut world, "MOVE_USER", &json!({"id": "u-1"}));
    assert_eq!((turn.reason(), answered(&turn)), ("unknown-event", (200, "200".into(), None)));
    assert_eq!(world.works(), 0);
}

#[test]
fn mistakes_of_the_settings_are_named() {
    let good = json!({
        "path": "/account", "dialect": "account-events", "product": "crm", "token": TOKEN,
        "signature_keys": [SIGNATURE_KEY], "encryption_keys": ["EncKey0123456789"],
    });
    assert!(Seller::from_json(json!({ "routes": [good] }).to_string().as_bytes()).is_ok());
    for (member, value, code) in [
        ("token", Value::Null, "missing"),
        ("token", json!(""), "out-of-range"),
        ("token", json!("a b"), "out-of-range"),
        ("token", json!("x".repeat(1_025)), "out-of-range"),
        ("signature_keys", Value::Null, "missing"),
        ("signature_keys", json!(["short"]), "out-of-range"),
        ("encryption_keys", Value::Null, "missing"),
        ("encryption_keys", json!(["EncKey01234567890"]), "out-of-range"),
        ("encryption_keys", json!([]), "conflict"),
        ("algorithm", json!("none"), "conflict"),
        ("algorithm", json!("AES/CBC/PKCS5Padding"), "unknown-value"),
        ("error_status", json!("500"), "unknown-value"),
        ("keys", json!(["test-access-key-0001"]), "unknown-field"),
        ("digest", json!("sha-1"), "unknown-field"),
        ("private_keys", json!([]), "unknown-field"),
    ] {
        let mut route = good.clone();
        if value.is_null() {
            route.as_object_mut().unwrap().remove(member);
        } else {
            route[member] = value.clone();
        }
        let mistakes = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap_err();
        let found: Vec<(&str, &str)> =
            mistakes.problems.iter().map(|problem| (problem.path.as_str(), problem.code)).collect();
        let at = if code == "conflict" { "algorithm" } else { member };
        assert!(
            found.iter().any(|(path, found)| path.contains(at) && *found == code),
            "{member} = {value}: {found:?}"
        );
    }
}
