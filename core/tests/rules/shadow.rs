//! The gate beside an old handler: it learns, compares, and never acts.

use countersign_core::crypto::{CbcKey, Iv, KeyLength, MacKey, credential};
use countersign_core::ledger::Change;
use countersign_core::wire::base64;
use countersign_core::{Difference, DifferenceCode, OldAnswer, Seen, Shadowed, Verdict};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{
    KEY, START, Turn, World, call, data, done, freeze, order, release, renewal, signed, unfreeze,
};

/// An answer of an old handler that does everything right.
fn old(body: &Value) -> OldAnswer {
    old_bytes(body.to_string().into_bytes())
}

fn old_bytes(body: Vec<u8>) -> OldAnswer {
    let signature = base64::encode(&MacKey::new(KEY.as_bytes()).mac(&[&body]));
    let headers = vec![
        ("Content-Type".to_string(), "application/json;charset=utf-8".to_string()),
        ("Body-Sign".to_string(), format!("sign_type=\"HMAC-SHA256\", signature= \"{signature}\"")),
    ];
    OldAnswer { status: 200, headers, body, took_ms: 20 }
}

fn success(more: &Value) -> OldAnswer {
    let mut body = json!({"resultCode": "000000", "resultMsg": "ok"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    old(&body)
}

fn coded(code: &str) -> OldAnswer {
    old(&json!({"resultCode": code, "resultMsg": "x"}))
}

fn encrypted(text: &str) -> String {
    let key = CbcKey::derive(KEY.as_bytes(), KeyLength::Aes256);
    credential::encrypt(&key, &Iv::new(*b"AbCdEfGh12345678").unwrap(), text.as_bytes())
}

fn app(password: &str) -> Value {
    json!({"frontEndUrl": "https://old.example.com", "userName": "u", "password": password})
}

fn v1_create(order: &str, business: &str) -> Vec<(&'static str, String)> {
    vec![("activity", "newInstance".into()), ("orderId", order.into()), ("businessId", business.into())]
}

impl World {
    /// Looks at the call and commits what was learned.
    fn look(&mut self, verdict: Verdict, old: &OldAnswer) -> Seen {
        let Verdict::Admitted(admitted) = verdict else { panic!("refused") };
        let mut loaded = Vec::new();
        let mut wanted = admitted.keys.clone();
        for _ in 0..8 {
            loaded.extend(self.load(&wanted));
            let entropy = self.draw();
            match self.seller.shadow(&admitted.admission, old, &loaded, self.now, &entropy).unwrap() {
                Shadowed::Need { keys } => wanted = keys,
                Shadowed::Seen(seen) => {
                    assert!(self.commit(&seen.commit));
                    assert_eq!(self.works(), 0, "nothing is ever owed");
                    return seen;
                }
            }
        }
        panic!("needs too many rounds")
    }

    fn look_v2(&mut self, fields: &Value, old: &OldAnswer) -> Seen {
        self.now += 10;
        let verdict = self.admit_v2("/v2", fields);
        self.look(verdict, old)
    }

    fn look_v1(&mut self, pairs: &[(&'static str, String)], old: &OldAnswer) -> Seen {
        self.now += 10;
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let verdict = self.admit_v1(&pairs);
        self.look(verdict, old)
    }
}

/// `code`, or `code own theirs`.
fn shown(difference: &Difference) -> String {
    let code = difference.code.code();
    match (&difference.own, &difference.theirs, &difference.field) {
        (Some(own), Some(theirs), _) => format!("{code} {own} {theirs}"),
        (_, _, Some(field)) => format!("{code} {field}"),
        _ => code.to_string(),
    }
}

fn differences(seen: &Seen) -> String {
    seen.differences.iter().map(shown).collect::<Vec<String>>().join(", ")
}

#[test]
fn a_create_keeps_the_old_instance_id_through_the_cut_over() {
    let mut world = World::new();
    let answer = success(&json!({"instanceId": "old-1"}));
    assert_eq!(differences(&world.look_v2(&order("CS1", "b1"), &answer)), "");
    assert_eq!(differences(&world.look_v2(&order("CS1", "b2"), &answer)), "", "an honest repeat");
    let listed = success(&json!({"info": [{"instanceId": "old-1", "appInfo": app("p")}]}));
    assert_eq!(differences(&world.look_v2(&call("queryInstance", "old-1", &[]), &listed)), "");

    let repeat = world.v2(&order("CS1", "b3")).json();
    assert_eq!((&repeat["resultCode"], &repeat["instanceId"]), (&json!("000000"), &json!("old-1")));
    let query = world.v2(&call("queryInstance", "old-1", &[])).json();
    assert_eq!(query["info"][0]["appInfo"], app("p"), "the query taught the address");
    assert_eq!(world.v2_through(&freeze("old-1"), &done())["resultCode"], "000000");
}

#[test]
fn a_v1_create_brings_its_credentials() {
    let mut world = World::new();
    let info = json!({"frontEndUrl": "https://old.example.com", "userName": encrypted("u"), "password": encrypted("pa55")});
    let answer = success(&json!({"instanceId": "old-1", "encryptType": "1", "appInfo": info}));
    let seen = world.look_v1(&v1_create("CS1", "b1"), &answer);
    assert_eq!((differences(&seen).as_str(), seen.own.as_str()), ("", "000000"));
    let view = &world.instances()[0];
    assert_eq!((&view["instance_id"], &view["access"]["password"]), (&json!("old-1"), &json!("pa55")));
    let pairs = v1_create("CS1", "b2");
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let repeat = world.v1(&pairs).json();
    assert_eq!(
        (&repeat["instanceId"], &repeat["appInfo"]["frontEndUrl"]),
        (&json!("old-1"), &json!("https://old.example.com"))
    );
}

#[test]
fn a_second_instance_for_one_order_is_named_and_not_learned() {
    let mut world = World::new();
    world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "old-1"})));
    let seen = world.look_v2(&order("CS1", "b2"), &success(&json!({"instanceId": "old-2"})));
    assert_eq!(differences(&seen), "second-instance old-1 old-2");
    assert!(
        seen.commit.iter().all(|write| write.change == Change::Check || write.key.starts_with("replay/"))
    );
    assert_eq!(world.v2(&order("CS1", "b3")).json()["instanceId"], "old-1");
    assert_eq!(world.instances().len(), 1);
}

#[test]
fn two_creates_at_once_are_told_apart_whichever_is_seen_first() {
    let mut world = World::new();
    let Verdict::Admitted(one) = world.admit_v2("/v2", &order("CS1", "b1")) else { panic!() };
    let Verdict::Admitted(other) = world.admit_v2("/v2", &order("CS1", "b2")) else { panic!() };
    let look = |world: &World, admission: &[u8], id: &str| {
        let rows = world.load(&[countersign_core::ledger::instance_key("crm", id)]);
        let answer = success(&json!({"instanceId": id}));
        match world.seller.shadow(admission, &answer, &rows, world.now, &[3; 32]).unwrap() {
            Shadowed::Seen(seen) => seen,
            Shadowed::Need { keys } => panic!("{keys:?}"),
        }
    };
    let (first, second) = (look(&world, &one.admission, "old-1"), look(&world, &other.admission, "old-2"));
    assert!(world.commit(&first.commit));
    assert!(!world.commit(&second.commit), "it must look again");
    let seen = world.look(Verdict::Admitted(other), &success(&json!({"instanceId": "old-2"})));
    assert_eq!(differences(&seen), "second-instance old-1 old-2");
}

#[test]
fn one_instance_for_two_orders_is_named() {
    let mut world = World::new();
    let answer = success(&json!({"instanceId": "old-1"}));
    world.look_v2(&order("CS1", "b1"), &answer);
    let seen = world.look_v2(&order("CS2", "b2"), &answer);
    assert_eq!(seen.differences[0].code, DifferenceCode::InstanceReused);
    assert!(matches!(world.v2(&order("CS2", "b3")), Turn::Work { .. }), "nothing was learned of it");
}

#[test]
fn a_pending_create_keeps_the_id_that_the_platform_was_told() {
    let mut world = World::new();
    let pending = old(&json!({"resultCode": "000004", "resultMsg": "wait", "instanceId": "old-1"}));
    let seen = world.look_v2(&order("CS1", "b1"), &pending);
    assert_eq!((differences(&seen).as_str(), seen.own.as_str()), ("", "000004"));
    assert_eq!(differences(&world.look_v2(&call("queryInstance", "old-1", &[]), &coded("000004"))), "");
    let other = old(&json!({"resultCode": "000004", "resultMsg": "wait", "instanceId": "old-2"}));
    assert_eq!(differences(&world.look_v2(&order("CS1", "b2"), &other)), "second-instance old-1 old-2");

    let mut cut_over = world.copy();
    let (_, work) = cut_over.v2(&order("CS1", "b3")).work();
    assert_eq!(data(&work)["instance_id"], "old-1", "whoever opens it opens the one that was promised");

    let listed = success(&json!({"info": [{"instanceId": "old-1", "appInfo": app("p")}]}));
    assert_eq!(differences(&world.look_v2(&call("queryInstance", "old-1", &[]), &listed)), "");
    assert_eq!(world.phase("old-1"), "active");
    assert_eq!(world.v2(&order("CS1", "b4")).json()["instanceId"], "old-1");
}

#[test]
fn what_the_old_handler_did_not_do_is_not_learned() {
    let mut world = World::new();
    for answer in [coded("000005"), coded("000106"), OldAnswer { status: 500, ..coded("000005") }] {
        let seen = world.look_v2(&order("CS1", "b1"), &answer);
        assert!(seen.differences.iter().all(|one| one.code == DifferenceCode::HttpStatus), "{seen:?}");
    }
    assert!(world.rows.keys().all(|key| key.starts_with("replay/")), "{:?}", world.rows.keys());
    world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "a"})));
    world.look_v2(&freeze("a"), &coded("000005"));
    world.look_v2(&release("a"), &coded("000005"));
    assert_eq!(world.phase("a"), "active");
}

#[test]
fn a_life_is_followed() {
    let mut world = World::new();
    world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "a"})));
    let ok = success(&json!({}));
    for (fields, phase) in [
        (freeze("a"), "frozen"),
        (unfreeze("a"), "active"),
        (renewal("a", "R1", START + 90_000_000), "active"),
        (call("upgradeInstance", "a", &[("orderId", "U1")]), "active"),
        (call("changeInstanceCheck", "a", &[("productInfo", "{}")]), "active"),
        (release("a"), "released"),
        (release("a"), "released"),
    ] {
        assert_eq!(differences(&world.look_v2(&fields, &ok)), "", "{fields}");
        assert_eq!(world.phase("a"), phase, "{fields}");
    }
    assert_eq!(world.instances()[0]["expire_time"], json!((START + 90_000_000) / 1_000 * 1_000));
    let seen = world.look_v2(&freeze("a"), &ok);
    assert_eq!(differences(&seen), "result-code 000003 000000");
    assert_eq!(seen.reason.unwrap().code.code(), "instance-released");
    let listed = success(&json!({"info": [{"instanceId": "a", "appInfo": app("p")}]}));
    assert_eq!(
        differences(&world.look_v2(&call("queryInstance", "a", &[]), &listed)),
        "result-code 000003 000000"
    );
}

#[test]
fn the_reason_of_ours_is_told() {
    let mut world = World::new();
    let seen = world.look_v2(&freeze("never-seen"), &success(&json!({})));
    assert_eq!(differences(&seen), "result-code 000003 000000");
    assert_eq!(seen.reason.unwrap().code.code(), "unknown-instance", "import it");
    let mut adopting = World::with(&json!({"unknown_instance": "adopt"}));
    for answer in [success(&json!({})), coded("000003")] {
        assert_eq!(
            differences(&adopting.look_v2(&freeze("never-seen"), &answer)),
            "",
            "the backend would be asked"
        );
    }
    assert!(adopting.instances().is_empty());

    let fields = order("CS1", "b1");
    let first = world.admit_signed("/v2", &fields, world.now, "nonce-1");
    world.look(first, &success(&json!({"instanceId": "a"})));
    let again = world.admit_signed("/v2", &fields, world.now, "nonce-1");
    let seen = world.look(again, &success(&json!({"instanceId": "a"})));
    assert_eq!(
        (differences(&seen).as_str(), seen.reason.unwrap().code.code()),
        ("result-code 000001 000000", "replayed")
    );
}

#[test]
fn a_genuine_call_that_the_old_handler_turns_away_is_named() {
    for code in ["000001", "000002", "000003"] {
        let mut world = World::new();
        let seen = world.look_v2(&order("CS1", "b1"), &coded(code));
        assert_eq!(differences(&seen), format!("result-code 000000 {code}"));
    }
}

#[test]
fn a_refused_call_that_the_old_handler_lets_in_is_named() {
    let mut world = World::new();
    let (target, _) = signed("/v2", &order("CS1", "b"), world.now, "nonce");
    let Verdict::Refused(refusal) = world.admit_signed("/v2", &order("CS1", "b"), START - 61_000, "nonce")
    else {
        panic!()
    };
    let look = |answer: &OldAnswer| {
        let (own, reason) = (&refusal.answer, &refusal.reason);
        world.seller.shadow_refused("POST", target.as_bytes(), reason, own, answer).unwrap()
    };
    let seen = look(&success(&json!({"instanceId": "a"})));
    assert_eq!(differences(&seen), "result-code 000002 000000");
    assert_eq!(seen.reason.as_ref().unwrap().code.code(), "timestamp-stale");
    assert!(seen.commit.is_empty());
    assert_eq!(differences(&look(&coded("000002"))), "");
    let unknown =
        world.seller.shadow_refused("POST", b"/none", &refusal.reason, &refusal.answer, &coded("000002"));
    assert_eq!(unknown.unwrap_err().code(), "unknown-route");
}

#[test]
fn every_vice_has_its_code() {
    let unsigned = |mut answer: OldAnswer| {
        answer.headers.retain(|(name, _)| name != "Body-Sign");
        answer
    };
    let with = |name: &str, value: &str| {
        let mut answer = success(&json!({"instanceId": "a"}));
        answer.headers.retain(|(known, _)| known != name);
        answer.headers.push((name.to_string(), value.to_string()));
        answer
    };
    let good = success(&json!({"instanceId": "a"}));
    for (answer, wrong) in [
        (unsigned(good.clone()), "unsigned Body-Sign"),
        (with("Content-Type", "text/html"), "content-type"),
        (with("Body-Sign", "sign_type=\"HMAC-SHA256\", signature= \"AAAA\""), "signature-wrong Body-Sign"),
        (
            with("Body-Sign", &format!("sign_type=\"HMAC-SHA256\", signature= {}", base64::encode(&[0; 32]))),
            "signature-wrong Body-Sign",
        ),
        (OldAnswer { status: 500, ..good.clone() }, "http-status 200 500"),
        (OldAnswer { took_ms: 5_001, ..good.clone() }, "late"),
        (OldAnswer { body: b"<html>".to_vec(), ..unsigned(good.clone()) }, "unsigned Body-Sign, not-json"),
        (
            OldAnswer { body: b"{\"a\":1,\"a\":2}".to_vec(), ..unsigned(good.clone()) },
            "unsigned Body-Sign, not-json",
        ),
        (with("Body-Sign", &base64::encode(&[0; 32])), "signature-wrong Body-Sign"),
        (with("Body-Sign", ""), "signature-wrong Body-Sign"),
        (old(&json!({"resultMsg": "x", "instanceId": "a"})), "result-code-invalid resultCode"),
        (old(&json!({"resultCode": "000006", "instanceId": "a"})), "result-code-unknown resultCode"),
        (old(&json!({"resultCode": 0, "instanceId": "a"})), "result-code-invalid resultCode"),
        (success(&json!({})), "field-missing instanceId"),
        (success(&json!({"instanceId": "x".repeat(65)})), "over-limit instanceId"),
        (success(&json!({"instanceId": "a,b"})), "over-limit instanceId"),
        (success(&json!({"instanceId": 7})), "wrong-type instanceId"),
        (success(&json!({"instanceId": "a", "resultMsg": "x".repeat(256)})), "over-limit resultMsg"),
    ] {
        let mut world = World::new();
        assert_eq!(differences(&world.look_v2(&order("CS1", "b1"), &answer)), wrong);
    }
    let v1 = |more: Value| {
        let mut body = json!({"instanceId": "a", "appInfo": {"frontEndUrl": "https://u"}});
        for (name, value) in more.as_object().unwrap() {
            body["appInfo"][name] = value.clone();
        }
        success(&body)
    };
    let escaped = br#"{"resultCode":"000000","resultMsg":"\u597d","instanceId":"a","appInfo":{"frontEndUrl":"https://u","memo":"see \u6b22\u8fce"}}"#;
    let escaped = escaped.to_vec();
    for (answer, wrong) in [
        (unsigned(v1(json!({}))), "signature-missing Body-Sign"),
        (success(&json!({"instanceId": "a"})), "field-missing appInfo.frontEndUrl"),
        (success(&json!({"instanceId": "a", "appInfo": {}})), "field-missing appInfo.frontEndUrl"),
        (
            v1(json!({"frontEndUrl": "x".repeat(513)})),
            "over-limit frontEndUrl, field-missing appInfo.frontEndUrl",
        ),
        (
            v1(json!({"frontEndUrl": "javascript:alert(1)", "adminUrl": "old.example.com"})),
            "not-an-address frontEndUrl, not-an-address adminUrl",
        ),
        (v1(json!({"password": "plain"})), "undecryptable password"),
        (
            v1(json!({"userName": encrypted("u"), "password": encrypted(&"x".repeat(80))})),
            "over-limit password",
        ),
        (v1(json!({"memo": "x".repeat(1_025)})), "over-limit memo"),
        (v1(json!({"memo": "see 欢迎"})), "not-escaped memo"),
        (old_bytes(escaped), ""),
        (OldAnswer { took_ms: 20_000, ..v1(json!({})) }, ""),
    ] {
        let mut world = World::new();
        assert_eq!(differences(&world.look_v1(&v1_create("CS1", "b1"), &answer)), wrong);
    }
    let query = |body: Value| {
        let mut world = World::new();
        world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "a"})));
        differences(&world.look_v2(&call("queryInstance", "a", &[]), &success(&body)))
    };
    assert_eq!(query(json!({})), "field-missing info, instances a ");
    assert_eq!(query(json!({"info": [{}]})), "field-missing info.instanceId, instances a ");
    assert_eq!(query(json!({"info": [{"instanceId": "a"}, {"instanceId": "b"}]})), "instances a a,b");
    assert_eq!(query(json!({"info": [{"instanceId": "a"}]})), "");
}

/// The platform shows an example, and code without its blank is in use: whose MAC is right is not taken for a stranger.
#[test]
fn a_signature_in_another_spelling_is_no_wrong_one() {
    let good = success(&json!({"instanceId": "a"}));
    let mac = base64::encode(&MacKey::new(KEY.as_bytes()).mac(&[&good.body]));
    let look = |text: String| {
        let mut answer = good.clone();
        answer.headers.retain(|(name, _)| name != "Body-Sign");
        answer.headers.push(("body-sign".to_string(), text));
        differences(&World::new().look_v2(&order("CS1", "b1"), &answer))
    };
    assert_eq!(look(format!("sign_type=\"HMAC-SHA256\", signature= \"{mac}\"")), "", "as documented");
    for text in [
        format!("sign_type=\"HMAC-SHA256\", signature=\"{mac}\""),
        format!("sign_type=\"HMAC-SHA256\",signature=\"{mac}\""),
        format!("sign_type=\"HMAC-SHA256\",signature= \"{mac}\""),
        format!("sign_type=\"HMAC-SHA256\",  signature= \"{mac}\""),
        format!("sign_type=HMAC-SHA256, signature={mac}"),
        format!("sign_type='HMAC-SHA256', signature= '{mac}'"),
        format!("Sign_Type=\"hmac-sha256\", Signature= \"{mac}\""),
        format!("signature=\"{mac}\""),
        mac.clone(),
    ] {
        assert_eq!(look(text.clone()), "spelling Body-Sign", "{text}");
    }
    let other = base64::encode(&MacKey::new(b"another-key").mac(&[&good.body]));
    assert_eq!(look(format!("sign_type=\"HMAC-SHA256\",signature=\"{other}\"")), "signature-wrong Body-Sign");
    assert_eq!(look(mac.trim_end_matches('=').to_string()), "signature-wrong Body-Sign", "no Base64");
}

#[test]
fn result_codes_of_the_tables_are_no_surprise() {
    for code in ["000001", "000002", "000003", "000005", "000100", "000107"] {
        let mut world = World::new();
        let seen = world.look_v2(&order("CS1", "b1"), &coded(code));
        assert!(seen.differences.iter().all(|one| one.code != DifferenceCode::ResultCodeUnknown), "{code}");
    }
    for code in ["000006", "000099", "000108", "000900", "100000", "999999"] {
        let mut world = World::new();
        let seen = world.look_v2(&order("CS1", "b1"), &coded(code));
        let unknown = seen.differences.iter().find(|one| one.code == DifferenceCode::ResultCodeUnknown);
        let unknown = unknown.unwrap_or_else(|| panic!("{code}"));
        assert_eq!((unknown.theirs.as_deref(), unknown.field.as_deref()), (Some(code), Some("resultCode")));
    }
}

#[test]
fn an_address_that_does_not_open_is_named_and_not_learned() {
    let mut world = World::new();
    let info =
        json!({"frontEndUrl": "old.example.com", "userName": encrypted("u"), "password": encrypted("pa55")});
    let answer = success(&json!({"instanceId": "old-1", "encryptType": "1", "appInfo": info}));
    let seen = world.look_v1(&v1_create("CS1", "b1"), &answer);
    assert_eq!(differences(&seen), "not-an-address frontEndUrl");
    let view = &world.instances()[0];
    assert_eq!(
        (&view["instance_id"], view.get("access")),
        (&json!("old-1"), None),
        "the id counts all the same"
    );
}

#[test]
fn other_access_data_are_taken_over_and_benign() {
    let mut world = World::new();
    world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "a"})));
    let listed = |password: &str| success(&json!({"info": [{"instanceId": "a", "appInfo": app(password)}]}));
    let query = call("queryInstance", "a", &[]);
    assert_eq!(differences(&world.look_v2(&query, &listed("p"))), "", "news, not a change");
    assert_eq!(differences(&world.look_v2(&query, &listed("p"))), "");
    let seen = world.look_v2(&query, &listed("s3cret"));
    assert_eq!(differences(&seen), "access-changed");
    assert!(seen.differences[0].code.is_benign());
    assert_eq!(world.v2(&query).json()["info"][0]["appInfo"]["password"], "s3cret");
    let shown = format!("{:?}", seen.differences);
    assert!(!shown.contains("s3cret") && !shown.contains("example.com"), "{shown}");
}

#[test]
fn test_traffic_is_compared_and_its_creates_remembered() {
    let mut world = World::new();
    let mut create = order("CS1", "b1");
    create["testFlag"] = json!("1");
    assert_eq!(differences(&world.look_v2(&create, &success(&json!({"instanceId": "t-1"})))), "");
    assert_eq!(
        differences(&world.look_v2(&create, &success(&json!({"instanceId": "t-2"})))),
        "second-instance t-1 t-2"
    );
    assert_eq!(world.v2(&create).json()["instanceId"], "t-1");
    let mut frozen = freeze("gone");
    frozen["testFlag"] = json!("1");
    assert_eq!(differences(&world.look_v2(&frozen, &coded("000003"))), "result-code 000000 000003");
    assert!(world.instances().is_empty());
}

#[test]
fn a_refused_upgrade_is_remembered_for_its_own_bytes() {
    let mut world = World::new();
    world.look_v2(&order("CS1", "a"), &success(&json!({"instanceId": "a", "appInfo": app("p")})));
    let upgrade = |order: &str| call("upgradeInstance", "a", &[("orderId", order), ("orderLineId", "1")]);
    let first_at = world.now + 10;
    assert_eq!(differences(&world.look_v2(&upgrade("U1"), &coded("000106"))), "");
    assert_eq!(differences(&world.look_v2(&upgrade("U2"), &success(&json!({})))), "");
    let verdict = world.admit_signed("/v2", &upgrade("U1"), first_at, "nonce1");
    let seen = world.look(verdict, &coded("000106"));
    assert_eq!((differences(&seen), seen.own.as_str()), (String::new(), "000106"));
    // After the cut-over too.
    let verdict = world.admit_signed("/v2", &upgrade("U1"), first_at, "nonce2");
    assert_eq!(world.decide_verdict(verdict).code(), "000106");
    assert!(matches!(world.v2(&upgrade("U1")), Turn::Work { .. }), "a later call runs");
}

#[test]
fn no_work_row_is_ever_put() {
    let mut world = World::new();
    let seen = world.look_v2(&order("CS1", "b1"), &success(&json!({"instanceId": "a"})));
    let puts_work = seen
        .commit
        .iter()
        .any(|write| write.key.starts_with("work/") && matches!(write.change, Change::Put { .. }));
    assert!(!puts_work, "{:?}", seen.commit);
    assert!(world.due().is_empty());
}

proptest! {
    #[test]
    fn any_answer_is_looked_at(
        status: u16,
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..60),
            "\\{\"resultCode\":\"00000[0-9]\",\"instanceId\":\"[a-z,]{0,4}\",\"info\":\\[(\\{\\})?\\]\\}".prop_map(String::into_bytes),
        ],
        name in "[A-Za-z-]{0,12}",
        kind in 0..4_u8,
    ) {
        let mut world = World::new();
        world.open("a");
        let fields = match kind {
            0 => order("CS1", "b"),
            1 => freeze("a"),
            2 => call("queryInstance", "a", &[]),
            _ => release("x"),
        };
        let answer = OldAnswer { status, headers: vec![(name, "x".into())], body, took_ms: 1 };
        let seen = world.look_v2(&fields, &answer);
        prop_assert!(seen.own.len() == 6);
    }
}
