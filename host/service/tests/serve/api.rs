//! The api listener.

use std::sync::Arc;

use countersign::gateway::Options;
use countersign_core::wire::percent;
use countersign_ledger::MemoryStore;
use countersign_ledger::conformance::{Call, Fault, Faulty};
use countersign_simulator::Dialect;
use serde_json::{Value, json};

use crate::support::{Backend, Gateway, Reply, config};

fn gateway() -> Gateway {
    // The backend lives as long as its thread, which is that of the tests.
    Gateway::start(config(&Backend::start(|_| Reply::done())))
}

#[test]
fn health_readiness_and_metrics_need_no_token() {
    let gateway = gateway();
    gateway.platform().buys(Dialect::SaasV2);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(gateway.api_raw("GET", path, &[], "").status, 200, "{path}");
    }
    let metrics = gateway.api_raw("GET", "/metrics", &[], "");
    assert!(metrics.header("Content-Type").unwrap().starts_with("application/openmetrics-text"));
    let metrics = String::from_utf8(metrics.body).unwrap();
    for line in [
        "countersign_calls_total{dialect=\"saas-v2\",event=\"subscribe\",result=\"ok\"} 1",
        "countersign_call_seconds_count{dialect=\"saas-v2\"} 1",
        "countersign_sends_total{outcome=\"done\",cause=\"\"} 1",
        "countersign_settlements_total{outcome=\"done\"} 1",
        "countersign_owed_works ",
        "countersign_conflicts_total ",
        "countersign_waits_total ",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    gateway.stop();
}

#[test]
fn readiness_follows_the_store() {
    let store = Faulty::new(Arc::new(MemoryStore::new()), |call| {
        matches!(call, Call::Load { .. }).then_some(Fault::Unavailable)
    });
    let backend = Backend::start(|_| Reply::done());
    let options = Options { store: Some(Arc::new(store)), ..Options::default() };
    let gateway = Gateway::start_in(config(&backend), std::path::Path::new("."), options);
    assert_eq!(gateway.api_raw("GET", "/healthz", &[], "").status, 200);
    assert_eq!(gateway.api_raw("GET", "/readyz", &[], "").status, 503);
    assert_eq!(gateway.api("GET", "/v1/instances/x", "reader", "").0, 503);
    gateway.stop();
}

#[test]
fn who_may_do_what() {
    let gateway = gateway();
    let id = gateway.platform().buys(Dialect::SaasV2);
    let (one, access) = (format!("/v1/instances/{id}"), format!("/v1/instances/{id}/access"));
    let data = json!({"front_end_url": "https://crm.example/b"}).to_string();
    let table: [(&str, &'static str, &str, [u16; 4]); 4] = [
        // nobody, reader, operator, owner
        ("/v1/instances", "GET", "", [401, 200, 403, 200]),
        (&one, "GET", "", [401, 200, 403, 200]),
        (&access, "PUT", &data, [401, 403, 200, 403]),
        ("/v1/effects/x", "POST", r#"{"outcome":"done"}"#, [401, 403, 404, 403]),
    ];
    for (path, method, body, statuses) in table {
        for (token, status) in ["somebody", "reader", "operator", "owner"].into_iter().zip(statuses) {
            assert_eq!(gateway.api(method, path, token, body).0, status, "{token} {method} {path}");
        }
        let anonymous = gateway.api_raw(method, path, &[], body);
        assert_eq!(anonymous.status, 401);
        assert_eq!(anonymous.header("WWW-Authenticate"), Some("Bearer"));
        for field in ["Basic cmVhZGVyOg==", "Bearer", "Bearer ", "reader", "Bearer reader x", "Bearer Reader"]
        {
            let answer = gateway.api_raw(method, path, &[("Authorization", field.to_owned())], body);
            assert_eq!(answer.status, 401, "{field}");
        }
        let bearer = |token: &str| ("Authorization", format!("bearer {token}"));
        let twice = gateway.api_raw(method, path, &[bearer("reader"), bearer("operator")], body);
        assert_eq!(twice.status, 401);
    }
    assert_eq!(gateway.api("GET", "/v1/nothing", "reader", "").0, 404);
    assert_eq!(gateway.api("GET", "/", "reader", "").0, 404);
    assert_eq!(gateway.api("GET", "/v2", "reader", "").0, 404, "the platform's addresses are not here");
    assert_eq!(gateway.api("DELETE", &one, "reader", "").0, 405);
    gateway.stop();
}

#[test]
fn access_data_are_shown_to_those_who_may_see_secrets() {
    let gateway = gateway();
    let id = gateway.platform().buys(Dialect::SaasV2);
    let path = format!("/v1/instances/{id}");
    let (_, seen) = gateway.api("GET", &path, "reader", "");
    assert_eq!((&seen["instance_id"], &seen["phase"]), (&json!(id), &json!("active")));
    assert!(seen.get("access").is_none() && !seen.to_string().contains("Passw0rd"), "{seen}");
    let (_, seen) = gateway.api("GET", &path, "owner", "");
    assert_eq!(seen["access"]["password"], "first-Passw0rd");
    let (_, list) = gateway.api("GET", "/v1/instances", "reader", "");
    assert!(!list.to_string().contains("Passw0rd"), "{list}");
    let (_, list) = gateway.api("GET", "/v1/instances", "owner", "");
    assert_eq!(list["instances"][0]["access"]["password"], "first-Passw0rd");
    gateway.stop();
}

#[test]
fn instances_come_page_by_page() {
    let gateway = gateway();
    let platform = gateway.platform();
    let mut bought: Vec<String> = (0..5).map(|_| platform.buys(Dialect::SaasV2)).collect();
    bought.sort();
    let (mut listed, mut after) = (Vec::new(), String::new());
    loop {
        let (status, page) = gateway.api("GET", &format!("/v1/instances?limit=2{after}"), "reader", "");
        assert_eq!(status, 200);
        let instances = page["instances"].as_array().unwrap();
        listed.extend(instances.iter().map(|one| one["instance_id"].as_str().unwrap().to_owned()));
        match &page["next"] {
            Value::String(next) => after = format!("&after={}", percent::encode(next.as_bytes())),
            next => break assert_eq!(next, &Value::Null),
        }
    }
    assert_eq!(listed, bought);
    for query in ["?limit=0", "?limit=1001", "?limit=x", "?limit=1&limit=1", "?what=1", "?after=%zz"] {
        assert_eq!(gateway.api("GET", &format!("/v1/instances{query}"), "reader", "").0, 400, "{query}");
    }
    gateway.stop();
}

#[test]
fn new_access_data_are_what_the_platform_gets() {
    let gateway = gateway();
    let platform = gateway.platform();
    let id = platform.buys(Dialect::SaasV2);
    let path = format!("/v1/instances/{id}/access");
    let data = json!({"front_end_url": "https://crm.example/moved", "password": "second"}).to_string();
    assert_eq!(gateway.api("PUT", &path, "operator", &data).0, 200);
    assert_eq!(gateway.api("PUT", &path, "operator", &data).0, 200, "repeated");
    let listed = platform.query(&id).instances[0].app_info.clone().unwrap();
    assert_eq!(listed.front_end_url, "https://crm.example/moved");
    assert_eq!(listed.password.as_deref(), Some("second"));

    for (body, code) in [
        ("", "malformed-request"),
        ("{", "malformed-request"),
        ("[]", "malformed-request"),
        (r#"{"front_end_url":"a","front_end_url":"b"}"#, "malformed-request"),
        (r#"{"front_end_url":"a","frontEndUrl":"b"}"#, "malformed-request"),
        ("{}", "backend-answer-invalid"),
        (r#"{"front_end_url":1}"#, "backend-answer-invalid"),
    ] {
        let (status, answer) = gateway.api("PUT", &path, "operator", body);
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(code)), "{body}");
        assert!(answer["error"]["message"].is_string());
    }
    let (_, answer) = gateway.api("PUT", &path, "operator", r#"{"frontEndUrl":"https://a.example"}"#);
    let problem = &answer["error"]["problems"][0];
    assert_eq!((&problem["path"], &problem["code"]), (&json!("front_end_url"), &json!("misspelt")));
    let large = format!("{{\"front_end_url\":\"{}\"}}", "a".repeat(300_000));
    let (status, answer) = gateway.api("PUT", &path, "operator", &large);
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("body-too-large")));
    assert_eq!(gateway.api("PUT", "/v1/instances/nobody/access", "operator", &data).0, 404);
    assert_eq!(gateway.api("PUT", &format!("{path}?product=other"), "operator", &data).0, 404);
    assert_eq!(gateway.api("GET", "/v1/instances/nobody", "reader", "").0, 404);
    assert_eq!(gateway.api("GET", "/v1/instances/%ff", "reader", "").0, 400);
    gateway.stop();
}

#[test]
fn a_report_that_cannot_be_read_is_named() {
    let gateway = gateway();
    for body in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"outcome":"accepted"}"#,
        r#"{"outcome":1}"#,
        r#"{"outcome":"done","outcome":"done"}"#,
        r#"{"outcome":"refused"}"#,
        r#"{"outcome":"refused","code":100}"#,
        r#"{"outcome":"refused","code":"000100","message":1}"#,
    ] {
        let (status, answer) = gateway.api("POST", "/v1/effects/x", "operator", body);
        assert_eq!((status, &answer["error"]["code"]), (400, &json!("malformed-request")), "{body}");
    }
    gateway.stop();
}
