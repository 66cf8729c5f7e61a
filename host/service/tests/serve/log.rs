//! What an engineer on call reads: one line for each call that was refused, with what makes it plain, and never a secret.

use std::path::Path;

use countersign_simulator::calls::saas_v2;
use countersign_simulator::transport::{Plain, Transport};
use countersign_simulator::{AccessKey, Dialect, Entropy, Fields, HttpRequest, SignInput, sign};
use serde_json::{Value, json};

use crate::support::process::Process;
use crate::support::{Backend, KEY, Platform, Reply, WEBHOOK_SECRET, access, now_ms};

const SECOND_KEY: &str = "test-access-key-0002";

fn serve(folder: &Path, backend: &Backend, log: &str, more: &str) -> Process {
    let file = folder.join("countersign.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n{more}\n[log]\n{log}\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\", \"{SECOND_KEY}\"]\nproduct = \"crm\"\n",
        backend.url()
    );
    std::fs::write(&file, text).unwrap();
    Process::serve(&file, &[])
}

fn signed(platform: &Platform, key: &str, fields: &Fields, now: u64) -> HttpRequest {
    let key = AccessKey::new(key);
    let host = platform.address.to_string();
    let nonce = Entropy::from_seed(now ^ fields.len() as u64).nonce();
    let input = SignInput {
        dialect: Dialect::SaasV2,
        key: &key,
        host: &host,
        path: "/v2",
        fields,
        now_ms: now,
        nonce: &nonce,
    };
    sign(&input).unwrap()
}

fn send(platform: &Platform, request: &HttpRequest) {
    let _ = Plain::to(platform.address.to_string()).send(request).unwrap();
}

/// Ends the process; the lines of its log.
fn ended(process: Process) -> Vec<Value> {
    process.signal("-TERM");
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    log.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

fn of<'l>(lines: &'l [Value], message: &str) -> Vec<&'l Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

/// The one line of a call that ended so.
fn call<'l>(lines: &'l [Value], result: &str) -> &'l Value {
    let all: Vec<_> = of(lines, "call").into_iter().filter(|line| line["result"] == result).collect();
    assert_eq!(all.len(), 1, "{result}: {lines:#?}");
    all[0]
}

fn members(line: &Value, names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| ((*name).to_owned(), line[name].clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn every_refusal_says_where_it_came_from_and_what_makes_it_plain() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let process = serve(folder.path(), &backend, "format = \"json\"", "");
    let platform = process.platform();
    let fields = platform.purchase(Dialect::SaasV2, &platform.order());
    let change = |name: &str, value: Value| {
        let mut changed = fields.clone();
        changed.insert(name.to_owned(), value);
        changed
    };
    let genuine = signed(&platform, KEY, &fields, now_ms());
    send(&platform, &signed(&platform, KEY, &fields, now_ms() - 100_000));
    send(&platform, &signed(&platform, KEY, &fields, now_ms() + 100_000));
    send(&platform, &signed(&platform, "a-stranger-s-key-0001", &fields, now_ms()));
    send(&platform, &signed(&platform, KEY, &change("orderLineId", json!("")), now_ms()));
    send(&platform, &signed(&platform, KEY, &change("activity", json!("burnInstance")), now_ms()));
    send(&platform, &genuine);
    send(&platform, &genuine);
    let mut large = genuine.clone();
    large.body = vec![b' '; 70_000];
    send(&platform, &large);
    platform.raw(b"GET /nowhere?signature=s3cret HTTP/1.1\r\nHost: x\r\n\r\n");
    platform.raw(b"GET http://user:s3cret@x/v2?signature=s3cret HTTP/1.1\r\nHost: x\r\n\r\n");
    platform.raw(b"GET /v2 HTTP/1.1\r\n\r\n");
    platform.send(&signed(&platform, KEY, &saas_v2::query_instance(&["no-such-instance"]), now_ms()));
    let lines = ended(process);

    let about = ["level", "path", "product", "dialect", "status"];
    let ours = json!({"level": "WARN", "path": "/v2", "product": "crm", "dialect": "saas-v2", "status": 200});
    for result in [
        "timestamp-stale",
        "timestamp-future",
        "signature-mismatch",
        "field-missing",
        "unknown-activity",
        "body-too-large",
    ] {
        let line = call(&lines, result);
        assert_eq!(members(line, &about), ours, "{line}");
        assert!(line["peer"].as_str().unwrap().starts_with("127.0.0.1:"), "{line}");
    }
    let distance = |result: &str| call(&lines, result)["distance_ms"].as_i64().unwrap();
    assert!((-130_000..=-100_000).contains(&distance("timestamp-stale")));
    assert!((70_000..=100_000).contains(&distance("timestamp-future")));
    assert_eq!(call(&lines, "signature-mismatch")["keys_tried"], 2);
    assert_eq!(call(&lines, "field-missing")["field"], "orderLineId");
    assert_eq!(call(&lines, "unknown-activity")["activity"], "burnInstance");
    assert_eq!(call(&lines, "body-too-large")["limit"], 65_536);

    let ours = json!({"level": "INFO", "path": "/v2", "product": "crm", "dialect": "saas-v2", "status": 200});
    for result in ["replayed", "unknown-instance"] {
        let line = call(&lines, result);
        assert_eq!(members(line, &about), ours, "{line}");
        assert!(line["peer"].is_string(), "{line}");
    }
    assert_eq!(call(&lines, "unknown-instance")["instance"], "no-such-instance");
    let lost = members(call(&lines, "unknown-route"), &about);
    assert_eq!(
        lost,
        json!({"level": "INFO", "path": "/nowhere", "product": null, "dialect": null, "status": 404})
    );
    assert_eq!(call(&lines, "method-not-allowed")["path"], "/v2");
    let [unread] = of(&lines, "unread")[..] else { panic!("{lines:#?}") };
    assert_eq!((unread["status"].as_u64(), unread["peer"].is_string()), (Some(400), true));
    let log = Value::from(lines).to_string();
    for secret in ["s3cret", "signature=", KEY, SECOND_KEY] {
        assert!(!log.contains(secret), "{secret}");
    }
}

#[test]
fn every_step_of_an_admitted_call_says_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let process = serve(folder.path(), &backend, "format = \"json\"\nlevel = \"debug\"", "");
    let platform = process.platform();
    let order = platform.order();
    let fields = platform.purchase(Dialect::SaasV2, &order);
    let id = platform.call(Dialect::SaasV2, &fields).instance_id.unwrap();
    let lines = ended(process);
    for message in ["sent", "send", "settled", "call"] {
        let [line] = of(&lines, message)[..] else { panic!("{message}: {lines:#?}") };
        let about = members(line, &["product", "order", "instance"]);
        assert_eq!(about, json!({"product": "crm", "order": fields["orderId"], "instance": id}), "{line}");
        assert!(line["request"].is_string(), "{line}");
    }
}

#[test]
fn what_is_owed_says_how_often_it_was_sent_and_why_in_vain() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::status(500, ""));
    let more = "[settings]\nresend_limit_ms = 1000\neffect_deadline_ms = 1000\nlease_ms = 1500";
    let process = serve(folder.path(), &backend, "format = \"json\"", more);
    let platform = process.platform();
    let fields = platform.purchase(Dialect::SaasV1, &platform.order());
    assert_eq!(platform.call(Dialect::SaasV1, &fields).result_code, "000005");
    backend.wait_for(2);
    backend.answers(|_| Reply::done());
    backend.wait_for(3);
    let lines = ended(process);
    let again = of(&lines, "sent again");
    let counted: Vec<Value> =
        again.iter().map(|line| members(line, &["attempt", "last", "request"])).collect();
    assert_eq!(counted[0], json!({"attempt": 2, "last": "status", "request": "owed"}));
    assert_eq!(counted[1]["attempt"], 3);
    for line in again {
        assert_eq!((&line["product"], &line["order"]), (&json!("crm"), &fields["orderId"]), "{line}");
        assert!(line["instance"].is_string() && line["effect"].is_string(), "{line}");
    }
    let failed: Vec<_> = of(&lines, "send").into_iter().filter(|line| line["outcome"] == "failed").collect();
    assert!(failed.len() >= 2);
    for line in failed {
        assert_eq!(
            members(line, &["level", "cause", "status"]),
            json!({"level": "WARN", "cause": "status", "status": 500})
        );
    }
}

#[test]
fn an_answer_that_is_not_understood_names_the_field_and_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let mut answer = access();
    let address = answer.as_object_mut().unwrap().remove("front_end_url").unwrap();
    answer["frontEndUrl"] = address;
    let backend = Backend::start(move |_| Reply::status(200, answer.to_string()));
    let process = serve(folder.path(), &backend, "format = \"json\"", "");
    let platform = process.platform();
    let fields = platform.purchase(Dialect::SaasV2, &platform.order());
    assert_eq!(platform.call(Dialect::SaasV2, &fields).result_code, "000005");
    let lines = ended(process);
    let settled: Vec<_> = of(&lines, "settled");
    let said =
        members(settled[0], &["level", "reason", "field", "found", "did_you_mean", "product", "order"]);
    assert_eq!(
        said,
        json!({
            "level": "WARN", "reason": "backend-answer-invalid", "field": "front_end_url", "found": "frontEndUrl",
            "did_you_mean": "front_end_url", "product": "crm", "order": fields["orderId"],
        })
    );
    assert_eq!(call(&lines, "backend-answer-invalid")["field"], "front_end_url");
    assert!(!Value::from(lines).to_string().contains("crm.example/a"), "values are not for the log");
}

#[test]
fn a_refusal_where_none_is_taken_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|delivery| match delivery.event()["type"].as_str() {
        Some("countersign.freeze") => Reply::status(409, r#"{"code":"000106","message":"not now"}"#),
        _ => Reply::done(),
    });
    let process = serve(folder.path(), &backend, "format = \"json\"", "");
    let platform = process.platform();
    let id = platform.buys(Dialect::SaasV2);
    let freeze = json!({"activity": "updateInstanceStatus", "instanceId": id, "status": "FREEZE"});
    assert_eq!(platform.call(Dialect::SaasV2, freeze.as_object().unwrap()).result_code, "000005");
    let lines = ended(process);
    let [settled] = of(&lines, "settled")[..] else { panic!("{lines:#?}") };
    let said = members(settled, &["level", "outcome", "reason", "field", "found", "detail", "instance"]);
    assert_eq!(
        said,
        json!({
            "level": "WARN", "outcome": "refused", "reason": "backend-failed", "field": "code", "found": "000106",
            "detail": "no-refusal-here", "instance": id,
        })
    );
}

#[test]
fn a_backend_that_takes_no_signature_points_to_the_secret() {
    for status in [401, 403] {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(move |_| Reply::status(status, "{\"error\":\"unauthorized\"}"));
        let process = serve(folder.path(), &backend, "format = \"json\"", "");
        let platform = process.platform();
        let fields = platform.purchase(Dialect::SaasV2, &platform.order());
        assert_eq!(platform.call(Dialect::SaasV2, &fields).result_code, "000005");
        let lines = ended(process);
        let send = of(&lines, "send")[0];
        assert_eq!((&send["cause"], &send["status"]), (&json!("unauthorized"), &json!(status)));
        assert!(send["hint"].as_str().unwrap().contains("`secret`"), "{send}");
        assert!(!Value::from(lines).to_string().contains(WEBHOOK_SECRET));
    }
}

#[test]
fn what_the_platform_sends_makes_no_line_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let process = serve(folder.path(), &backend, "level = \"debug\"", "");
    let platform = process.platform();
    let mut fields = platform.purchase(Dialect::SaasV2, &platform.order());
    fields.insert("orderId".to_owned(), json!("CS1\n2026-01-01T00:00:00Z ERROR forged\u{1b}[31m"));
    assert_eq!(platform.call(Dialect::SaasV2, &fields).result_code, "000000");
    process.signal("-TERM");
    let (_, log) = process.end();
    assert!(log.contains("forged"), "the order is there");
    assert!(!log.contains('\u{1b}'), "{log}");
    for line in log.lines() {
        let level = line.split_whitespace().nth(1).unwrap_or_default();
        assert!(["INFO", "DEBUG", "WARN"].contains(&level), "{line}");
    }
}
