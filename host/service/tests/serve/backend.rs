//! Effects at the seller's backend, and what its answers become.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_simulator::Dialect;
use countersign_simulator::calls::saas_v2;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;

use crate::support::backend::access;
use crate::support::{Backend, Gateway, Reply, WEBHOOK_SECRET, config, now_ms};

#[test]
fn an_effect_is_a_signed_cloud_event() {
    let backend = Backend::start(|_| Reply::done());
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let order = platform.order();
    let id = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order)).instance_id.unwrap();
    let [delivery] = backend.deliveries().try_into().unwrap();
    assert_eq!(delivery.target, "/events");
    assert_eq!(delivery.header("content-type"), "application/cloudevents+json");
    let event = delivery.event();
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["id"], delivery.header("webhook-id"));
    assert_eq!(event["source"], "crm");
    assert_eq!(event["type"], "countersign.subscribe");
    assert_eq!(event["data"]["instance_id"], *id);
    assert_eq!(event["data"]["order_id"], *order.order_id);
    assert!(event["fencingtoken"].is_u64());

    let timestamp = delivery.header("webhook-timestamp");
    assert!(timestamp.parse::<u64>().unwrap().abs_diff(now_ms() / 1_000) <= 5);
    let secret = STANDARD.decode(WEBHOOK_SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).unwrap();
    mac.update(format!("{}.{timestamp}.", delivery.id()).as_bytes());
    mac.update(&delivery.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    assert_eq!(delivery.header("webhook-signature"), expected);
    gateway.stop();
}

#[test]
fn a_product_may_have_a_backend_of_its_own() {
    let (common, own) = (Backend::start(|_| Reply::done()), Backend::start(|_| Reply::done()));
    let mut config = config(&common);
    config["routes"][1]["product"] = json!("erp");
    config["routes"][1]["backend"] = json!({"url": format!("{}?of=v2", own.url()), "secret": WEBHOOK_SECRET});
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    platform.buys(Dialect::SaasV1);
    platform.buys(Dialect::SaasV2);
    assert_eq!(common.deliveries()[0].event()["data"]["activity"], "newInstance");
    assert_eq!((common.deliveries().len(), own.deliveries().len()), (1, 1));
    assert_eq!(own.deliveries()[0].target, "/events?of=v2");
    gateway.stop();
}

#[test]
fn a_slow_backend_is_answered_in_time_and_found_by_the_poll() {
    let backend = Backend::start(|_| Reply::done().after(1_500));
    let mut config = config(&backend);
    config["routes"][1]["answer_within_ms"] = json!(700);
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    let begun = Instant::now();
    let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    assert!(begun.elapsed() < Duration::from_millis(1_000), "{:?}", begun.elapsed());
    assert_eq!(checked.result_code, "000004");
    let id = checked.instance_id.unwrap();
    assert_eq!(platform.query(&id).result_code, "000004");
    std::thread::sleep(Duration::from_millis(1_300));
    let listed = platform.query(&id);
    assert_eq!(listed.result_code, "000000");
    assert_eq!(listed.instances[0].instance_id, id);
    assert_eq!(backend.deliveries().len(), 1, "the send outlived the answer");
    gateway.stop();
}

#[test]
fn work_that_was_accepted_is_finished_by_a_report() {
    let backend = Backend::start(|_| Reply::status(202, ""));
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let order = platform.order();
    let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
    assert_eq!(checked.result_code, "000004");
    let id = checked.instance_id.unwrap();
    let effect = backend.deliveries()[0].id();
    let path = format!("/v1/effects/{effect}");

    let mut report = access();
    report["outcome"] = json!("done");
    let invalid = json!({"outcome": "done", "front_end_url": "x".repeat(513)}).to_string();
    let (status, answer) = gateway.api("POST", &path, "operator", &invalid);
    assert_eq!((status, &answer["error"]["code"]), (400, &json!("backend-answer-invalid")));
    assert_eq!(gateway.api("POST", &path, "operator", &report.to_string()).0, 200);
    assert_eq!(gateway.api("POST", &path, "operator", &report.to_string()).0, 200, "repeated");
    let refusal = json!({"outcome": "refused", "code": "000100"}).to_string();
    assert_eq!(gateway.api("POST", &path, "operator", &refusal).0, 409, "it ended otherwise");
    assert_eq!(gateway.api("POST", "/v1/effects/nobody", "operator", &report.to_string()).0, 404);

    assert_eq!(platform.query(&id).instances[0].instance_id, id);
    let again = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
    assert_eq!((again.result_code.as_str(), again.instance_id), ("000000", Some(id)));
    assert_eq!(gateway.api("GET", "/v1/instances", "reader", "").1["instances"].as_array().unwrap().len(), 1);
    gateway.stop();
}

#[test]
fn a_refusal_reported_later_is_what_the_poll_gets() {
    let backend = Backend::start(|_| Reply::status(202, ""));
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    let path = format!("/v1/effects/{}", backend.deliveries()[0].id());
    let refusal = json!({"outcome": "refused", "code": "000106", "message": "sold out"}).to_string();
    assert_eq!(gateway.api("POST", &path, "operator", &refusal).0, 200);
    assert_eq!(platform.query(&checked.instance_id.unwrap()).result_code, "000106");
    let metrics = gateway.metrics();
    assert!(metrics.contains("countersign_alarms_total{code=\"refused-after-pending\"} 1"), "{metrics}");
    gateway.stop();
}

#[test]
fn what_is_no_answer_is_a_failure_and_is_sent_again_under_the_same_id() {
    let elsewhere = Backend::start(|_| Reply::done());
    let mut redirect = Reply::status(307, "{}");
    redirect.headers.push(("Location", elsewhere.url()));
    let large = format!("{{\"front_end_url\":\"https://crm.example\",\"memo\":\"{}\"}}", " ".repeat(262_144));
    for (name, reply) in [
        ("redirect", redirect),
        ("status", Reply::status(500, "{}")),
        ("not-json", Reply::status(200, "<html>welcome</html>")),
        ("too-large", Reply::status(200, large)),
        ("no-code", Reply::status(404, "{}")),
        ("not-json", Reply::status(404, "not here")),
        ("cut-short", Reply::status(0, "")),
    ] {
        let backend = Backend::start(move |_| reply.clone());
        let gateway = Gateway::start(config(&backend));
        let platform = gateway.platform();
        let order = platform.order();
        let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
        assert_eq!((checked.result_code.as_str(), checked.instance_id), ("000005", None), "{name}");
        let metrics = gateway.metrics();
        assert!(metrics.contains(&format!("outcome=\"failed\",cause=\"{name}\"")), "{name}: {metrics}");

        backend.answers(|_| Reply::done());
        let sent = backend.wait_for(2);
        assert_eq!(sent[0].id(), sent[1].id(), "{name}");
        let again = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
        assert_eq!(again.result_code, "000000", "{name}");
        gateway.stop();
    }
    assert!(elsewhere.deliveries().is_empty(), "redirects are not followed");
}

#[test]
fn an_answer_beyond_the_platforms_limits_is_not_passed_on() {
    let url = format!("https://crm.example/{}", "a".repeat(500));
    let backend = Backend::start(move |_| Reply::status(200, json!({"front_end_url": url}).to_string()));
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    assert_eq!(checked.result_code, "000005");
    assert!(gateway.metrics().contains("countersign_alarms_total{code=\"backend-answer-invalid\"}"));
    gateway.stop();
}

#[test]
fn nobody_at_the_backends_address_is_a_failure() {
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config["backend"]["url"] = json!(format!("http://{free}/"));
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    let checked = platform.call(Dialect::SaasV1, &platform.purchase(Dialect::SaasV1, &platform.order()));
    assert_eq!(checked.result_code, "000005");
    assert!(gateway.metrics().contains("cause=\"unreachable\""));
    gateway.stop();
}

#[test]
fn sold_out_is_answered_and_never_final() {
    let refusal = json!({"code": "000106", "message": "sold out"}).to_string();
    let backend = Backend::start(move |_| Reply::status(409, refusal.clone()));
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let order = platform.order();
    let checked = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
    assert_eq!(checked.result_code, "000106");
    assert_eq!(checked.result_msg.as_deref(), Some("sold out"));
    backend.answers(|_| Reply::done());
    let again = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
    assert_eq!(again.result_code, "000000");
    let [first, second] = backend.deliveries().try_into().unwrap();
    assert_ne!(first.id(), second.id(), "another attempt is another effect");
    let instance =
        |delivery: &crate::support::backend::Delivery| delivery.event()["data"]["instance_id"].clone();
    assert_eq!(instance(&first), instance(&second));
    gateway.stop();
}

#[test]
fn a_renewal_needs_nothing_in_return_but_no_login_page() {
    let backend = Backend::start(|_| Reply::done());
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let order = platform.order();
    let id = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order)).instance_id.unwrap();
    let scene = countersign_simulator::calls::Scene::Renewal;
    let renewal = order.renewal(&mut platform.entropy(), now_ms());
    let renewal = saas_v2::refresh_instance(&id, &renewal, scene).unwrap();
    backend.answers(|_| Reply::status(200, "<html>please log in</html>"));
    assert_eq!(platform.call(Dialect::SaasV2, &renewal).result_code, "000005");
    backend.answers(|_| Reply::status(204, ""));
    assert_eq!(platform.call(Dialect::SaasV2, &renewal).result_code, "000000");
    gateway.stop();
}
