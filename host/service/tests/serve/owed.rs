//! Works that are owed: to whom they go, and who waits for whom.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign::gate::{Observer, Step, Subject};
use countersign::gateway::Options;
use countersign_ledger::{MemoryStore, Store};
use countersign_simulator::Dialect;
use serde_json::{Value, json};

use crate::support::debts::owe;
use crate::support::{Backend, Gateway, KEY, Reply, WEBHOOK_SECRET, config, until};

const SOME_SECONDS: Duration = Duration::from_secs(20);

fn in_memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn over(store: &Arc<dyn Store>) -> Options {
    Options { store: Some(Arc::clone(store)), ..Options::default() }
}

/// A route of SaaS V2 at `path`, with a backend of its own where one is given.
fn route(path: &str, product: &str, own: Option<&Backend>) -> Value {
    let mut route = json!({"path": path, "dialect": "saas-v2", "keys": [KEY], "product": product});
    if let Some(own) = own {
        route["backend"] = json!({"url": own.url(), "secret": WEBHOOK_SECRET});
    }
    route
}

#[test]
fn what_is_owed_goes_to_the_backend_of_its_product_whatever_its_route_is_called() {
    let (a, b) = (Backend::start(|_| Reply::done()), Backend::start(|_| Reply::status(503, "")));
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(&a);
    config["store"] = json!("sqlite:ledger.db");
    config["routes"] = json!([route("/a", "a", None), route("/b", "b", Some(&b))]);
    let gateway = Gateway::start_in(config.clone(), folder.path(), Options::default());
    let platform = gateway.platform();
    let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
    assert_eq!(platform.call_at(Dialect::SaasV2, "/b", &purchase).result_code, "000005");
    gateway.stop();

    // The route of b has another name, and its old one is that of a.
    let url = json!("https://b.example/");
    b.answers(move |_| Reply::status(200, json!({"front_end_url": url}).to_string()));
    config["routes"] = json!([route("/b", "a", None), route("/b2", "b", Some(&b))]);
    let gateway = Gateway::start_in(config, folder.path(), Options::default());
    let platform = gateway.platform();
    let sent = b.wait_for(2);
    assert_eq!(sent[0].id(), sent[1].id());
    until("b's purchase is repeated", SOME_SECONDS, || {
        platform.call_at(Dialect::SaasV2, "/b2", &purchase).result_code == "000000"
    });
    let id = purchase["businessId"].as_str().unwrap();
    let (_, instance) = gateway.api("GET", &format!("/v1/instances/{id}?product=b"), "owner", "");
    assert_eq!(instance["access"]["front_end_url"], "https://b.example/", "{instance}");
    assert!(a.deliveries().is_empty(), "a's backend hears nothing of b's instances");
    gateway.stop();
}

#[test]
fn without_a_backend_of_its_product_it_stays_owed_and_an_alarm_says_so() {
    let (a, b) = (Backend::start(|_| Reply::done()), Backend::start(|_| Reply::done()));
    let store = in_memory();
    let mut both = config(&a);
    both["routes"] = json!([route("/a", "a", None), route("/b", "b", Some(&b))]);
    owe(&both, &store, "/b", 3, 0);
    owe(&both, &store, "/a", 1, 0);

    // The product is gone; a route of another one has the path.
    let mut alone = config(&a);
    alone["routes"] = json!([route("/b", "a", None)]);
    let gateway = Gateway::start_in(alone, Path::new("."), over(&store));
    a.wait_for(1);
    let alarm = "countersign_alarms_total{code=\"no-backend\"} 1\n";
    until("the alarm", SOME_SECONDS, || gateway.metrics().contains(alarm));
    // Several looks later.
    std::thread::sleep(Duration::from_millis(2_500));
    let metrics = gateway.metrics();
    assert!(metrics.contains(alarm), "once for some time: {metrics}");
    assert!(metrics.contains("countersign_owed_works 3\n"), "{metrics}");
    assert_eq!(a.deliveries().len(), 1);
    gateway.stop();

    let gateway = Gateway::start_in(both, Path::new("."), over(&store));
    b.wait_for(3);
    until("nothing is owed", SOME_SECONDS, || gateway.metrics().contains("countersign_owed_works 0\n"));
    assert_eq!((a.deliveries().len(), b.deliveries().len()), (1, 3));
    gateway.stop();
}

#[test]
fn a_backend_that_hangs_delays_no_other_product() {
    let (healthy, hanging) =
        (Backend::start(|_| Reply::done()), Backend::start(|_| Reply::done().after(60_000)));
    let store = in_memory();
    let mut config = config(&healthy);
    config["routes"] =
        json!([route("/healthy", "healthy", None), route("/hanging", "hanging", Some(&hanging))]);
    for number in [0, 1] {
        config["routes"][number]["answer_within_ms"] = json!(2_000);
    }
    owe(&config, &store, "/hanging", 2_000, 0);
    owe(&config, &store, "/healthy", 5, 0);
    let begun = Instant::now();
    let gateway = Gateway::start_in(config, Path::new("."), over(&store));
    healthy.wait_for(5);
    // Two seconds, and what a machine without optimisation needs to read two thousand works.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    until("the hanging backend has its hands full", SOME_SECONDS, || hanging.deliveries().len() >= 40);

    // A work that is owed now, while all places of the other product are taken.
    let platform = gateway.platform();
    let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
    healthy.answers(|_| Reply::status(503, ""));
    assert_eq!(platform.call_at(Dialect::SaasV2, "/healthy", &purchase).result_code, "000005");
    healthy.answers(|_| Reply::done());
    let owed = Instant::now();
    healthy.wait_for(7);
    assert!(owed.elapsed() < Duration::from_secs(3), "{:?}", owed.elapsed());
    assert!(hanging.deliveries().len() <= 60, "the places of one product: {}", hanging.deliveries().len());

    // Nor do calls of the platform: more of them than the hanging product has places.
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..200)
            .map(|_| {
                let platform = gateway.platform();
                scope.spawn(move || {
                    let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
                    let begun = Instant::now();
                    let checked = platform.call_at(Dialect::SaasV2, "/hanging", &purchase);
                    (checked.result_code, begun.elapsed())
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        for _ in 0..10 {
            let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
            let begun = Instant::now();
            assert_eq!(platform.call_at(Dialect::SaasV2, "/healthy", &purchase).result_code, "000000");
            assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        }
        for call in calls {
            let (code, took) = call.join().unwrap();
            assert!(code == "000004" || code == "000005", "{code}");
            assert!(took < Duration::from_secs(5), "{took:?}");
        }
    });
    assert!(hanging.deliveries().len() <= 60 + 150, "{}", hanging.deliveries().len());
    // A gateway that ends does not wait for the hanging backend for ever: the test does not wait at all.
    std::mem::forget(gateway);
}

/// When each effect was sent, and how long the gate waited for its answer.
#[derive(Default)]
struct Sends(Mutex<HashMap<String, Vec<(Instant, Option<Duration>)>>>);

impl Observer for Sends {
    fn step(&self, _: &Subject, step: &Step) {
        let mut sends = self.0.lock().unwrap();
        match step {
            Step::Performed { effect, attempt, .. } => {
                let known = sends.entry(effect.clone()).or_default();
                known.push((Instant::now(), None));
                assert!(*attempt as usize > known.len(), "reserved once, and sent for the {attempt}th time");
            }
            Step::Settled { effect, cause, .. } => {
                assert_eq!(*cause, Some("deadline"), "{effect}");
                let last = sends.get_mut(effect).unwrap().last_mut().unwrap();
                last.1 = Some(last.0.elapsed());
            }
            _ => {}
        }
    }
}

#[test]
fn no_send_is_given_up_before_its_time_however_many_are_owed() {
    let backend = Backend::start(|_| Reply::done().after(60_000));
    let store = in_memory();
    let mut config = config(&backend);
    config["settings"] = json!({"effect_deadline_ms": 1_000, "lease_ms": 1_500});
    config["routes"] = json!([route("/one", "one", None), route("/two", "two", None)]);
    owe(&config, &store, "/one", 300, 0);
    owe(&config, &store, "/two", 300, 0);
    let sends = Arc::new(Sends::default());
    let options = Options { observers: vec![Arc::clone(&sends) as _], ..over(&store) };
    let gateway = Gateway::start_in(config, Path::new("."), options);
    until("every work has been sent", Duration::from_secs(60), || {
        let sends = sends.0.lock().unwrap();
        sends.len() == 600 && sends.values().all(|of_effect| of_effect[0].1.is_some())
    });
    let all = sends.0.lock().unwrap();
    let waits: Vec<Duration> = all.values().flatten().filter_map(|(_, waited)| *waited).collect();
    let shortest = waits.iter().min().unwrap();
    assert!(waits.len() >= 600 && *shortest >= Duration::from_millis(500), "{shortest:?}");
    drop(all);
    std::mem::forget(gateway);
}

#[test]
fn more_works_than_the_engine_takes_at_once_are_delivered() {
    let backend = Backend::start(|_| Reply::done());
    let store = in_memory();
    let mut config = config(&backend);
    // The module's buffer for a request is 64 MiB: these rows are more.
    config["settings"] = json!({"max_base_body_bytes": 1_048_576});
    config["engine"] = json!("wasm");
    owe(&config, &store, "/v2", 70, 1_000_000);
    let gateway = Gateway::start_in(config, Path::new("."), over(&store));
    until("all are delivered", Duration::from_secs(60), || backend.deliveries().len() >= 70);
    until("nothing is owed", SOME_SECONDS, || gateway.metrics().contains("countersign_owed_works 0\n"));
    assert_eq!(backend.deliveries().len(), 70, "each once");
    let metrics = gateway.metrics();
    assert!(!metrics.contains("countersign_failures_total"), "{metrics}");
    gateway.stop();
}
