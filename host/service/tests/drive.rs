//! The black-box face: imports, exports and numbers of any size, the same on both engines.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeMap;

use countersign::config::EngineKind;
use countersign::drive::Driver;
use countersign_core::crypto::MacKey;
use countersign_core::wire::{base64, hex};
use countersign_simulator::account::{Centre, Layout};
use serde_json::value::RawValue;
use serde_json::{Value, json};

fn driver(engine: EngineKind) -> Driver {
    let mut driver = Driver::new(engine.engine().unwrap()).unwrap();
    let config = json!({"routes": [
        {"path": "/v2", "dialect": "saas-v2", "keys": ["k"], "product": "crm"},
        {"path": "/v1", "dialect": "saas-v1", "keys": ["k"], "product": "classic"},
    ]});
    assert_eq!(ask(&mut driver, &json!({"op": "open", "config": config})), json!({"seller": 1}));
    driver
}

fn ask(driver: &mut Driver, line: &Value) -> Value {
    serde_json::from_str(&driver.answer(line.to_string().as_bytes())).unwrap()
}

fn import(driver: &mut Driver, instance: &Value, rows: &Value) -> Value {
    let entropy = "07".repeat(32);
    let line = json!({"op": "import", "seller": 1, "instance": instance, "rows": rows, "now": 1_700_000_000_000_u64, "entropy": entropy});
    ask(driver, &line)
}

/// One import from the first question to the rows, and the way out again.
fn story(engine: EngineKind) -> Vec<Value> {
    let driver = &mut driver(engine);
    let instance = json!({"product": "crm", "orderId": "CS1", "orderLineId": "1", "instanceId": "old", "frontEndUrl": "https://a.example"});
    let need = import(driver, &instance, &json!([]));
    assert_eq!(need, json!({"decision": "need", "keys": ["order/crm/CS1/line/1", "instance/crm/old"]}));
    let absent = json!([{"key": "order/crm/CS1/line/1"}, {"key": "instance/crm/old"}]);
    let commit = import(driver, &instance, &absent);
    assert_eq!(commit["decision"], "commit");
    let put = |write: &Value| json!({"key": write["key"], "value_base64": write["put_base64"], "version": 1});
    let rows: Vec<Value> = commit["commit"].as_array().unwrap().iter().map(put).collect();
    assert_eq!(import(driver, &instance, &json!(rows)), json!({"decision": "unchanged"}));
    let mut other = instance.clone();
    other["phase"] = json!("frozen");
    let refused = import(driver, &other, &json!(rows));
    assert_eq!(
        (&refused["decision"], &refused["problems"][0]["code"]),
        (&json!("refused"), &json!("conflict"))
    );
    let row = rows.iter().find(|row| row["key"] == "instance/crm/old").unwrap();
    let exported = ask(driver, &json!({"op": "export", "seller": 1, "row": row, "with_access": true}));
    assert_eq!(exported["instance"]["access"]["front_end_url"], "https://a.example");
    let bare = ask(driver, &json!({"op": "export", "seller": 1, "row": row}));
    assert_eq!(bare["instance"].get("access"), None);
    let broken = ask(
        driver,
        &json!({"op": "export", "seller": 1, "row": {"key": "x", "value_base64": "AAAA", "version": 1}}),
    );
    assert_eq!(broken["error"]["code"], "corrupt-row");
    for wrong in [json!({"op": "import", "seller": 1}), json!({"op": "export", "seller": 1})] {
        assert_eq!(ask(driver, &wrong)["error"]["code"], "malformed-frame");
    }
    vec![need, commit, refused, exported, bare]
}

#[test]
fn both_engines_import_and_export_alike() {
    assert_eq!(story(EngineKind::Native), story(EngineKind::Wasm));
}

/// A number keeps the digits that it came with, however many they are, wherever an event passes.
#[test]
fn numbers_of_any_size_pass_through_every_operation() {
    let digits = "7".repeat(20_000);
    let numbers = format!(r#""big":1e999999,"digits":{digits},"small":1e-999999,"point":1.10,"zero":-0.0"#);
    let body = format!(
        r#"{{"activity":"newInstance","orderId":"CS9","orderLineId":"1","businessId":"b9",{numbers}}}"#
    );
    let (now, stamp) = (1_700_000_000_000_u64, "1700000000000");
    let mac = MacKey::new(b"k");
    let inner = hex::encode(&mac.mac(&[body.as_bytes()]));
    let signature = hex::encode(&mac.mac(&[b"k", b"n", stamp.as_bytes(), inner.as_bytes()]));
    let request = json!({"method": "POST", "target": format!("/v2?signature={signature}&timestamp={stamp}&nonce=n"), "body": body});
    let expected = format!(r#""extra":{{{numbers}}}"#);
    let mut said = Vec::new();
    for engine in [EngineKind::Native, EngineKind::Wasm] {
        let mut driver = driver(engine);
        let mut say = |line: &str| driver.answer(line.as_bytes());
        let common = format!(
            r#""seller":1,"now":{now},"request_id":"{}","entropy":"{}""#,
            "00".repeat(16),
            "07".repeat(32)
        );
        let admitted = say(&format!(r#"{{"op":"admit",{common},"request":{request}}}"#));
        assert!(admitted.contains(&expected), "{}", &admitted[..200.min(admitted.len())]);
        let read: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&admitted).unwrap();
        let keys: Vec<String> = serde_json::from_str(read["keys"].get()).unwrap();
        let rows: Vec<Value> = keys.iter().map(|key| json!({"key": key})).collect();
        let line =
            format!(r#"{{"op":"decide",{common},"admission":{},"rows":{}}}"#, read["admission"], json!(rows));
        let decided = say(&line);
        assert!(decided.contains(&expected), "{}", &decided[..200.min(decided.len())]);
        let outcome = r#"[{"kind":"done","answer":{"front_end_url":"https://a.example","size":1e999999}}]"#;
        let handled = say(&format!(r#"{{"op":"handle",{common},"request":{request},"outcomes":{outcome}}}"#));
        assert!(
            handled.contains(&expected) && handled.contains(r#""reason":null"#),
            "{}",
            &handled[..200.min(handled.len())]
        );
        let import = say(&format!(r#"{{"op":"import",{common},"instance":{{"expire_time":1e999999}}}}"#));
        assert!(import.contains(r#""path":"expire_time""#), "{import}");
        let config = r#"{"routes":[{"path":"/x","dialect":"saas-v2","keys":["k"],"window_ms":1e999999}]}"#;
        let opened = say(&format!(r#"{{"op":"open","config":{config}}}"#));
        assert!(opened.contains(r#""path":"routes[0].window_ms""#), "{opened}");
        said.push([admitted, decided, handled, import, opened]);
    }
    assert!(said[0] == said[1], "both engines say the same");
}

const NOTICES: &str = "generic-access-key-0001";
const START: u64 = 1_700_000_000_000;

/// One driver with a route of notices, and one of another seller beside it.
fn notices(engine: EngineKind) -> Driver {
    let mut driver = Driver::new(engine.engine().unwrap()).unwrap();
    for (seller, product) in [(1, "crm"), (2, "erp")] {
        let config = json!({"routes": [
            {"path": "/notify", "dialect": "order-notify", "keys": [NOTICES], "product": product},
        ]});
        assert_eq!(ask(&mut driver, &json!({"op": "open", "config": config})), json!({"seller": seller}));
    }
    driver
}

fn notify(driver: &mut Driver, seller: u64, line: &str, now: u64, outcomes: &Value) -> Value {
    let fields = json!({"activity": "orderNotify", "orderId": "CS1", "orderLineId": line});
    let sign = json!({"op": "sign", "dialect": "order-notify", "key": NOTICES, "path": "/notify", "fields": fields,
        "now": now, "nonce": format!("nonce{seller}{line}{now}")});
    let signed = ask(driver, &sign);
    let entropy = format!("{:064x}", now % 100_000 + seller * 100_000_000 + line.len() as u64);
    let handle = json!({"op": "handle", "seller": seller, "request": signed["request"], "now": now,
        "outcomes": outcomes, "request_id": "01".repeat(16), "entropy": entropy});
    ask(driver, &handle)
}

fn deliver(driver: &mut Driver, seller: u64, now: u64, outcomes: &Value) -> Value {
    let entropy = "09".repeat(32);
    let line =
        json!({"op": "deliver", "seller": seller, "now": now, "outcomes": outcomes, "entropy": entropy});
    ask(driver, &line)
}

fn code(handled: &Value) -> Value {
    let body = base64::decode(handled["answer"]["body_base64"].as_str().unwrap().as_bytes());
    serde_json::from_slice::<Value>(&body.unwrap()).unwrap()["resultCode"].clone()
}

fn lines(said: &Value) -> Vec<&str> {
    let effects = said["effects"].as_array().unwrap().iter();
    effects.map(|effect| effect["data"]["order_line_id"].as_str().unwrap()).collect()
}

/// A call that is answered first: its steps, what was sent for it, and what stays owed.
fn notices_are_delivered(engine: EngineKind) -> Vec<Value> {
    let driver = &mut notices(engine);
    let (done, failed) = (json!({"kind": "done"}), json!({"kind": "failed"}));
    let told = notify(driver, 1, "1", START, &json!([done, failed]));
    assert_eq!((&code(&told), &told["reason"]), (&json!("000000"), &Value::Null));
    assert_eq!(told["steps"], json!(["admitted", "answered", "delivered"]), "one outcome is enough");
    assert_eq!(lines(&told), ["1"]);
    assert_eq!(
        deliver(driver, 1, START, &json!([done])),
        json!({"effects": [], "steps": [], "next_at": null})
    );

    let owed = notify(driver, 1, "2", START + 1, &json!([]));
    assert_eq!((&owed["steps"], &owed["effects"]), (&json!(["admitted", "answered"]), &json!([])));
    let joined = notify(driver, 1, "2", START + 2, &json!([done]));
    assert_eq!((&joined["steps"], &joined["effects"]), (&json!(["admitted", "answered"]), &json!([])));
    let behind = notify(driver, 1, "3", START + 3, &json!([done]));
    assert_eq!(
        (&behind["steps"], &behind["effects"]),
        (&json!(["admitted", "answered"]), &json!([])),
        "it waits"
    );
    assert_eq!(deliver(driver, 1, START + 4, &json!([]))["next_at"], START + 1);
    assert_eq!(
        deliver(driver, 2, START + 4, &json!([done])),
        json!({"effects": [], "steps": [], "next_at": null})
    );

    let first = deliver(driver, 1, START + 4, &json!([failed, done]));
    assert_eq!((lines(&first), &first["steps"]), (vec!["2"], &json!(["delivered"])));
    assert_eq!(first["next_at"], START + 1_004, "and what is behind it waits as well");
    let rest = deliver(driver, 1, START + 1_004, &json!([done, done, done]));
    assert_eq!((lines(&rest), &rest["steps"]), (vec!["2", "3"], &json!(["delivered", "delivered"])));
    assert_eq!(rest["next_at"], Value::Null);

    let refused = json!({"kind": "refused", "answer": {"code": "000002", "message": "no"}});
    let told_off = notify(driver, 1, "4", START + 2_000, &json!([refused]));
    assert_eq!(told_off["steps"], json!(["admitted", "answered", "alarm", "delivered"]));
    assert_eq!((&code(&told_off), &told_off["reason"]), (&json!("000000"), &Value::Null));
    let wrong = ask(driver, &json!({"op": "deliver", "seller": 9}));
    assert_eq!(wrong["error"]["code"], "unknown-seller");
    vec![told, owed, joined, behind, first, rest, told_off]
}

#[test]
fn a_notice_is_answered_first_and_delivered_in_its_order_on_both_engines() {
    assert_eq!(notices_are_delivered(EngineKind::Native), notices_are_delivered(EngineKind::Wasm));
}

/// `deliver` sends whatever is owed, not notices alone.
#[test]
fn a_renewal_that_failed_is_delivered_later() {
    let driver = &mut driver(EngineKind::Native);
    let sign = |driver: &mut Driver, fields: Value, now: u64| {
        let line = json!({"op": "sign", "dialect": "saas-v2", "key": "k", "path": "/v2", "fields": fields, "now": now,
            "nonce": format!("nonce{now}")});
        ask(driver, &line)["request"].clone()
    };
    let handle = |driver: &mut Driver, request: Value, now: u64, outcomes: Value| {
        let line = json!({"op": "handle", "seller": 1, "request": request, "now": now, "outcomes": outcomes,
            "request_id": format!("{now:032x}"), "entropy": format!("{now:064x}")});
        ask(driver, &line)
    };
    let order = json!({"activity": "newInstance", "orderId": "CS1", "orderLineId": "1", "businessId": "b"});
    let request = sign(driver, order, START);
    let access = json!({"kind": "done", "answer": {"front_end_url": "https://a.example"}});
    assert_eq!(
        handle(driver, request, START, json!([access]))["steps"],
        json!(["admitted", "performed", "settled"])
    );
    let freeze = json!({"activity": "updateInstanceStatus", "instanceId": "b", "status": "FREEZE"});
    let request = sign(driver, freeze, START + 1);
    let outcomes = json!([{"kind": "failed"}, {"kind": "done"}]);
    let failed = handle(driver, request, START + 1, outcomes.clone());
    assert_eq!(failed["steps"], json!(["admitted", "performed", "settled"]), "nothing of it is sent twice");
    let early = deliver(driver, 1, START + 500, &outcomes);
    assert_eq!((&early["steps"], &early["next_at"]), (&json!([]), &json!(START + 1_001)));
    let late = deliver(driver, 1, START + 1_001, &json!([{"kind": "done"}]));
    assert_eq!((&late["steps"], &late["next_at"]), (&json!(["delivered"]), &Value::Null));
    assert_eq!(late["effects"][0]["type"], "countersign.freeze");
}

/// Events of an identity centre in every layout: what the platform's side seals, the gate opens, and the other way round.
#[test]
fn account_events_are_signed_and_answered_in_every_layout() {
    let keys = json!({"signature_key": "SignKey012345678", "encryption_key": "EncKey0123456789"});
    for layout in Layout::ALL {
        let mut driver = Driver::new(EngineKind::Native.engine().unwrap()).unwrap();
        let driver = &mut driver;
        let algorithm = match layout {
            Layout::Ecb => "AES/ECB/PKCS5Padding",
            Layout::Plain => "none",
            _ => "AES/GCM/NoPadding",
        };
        let ring = if layout == Layout::Plain { json!([]) } else { json!([keys["encryption_key"]]) };
        let config = json!({"routes": [{
            "path": "/account", "dialect": "account-events", "product": "accounts", "token": "t-0001",
            "signature_keys": [keys["signature_key"]], "encryption_keys": ring, "algorithm": algorithm,
        }]});
        let seller = ask(driver, &json!({"op": "open", "config": config}))["seller"].clone();
        let message = json!({"username": "wang", "name": "王&芳"});
        let mut sign = json!({"op": "sign", "dialect": "account-events", "token": "t-0001", "path": "/account",
            "algorithm": algorithm, "fields": {"eventType": "CREATE_USER", "message": message}, "now": START});
        for (name, value) in keys.as_object().unwrap() {
            sign[name] = value.clone();
        }
        if algorithm == "AES/GCM/NoPadding" {
            sign["layout"] = json!(layout.name());
        }
        let signed = ask(driver, &sign);
        let handle = json!({"op": "handle", "seller": seller, "request": signed["request"], "now": START,
            "request_id": "00".repeat(16), "entropy": "00".repeat(32),
            "outcomes": [{"kind": "done", "answer": {"id": "u-1"}}]});
        let handled = ask(driver, &handle);
        let name = layout.name();
        assert_eq!(handled["effects"][0]["data"]["message"], message, "{name}: {handled}");
        assert_eq!(handled["effects"][0]["data"]["layout"], *name, "{handled}");
        let answer = base64::decode(handled["answer"]["body_base64"].as_str().unwrap().as_bytes()).unwrap();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        let key: &[u8; 16] = b"EncKey0123456789";
        let centre = Centre { token: "", signature_key: None, encryption_key: key, layout };
        let data = centre.open(answer["data"].as_str().unwrap()).unwrap();
        assert_eq!((data.as_str(), &answer["code"]), (r#"{"id":"u-1"}"#, &json!("200")), "{name}");
    }
}
