//! Tenants and what belongs to them, over time: what the ledger keeps of the calls of a kit, what the backend is told of
//! them, and in what order.

use countersign_core::crypto::MacKey;
use countersign_core::ledger::{DirectoryKeys, Outcome, directory_keys, view_directory};
use countersign_core::wire::hex;
use countersign_core::{Body, ReasonCode, Request, Seller, Verdict};
use serde_json::{Value, json};

use super::world::{START, Turn, World, data, done};

const KEY: &str = "kit-access-key-0001";
/// A refusal that no table has is one all the same: nobody waits for its code.
fn refused() -> Outcome {
    Outcome::Refused { code: "400".into(), message: "no".into() }
}

pub(crate) fn world() -> World {
    with(&json!({}))
}

/// `more` are further members of the route.
fn with(more: &Value) -> World {
    let mut route = json!({"path": "/kit", "dialect": "kit-v2", "keys": [KEY], "product": "crm"});
    for (name, value) in more.as_object().unwrap() {
        route[name] = value.clone();
    }
    World::of(&json!({ "routes": [route] }))
}

/// One call, signed at this time.
fn admit(world: &mut World, name: &str, fields: &Value, signed_at: u64) -> Verdict {
    let nonce = hex::encode(&world.draw::<16>());
    admit_again(world, name, fields, signed_at, &nonce)
}

fn admit_again(world: &mut World, name: &str, fields: &Value, signed_at: u64, nonce: &str) -> Verdict {
    let (text, stamp) = (fields.to_string(), signed_at.to_string());
    let parts = [KEY.as_bytes(), nonce.as_bytes(), stamp.as_bytes(), text.as_bytes()];
    let signature = hex::encode(&MacKey::new(KEY.as_bytes()).mac(&parts));
    let headers: [(&str, &[u8]); 3] =
        [("X-Sign", signature.as_bytes()), ("x-timestamp", stamp.as_bytes()), ("x-nonce", nonce.as_bytes())];
    let target = format!("/kit/produceAPI/v2/{name}");
    let request = Request::new("POST", target.as_bytes(), &headers, Body::Bytes(text.as_bytes()));
    let request_id = world.draw();
    world.seller.admit(&request, &request_id, world.now)
}

/// A call that is answered with success; the alarms that it raises.
pub(crate) fn sync_at(world: &mut World, name: &str, fields: &Value, signed_at: u64) -> Vec<String> {
    let verdict = admit(world, name, fields, signed_at);
    match world.decide_verdict(verdict) {
        Turn::Answer { answer, reason, alarms } => {
            let body: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(body, json!({"resultCode": "000000", "resultMsg": "success."}), "{reason:?} {fields}");
            alarms
        }
        other => panic!("{other:?}"),
    }
}

/// The same, signed now; time goes on.
fn sync(world: &mut World, name: &str, fields: &Value) -> Vec<String> {
    world.now += 10;
    let now = world.now;
    sync_at(world, name, fields, now)
}

/// Everything that is owed, in the order in which the backend hears of it.
fn deliver(world: &mut World) -> Vec<Value> {
    let mut told = Vec::new();
    loop {
        let due = world.due();
        if due.is_empty() {
            return told;
        }
        for work in due {
            told.push(data(&work));
            world.settle(&work.work, None, &done());
        }
    }
}

/// The kinds of what the backend hears of.
fn kinds(world: &mut World) -> Vec<String> {
    deliver(world).iter().map(|event| event["type"].as_str().unwrap().to_string()).collect()
}

pub(crate) fn view_of(world: &World, tenant: &str, instance: &str) -> Value {
    let keys: DirectoryKeys = directory_keys("crm", tenant, instance);
    let is_wanted =
        |key: &String| *key == keys.tenant || keys.prefixes.iter().any(|prefix| key.starts_with(prefix));
    let wanted: Vec<String> = world.rows.keys().filter(|key| is_wanted(key)).cloned().collect();
    let view = view_directory("crm", tenant, instance, &world.load(&wanted)).unwrap();
    serde_json::from_str(view.to_json()).unwrap()
}

fn view(world: &World) -> Value {
    view_of(world, "t1", "i1")
}

/// The users who may work, by name.
fn active(world: &World) -> Vec<String> {
    let view = view(world);
    let active = view["members"].as_array().unwrap().iter().filter(|member| member["active"] == true);
    active.map(|member| member["user_name"].as_str().unwrap().to_string()).collect()
}

/// The departments that are present, by code.
fn present(world: &World) -> Vec<String> {
    let view = view(world);
    let present = view["departments"].as_array().unwrap().iter().filter(|one| one["present"] == true);
    present.map(|one| one["org_code"].as_str().unwrap().to_string()).collect()
}

fn tenant(flag: u8) -> Value {
    json!({"instanceId": "i1", "orderId": "CS1", "tenantId": "t1", "tenantCode": "huawei", "name": "n",
        "domainName": "https://e.example.com", "flag": flag})
}

fn application(flag: u8, secret: &str) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "appId": "a1", "clientId": "c1", "clientSecret": secret,
        "flag": flag})
}

fn members(flag: u8, users: &[Value]) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "appId": "a1", "userList": users, "flag": flag})
}

fn user(name: &str) -> Value {
    json!({"userName": name, "name": name, "role": "user"})
}

fn department(flag: u8, code: &str, parent: &str) -> Value {
    json!({"instanceId": "i1", "tenantId": "t1", "orgCode": code, "orgName": code, "parentCode": parent,
        "flag": flag})
}

fn departments(codes: &[(&str, &str)]) -> Value {
    let list: Vec<Value> = codes
        .iter()
        .map(|(code, parent)| json!({"orgCode": code, "orgName": code, "parentCode": parent}))
        .collect();
    json!({"instanceId": "i1", "tenantId": "t1", "orgInfoList": list})
}

/// A tenant with one application, bound.
fn bound() -> World {
    let mut world = world();
    sync(&mut world, "tenantSync", &tenant(1));
    sync(&mut world, "applicationSync", &application(1, "cipher"));
    assert_eq!(kinds(&mut world), ["tenant_add", "application_add"]);
    world
}

#[test]
fn the_whole_life_of_a_tenant() {
    let mut world = world();
    sync(&mut world, "tenantSync", &tenant(1));
    sync(&mut world, "applicationSync", &application(1, "cipher"));
    sync(&mut world, "allOrgSync", &departments(&[("d1", ""), ("d2", "d1")]));
    sync(&mut world, "authSync", &members(1, &[user("li"), user("wang")]));
    assert_eq!(world.works(), 4, "nothing is sent before the answer");
    let mut messages = Vec::new();
    loop {
        let due = world.due();
        let [work] = due.as_slice() else { break };
        messages.push(serde_json::from_str::<Value>(&work.effect.body).unwrap());
        world.settle(&work.work, None, &done());
    }
    let types: Vec<&str> = messages.iter().map(|message| message["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "countersign.tenant_add",
            "countersign.application_add",
            "countersign.department_snapshot",
            "countersign.members_add"
        ]
    );
    assert!(messages.iter().all(|message| message["subject"] == "t1"));
    let tokens: Vec<u64> =
        messages.iter().map(|message| message["fencingtoken"].as_u64().unwrap_or_default()).collect();
    assert!(tokens.windows(2).all(|pair| pair[0] <= pair[1]), "{tokens:?}");
    assert_eq!(
        messages[3]["data"],
        json!({"type": "members_add", "activity": "authSync", "instance_id": "i1", "tenant_id": "t1",
            "app_id": "a1", "users": [
                {"user_name": "li", "name": "li", "role": "user", "enabled": "true"},
                {"user_name": "wang", "name": "wang", "role": "user", "enabled": "true"}],
            "flag": "1", "bound": true})
    );
    assert_eq!(messages[1]["data"]["client_secret"], "cipher", "as it came");

    assert_eq!(
        (active(&world), present(&world)),
        (vec!["li".into(), "wang".into()], vec!["d1".into(), "d2".into()])
    );
    let mut admin = user("li");
    admin["role"] = json!("admin");
    sync(&mut world, "authSync", &members(2, &[admin, user("wang")]));
    let told = deliver(&mut world);
    assert_eq!(told[0]["users"].as_array().unwrap().len(), 1, "only who changed");
    assert_eq!(told[0]["end_sessions"], json!({"scope": "users", "users": ["li"]}));
    sync(&mut world, "authSync", &members(3, &[user("wang")]));
    sync(&mut world, "authSync", &members(0, &[user("li")]));
    let told = deliver(&mut world);
    assert_eq!(told[0]["end_sessions"], json!({"scope": "users", "users": ["wang"]}));
    assert_eq!(told[1]["end_sessions"], json!({"scope": "users", "users": ["li"]}));
    assert!(active(&world).is_empty());
    let members = view(&world)["members"].clone();
    assert_eq!(
        members,
        json!([
            {"app_id": "a1", "user_name": "li", "role": "user", "enabled": "true", "authorised": false, "active": false},
            {"app_id": "a1", "user_name": "wang", "role": "user", "enabled": "true", "authorised": false, "active": false,
                "name": "wang"}
        ]),
        "of one who is gone nothing is kept but that he is"
    );
    sync(&mut world, "applicationSync", &application(0, ""));
    sync(&mut world, "tenantSync", &tenant(0));
    let told = deliver(&mut world);
    assert!(told.iter().all(|event| event["end_sessions"] == json!({"scope": "all"})), "{told:?}");
    let after = view(&world);
    assert_eq!(
        after,
        json!({"tenant": {"tenant_id": "t1", "instance_id": "i1", "bound": false, "epoch": 1},
            "applications": [], "members": [], "departments": []})
    );
}

#[test]
fn a_repeat_changes_nothing_and_tells_nothing() {
    let mut world = bound();
    for (name, fields) in [
        ("tenantSync", tenant(1)),
        ("applicationSync", application(1, "cipher")),
        ("authSync", members(1, &[user("li")])),
        ("singleOrgSync", department(1, "d1", "")),
        ("allOrgSync", departments(&[("d1", ""), ("d2", "d1")])),
        ("authSync", members(3, &[user("li")])),
        ("authSync", members(0, &[user("li")])),
        ("singleOrgSync", department(0, "d1", "")),
        ("applicationSync", application(0, "")),
        ("tenantSync", tenant(0)),
    ] {
        sync(&mut world, name, &fields);
        deliver(&mut world);
        sync(&mut world, name, &fields);
        assert_eq!(world.works(), 0, "{name} {fields}");
    }
}

#[test]
fn what_was_never_seen_is_removed_once() {
    for (name, fields) in [
        ("tenantSync", tenant(0)),
        ("applicationSync", application(0, "")),
        ("authSync", members(0, &[user("li")])),
        ("singleOrgSync", department(0, "d1", "")),
    ] {
        let mut world = world();
        sync(&mut world, name, &fields);
        assert_eq!(kinds(&mut world).len(), 1, "{name}");
        sync(&mut world, name, &fields);
        assert_eq!(world.works(), 0, "{name}");
    }
}

#[test]
fn what_is_signed_before_what_is_recorded_is_answered_and_left_alone() {
    let mut world = bound();
    world.now = START + 50_000;
    let (early, late) = (world.now - 30_000, world.now - 10_000);
    sync_at(&mut world, "authSync", &members(1, &[user("li")]), late);
    sync_at(&mut world, "authSync", &members(0, &[user("li"), user("wang")]), early);
    let told = deliver(&mut world);
    assert_eq!(told.len(), 2);
    assert_eq!(
        told[1]["users"],
        json!([{"user_name": "wang", "name": "wang", "role": "user", "enabled": "true"}]),
        "each user is judged by himself"
    );
    assert_eq!(active(&world), ["li"]);
    sync_at(&mut world, "authSync", &members(3, &[user("li")]), late);
    assert!(active(&world).is_empty(), "an equal time is not stale");
}

#[test]
fn the_end_of_a_binding_ends_everything_and_the_next_one_begins_empty() {
    let mut world = bound();
    world.now = START + 50_000;
    let before = world.now - 5_000;
    sync(&mut world, "authSync", &members(1, &[user("li")]));
    sync(&mut world, "singleOrgSync", &department(1, "d1", ""));
    sync(&mut world, "tenantSync", &tenant(0));
    let kinds_told = kinds(&mut world);
    assert_eq!(kinds_told, ["members_add", "department_add", "tenant_remove"]);
    // A call of the old binding that was on its way.
    sync_at(&mut world, "authSync", &members(1, &[user("wang")]), before);
    sync_at(&mut world, "applicationSync", &application(1, "late"), before);
    sync_at(&mut world, "singleOrgSync", &department(1, "d9", ""), before);
    sync_at(&mut world, "allOrgSync", &departments(&[("d9", "")]), before);
    sync_at(&mut world, "tenantSync", &tenant(1), before);
    assert_eq!(world.works(), 0, "all of it is stale");
    sync(&mut world, "tenantSync", &tenant(1));
    let again = view(&world);
    assert_eq!((&again["tenant"]["bound"], &again["tenant"]["epoch"]), (&json!(true), &json!(1)));
    assert!(
        again["members"].as_array().unwrap().is_empty()
            && again["departments"].as_array().unwrap().is_empty()
    );
    sync(&mut world, "applicationSync", &application(1, "cipher"));
    assert!(active(&world).is_empty(), "nobody of the old binding comes back");
    sync(&mut world, "authSync", &members(2, &[user("li")]));
    assert_eq!(active(&world), ["li"], "an update of whom nobody knows adds him");
}

#[test]
fn only_flag_1_gives_access_back() {
    let mut world = bound();
    sync(&mut world, "authSync", &members(1, &[user("li"), user("wang")]));
    sync(&mut world, "authSync", &members(0, &[user("li")]));
    sync(&mut world, "authSync", &members(3, &[user("wang")]));
    deliver(&mut world);
    let mut other = user("wang");
    other["role"] = json!("admin");
    sync(&mut world, "authSync", &members(2, &[user("li"), other]));
    let told = deliver(&mut world);
    assert_eq!(told[0]["users"].as_array().unwrap().len(), 1, "the data of the one who is known");
    assert!(active(&world).is_empty());
    sync(&mut world, "authSync", &members(1, &[user("li"), user("wang")]));
    assert_eq!(active(&world), ["li", "wang"]);
}

#[test]
fn members_are_kept_until_their_application_is_bound() {
    let mut world = world();
    sync(&mut world, "authSync", &members(1, &[user("li")]));
    assert!(active(&world).is_empty());
    assert_eq!(view(&world)["tenant"], Value::Null);
    sync(&mut world, "tenantSync", &tenant(2));
    assert!(active(&world).is_empty());
    sync(&mut world, "applicationSync", &application(2, "cipher"));
    assert_eq!(active(&world), ["li"]);
    let told = deliver(&mut world);
    assert_eq!((&told[0]["bound"], told.len()), (&json!(false), 3));
    sync(&mut world, "applicationSync", &application(0, ""));
    assert!(active(&world).is_empty());
    let mut off = user("li");
    off["enable"] = json!(false);
    sync(&mut world, "applicationSync", &application(1, "cipher"));
    sync(&mut world, "authSync", &members(2, &[off]));
    assert!(active(&world).is_empty(), "who is switched off is not active");
}

#[test]
fn what_a_change_does_not_say_stays() {
    let mut world = bound();
    sync(&mut world, "tenantSync", &json!({"instanceId": "i1", "tenantId": "t1", "name": "m", "flag": 2}));
    let told = view(&world)["tenant"].clone();
    assert_eq!((&told["name"], &told["domain_name"]), (&json!("m"), &json!("https://e.example.com")));
    deliver(&mut world);
    sync(
        &mut world,
        "applicationSync",
        &json!({"instanceId": "i1", "tenantId": "t1", "appId": "a1", "flag": 2}),
    );
    assert_eq!(world.works(), 0, "nothing was said");
    sync(&mut world, "applicationSync", &application(2, "cipher-anew"));
    assert_eq!(deliver(&mut world)[0]["client_secret"], "cipher-anew", "encrypted anew is a change");
    sync(&mut world, "applicationSync", &application(0, ""));
    deliver(&mut world);
    sync(&mut world, "applicationSync", &application(2, "cipher"));
    assert_eq!(world.works(), 0, "of what was removed an update changes nothing");
}

#[test]
fn a_snapshot_is_what_is_present_and_a_later_department_beside_it() {
    let mut world = bound();
    sync(&mut world, "allOrgSync", &departments(&[("d1", ""), ("d2", "d1")]));
    sync(&mut world, "singleOrgSync", &department(1, "d3", "d1"));
    assert_eq!(present(&world), ["d1", "d2", "d3"]);
    sync(&mut world, "allOrgSync", &departments(&[("d1", ""), ("d3", "d1")]));
    assert_eq!(present(&world), ["d1", "d3"]);
    assert_eq!(view(&world)["departments"].as_array().unwrap().len(), 3, "what is absent is not deleted");
    deliver(&mut world);
    sync(&mut world, "allOrgSync", &departments(&[("d3", "d1"), ("d1", "")]));
    assert_eq!(world.works(), 0, "the same set in another order");
    sync(&mut world, "singleOrgSync", &department(0, "d3", ""));
    assert_eq!(present(&world), ["d1"]);
    sync(&mut world, "allOrgSync", &departments(&[]));
    assert!(present(&world).is_empty(), "a snapshot of none");
    world.now += 20_000;
    let (late, now) = (world.now - 10_000, world.now);
    sync_at(&mut world, "allOrgSync", &departments(&[("d5", "")]), now);
    sync_at(&mut world, "allOrgSync", &departments(&[("d6", "")]), late);
    sync_at(&mut world, "singleOrgSync", &department(1, "d7", ""), late);
    assert_eq!(present(&world), ["d5"], "older than the head");
}

#[test]
fn what_is_odd_about_departments_is_taken_with_an_alarm() {
    let mut world = bound();
    let cycle = departments(&[("a", "b"), ("b", "a")]);
    assert_eq!(sync(&mut world, "allOrgSync", &cycle), ["department-cycle"]);
    let deep = departments(&[("a", ""), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "d"), ("f", "e")]);
    assert_eq!(sync(&mut world, "allOrgSync", &deep), ["department-depth"]);
    let twice = departments(&[("a", ""), ("b", "a"), ("a", "b")]);
    assert_eq!(sync(&mut world, "allOrgSync", &twice), ["department-cycle", "department-repeated"]);
    assert_eq!(view(&world)["departments"][0]["parent_code"], "b", "the last one counts");
    let names: Vec<String> = (0..1_000_u32).map(|number| format!("n{number}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(sync(&mut world, "allOrgSync", &departments(&many)), ["department-count"]);
    assert!(sync(&mut world, "allOrgSync", &departments(&[("b", "a"), ("a", "")])).is_empty());
}

#[test]
fn an_alarm_names_tenant_and_instance() {
    let mut world = bound();
    sync(&mut world, "tenantSync", &json!({"instanceId": "i1", "tenantId": "t1", "name": "m", "flag": 2}));
    sync(&mut world, "authSync", &members(1, &[user("li")]));
    let work = world.due().remove(0);
    let settled = world.settle(&work.work, None, &refused());
    let alarm = &settled.alarms[0];
    assert_eq!((&*alarm.code, &*alarm.instance, &*alarm.tenant), ("effect-refused", "i1", "t1"));
    assert_eq!(kinds(&mut world), ["members_add"], "one bad record does not stop a tenant");
}

#[test]
fn nothing_behind_a_work_is_sent_before_it_and_tenants_go_side_by_side() {
    let mut world = bound();
    sync(&mut world, "authSync", &members(1, &[user("li")]));
    sync(&mut world, "authSync", &members(1, &[user("wang")]));
    let mut other = members(1, &[user("li")]);
    other["tenantId"] = json!("t2");
    sync(&mut world, "authSync", &other);
    for outcome in [Outcome::Failed, Outcome::Accepted] {
        let due = world.due();
        let names: Vec<Value> = due.iter().map(|work| data(work)["users"][0]["user_name"].clone()).collect();
        assert!(names.iter().all(|name| name == "li"), "{names:?}");
        for work in due {
            world.settle(&work.work, None, &outcome);
        }
        assert!(world.due().is_empty());
        world.now += 10_000;
    }
    assert_eq!(deliver(&mut world).len(), 3);
}

#[test]
fn a_tenant_is_another_one_under_another_instance() {
    let mut world = bound();
    let mut elsewhere = tenant(1);
    elsewhere["instanceId"] = json!("i2");
    elsewhere["name"] = json!("elsewhere");
    sync(&mut world, "tenantSync", &elsewhere);
    elsewhere["instanceId"] = json!("");
    sync(&mut world, "tenantSync", &elsewhere);
    sync(&mut world, "tenantSync", &tenant(0));
    assert_eq!(view(&world)["tenant"]["bound"], false);
    for instance in ["i2", ""] {
        let found = view_of(&world, "t1", instance);
        assert_eq!(
            (&found["tenant"]["bound"], &found["tenant"]["instance_id"]),
            (&json!(true), &json!(instance))
        );
    }
}

#[test]
fn the_same_user_twice_counts_as_the_last() {
    let mut world = bound();
    let mut last = user("li");
    last["role"] = json!("admin");
    sync(&mut world, "authSync", &members(1, &[user("li"), user("wang"), last]));
    let told = deliver(&mut world);
    let names: Vec<&str> =
        told[0]["users"].as_array().unwrap().iter().map(|one| one["user_name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(view(&world)["members"][0]["role"], "admin");
}

#[test]
fn a_test_call_keeps_nothing() {
    let mut world = world();
    let mut fields = tenant(1);
    fields["testFlag"] = json!(1);
    sync(&mut world, "tenantSync", &fields);
    assert_eq!((view(&world)["tenant"].clone(), world.works()), (Value::Null, 0));
    let mut world = with(&json!({"test_effects": true}));
    let now = world.now;
    let verdict = admit(&mut world, "tenantSync", &fields, now);
    let Turn::Work { admission, assignment, question: true } = world.decide_verdict(verdict) else {
        panic!("the backend is asked")
    };
    let message: Value = serde_json::from_str(&assignment.effect.body).unwrap();
    assert_eq!((&message["subject"], &message["data"]["test"]), (&json!("t1"), &json!(true)));
    let settled = world.settle(&assignment.work, Some(&admission), &done());
    assert_eq!(settled.answer.unwrap().status, 200);
    assert_eq!((view(&world)["tenant"].clone(), world.works()), (Value::Null, 0));
}

#[test]
fn the_same_bytes_are_taken_once() {
    let mut world = world();
    let now = world.now;
    for (nonce, code) in [("n1", "000000"), ("n1", "000001"), ("n2", "000000")] {
        let verdict = admit_again(&mut world, "tenantSync", &tenant(1), now, nonce);
        assert_eq!(world.decide_verdict(verdict).code(), code);
    }
}

/// A route that opens secrets, and a ciphertext under its key.
fn secretive() -> (Value, Value, String) {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/oaep.json")).unwrap();
    let find = |list: &str, id: &str| {
        let list = vectors[list].as_array().unwrap();
        list.iter().find(|one| one["id"] == id).unwrap().clone()
    };
    let case = find("opened", "first: sha-256/sha-1: a secret");
    let bytes = |name: &str| hex::decode(case[name].as_str().unwrap().as_bytes()).unwrap();
    let cipher = countersign_core::wire::base64::encode(&bytes("ciphertext"));
    let plain = String::from_utf8(bytes("plain")).unwrap();
    (json!({"private_keys": [find("keys", "first")["pem"]]}), json!(cipher), plain)
}

#[test]
fn a_secret_is_kept_as_it_came_and_shown_to_who_asks_for_it() {
    let (route, cipher, plain) = secretive();
    let mut world = with(&route);
    let now = world.now;
    let fields = application(1, cipher.as_str().unwrap());
    let Verdict::Admitted(admitted) = admit(&mut world, "applicationSync", &fields, now) else { panic!() };
    let shown = world.seller.reveal(&admitted.admission).unwrap();
    assert_eq!(shown.to_json(), json!({ "client_secret": plain }).to_string());
    assert!(!format!("{shown:?} {admitted:?}").contains(&plain));
    assert!(!admitted.event.to_redacted_json().contains(cipher.as_str().unwrap()));
    world.decide(&admitted.admission, &admitted.keys);
    for (bytes, _) in world.rows.values() {
        assert!(!String::from_utf8_lossy(bytes).contains(&plain));
    }
    let told = deliver(&mut world);
    assert_eq!((&told[0]["client_secret"], &told[0]["oaep"]), (&cipher, &json!("sha-256/sha-1")));
    assert!(told[0].get("end_sessions").is_none());
}

#[test]
fn what_holds_no_secret_has_nothing_to_show() {
    let (route, ..) = secretive();
    for (world, fields) in [
        (&mut with(&route), application(0, "")),
        (&mut with(&route), application(2, "")),
        (&mut world(), application(1, "kept as it came")),
    ] {
        let now = world.now;
        let Verdict::Admitted(admitted) = admit(world, "applicationSync", &fields, now) else {
            panic!("{fields}")
        };
        assert_eq!(
            world.seller.reveal(&admitted.admission).err(),
            Some(ReasonCode::NothingToReveal),
            "{fields}"
        );
    }
    let other = Seller::from_json(
        json!({"routes": [{"path": "/x", "dialect": "kit-v2", "keys": ["another-key-0000001"]}]})
            .to_string()
            .as_bytes(),
    );
    assert_eq!(other.unwrap().reveal(b"").err(), Some(ReasonCode::ForeignAdmission));
}
