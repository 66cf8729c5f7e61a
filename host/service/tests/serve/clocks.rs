//! A wall clock that steps, ahead and back, while the gateway runs and while it does not.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign::gate::Clock as _;
use countersign::gateway::Options;
use countersign_ledger::{Limit, MemoryStore, SqliteOptions, SqliteStore, Store};
use countersign_simulator::Dialect;
use countersign_simulator::calls::saas_v2;
use serde_json::json;

use crate::support::{Backend, Clocks, Gateway, Reply, config, now_ms, until};

const HOUR_MS: i64 = 3_600_000;
const TEN_MINUTES: Duration = Duration::from_secs(600);

/// An empty store of each kind, with the folder that it lives in.
fn stores() -> Vec<(Arc<dyn Store>, tempfile::TempDir)> {
    let folder = || tempfile::tempdir().unwrap();
    let sqlite = folder();
    let file = SqliteStore::open(&sqlite.path().join("ledger.db"), &SqliteOptions::default()).unwrap();
    vec![(Arc::new(MemoryStore::new()), folder()), (Arc::new(file), sqlite)]
}

fn options(store: &Arc<dyn Store>, clocks: &Clocks) -> Options {
    Options { store: Some(Arc::clone(store)), clock: Some(Arc::new(clocks.clone())), ..Options::default() }
}

fn rows(store: &Arc<dyn Store>, prefix: &str) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.scan(prefix, None, Limit::rows(1_000))).unwrap().rows.len()
}

#[test]
fn signed_bytes_are_taken_once_whatever_the_wall_clock_did_meanwhile() {
    for (store, _folder) in stores() {
        let backend = Backend::start(|_| Reply::done());
        let clocks = Clocks::default();
        let gateway = Gateway::start_in(config(&backend), Path::new("."), options(&store, &clocks));
        let platform = gateway.platform();
        let id = platform.buys(Dialect::SaasV2);
        let query = saas_v2::query_instance(&[&id]);
        let request = platform.sign(Dialect::SaasV2, &query);
        let code = || platform.checked(Dialect::SaasV2, &query, &platform.send(&request)).result_code;
        assert_eq!(code(), "000000");
        let taken_in = rows(&store, "replay/");

        // Long after its start, so that the clocks have agreed for long enough before they step.
        clocks.pass(TEN_MINUTES);
        std::thread::sleep(Duration::from_millis(1_200));
        for hours in [3, -3] {
            // Some seconds ahead of time by hours, and right again. Then the same the other way round.
            clocks.step(hours * HOUR_MS);
            clocks.pass(Duration::from_secs(90));
            std::thread::sleep(Duration::from_millis(2_500));
            clocks.step(-hours * HOUR_MS);
            std::thread::sleep(Duration::from_millis(1_200));
        }
        assert_eq!(rows(&store, "replay/"), taken_in, "no row was purged by a clock that was wrong");
        // Somebody sets the clock to when the bytes are fresh.
        let ahead = clocks.now() - now_ms();
        clocks.step(-i64::try_from(ahead).unwrap());
        assert_eq!(code(), "000001");

        // By a clock that is right for ten minutes they go.
        clocks.pass(3 * TEN_MINUTES);
        std::thread::sleep(Duration::from_millis(1_200));
        for _ in 0..3 {
            clocks.pass(TEN_MINUTES);
            std::thread::sleep(Duration::from_millis(1_200));
        }
        until("they are purged", Duration::from_secs(10), || rows(&store, "replay/") == 0);
        gateway.stop();
    }
}

#[test]
fn a_process_that_has_just_begun_purges_nothing() {
    for (store, _folder) in stores() {
        let backend = Backend::start(|_| Reply::done());
        let clocks = Clocks::default();
        let gateway = Gateway::start_in(config(&backend), Path::new("."), options(&store, &clocks));
        gateway.platform().buys(Dialect::SaasV2);
        gateway.stop();
        // The machine boots with a clock that is hours ahead.
        let clocks = Clocks::default();
        clocks.step(5 * HOUR_MS);
        let gateway = Gateway::start_in(config(&backend), Path::new("."), options(&store, &clocks));
        std::thread::sleep(Duration::from_millis(2_500));
        assert_eq!(rows(&store, "replay/"), 1);
        gateway.stop();
    }
}

#[test]
fn the_purge_goes_on_after_a_step_back() {
    let (store, _folder) = stores().remove(0);
    let backend = Backend::start(|_| Reply::done());
    let clocks = Clocks::default();
    clocks.step(2 * HOUR_MS);
    let gateway = Gateway::start_in(config(&backend), Path::new("."), options(&store, &clocks));
    clocks.pass(TEN_MINUTES);
    std::thread::sleep(Duration::from_millis(2_500));
    clocks.step(-2 * HOUR_MS);
    std::thread::sleep(Duration::from_millis(1_200));
    let platform = gateway.platform();
    let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
    let request = platform.sign_at(Dialect::SaasV2, "/v2", &purchase, clocks.now());
    assert_eq!(platform.checked(Dialect::SaasV2, &purchase, &platform.send(&request)).result_code, "000000");
    assert_eq!(rows(&store, "replay/"), 1);
    for _ in 0..4 {
        clocks.pass(TEN_MINUTES);
        std::thread::sleep(Duration::from_millis(1_200));
    }
    until("it is purged", Duration::from_secs(10), || rows(&store, "replay/") == 0);
    gateway.stop();
}

#[test]
fn answers_and_deadlines_do_not_follow_the_wall_clock() {
    let backend = Backend::start(|_| Reply::done().after(60_000));
    let clocks = Clocks::default();
    let mut config = config(&backend);
    config["routes"][1]["answer_within_ms"] = json!(1_500);
    config["settings"] = json!({"effect_deadline_ms": 2_000, "lease_ms": 3_000});
    let (store, _folder) = stores().remove(0);
    let gateway = Gateway::start_in(config, Path::new("."), options(&store, &clocks));
    for step in [-HOUR_MS, 3 * HOUR_MS, -2 * HOUR_MS] {
        let platform = gateway.platform();
        let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
        // What the platform signs now is fresh by the gateway's clock of now.
        let request = platform.sign_at(Dialect::SaasV2, "/v2", &purchase, clocks.now());
        let before = backend.deliveries().len();
        let begun = std::time::Instant::now();
        std::thread::scope(|scope| {
            let call = scope.spawn(|| platform.checked(Dialect::SaasV2, &purchase, &platform.send(&request)));
            backend.wait_for(before + 1);
            clocks.step(step);
            assert_eq!(call.join().unwrap().result_code, "000004");
        });
        assert!(begun.elapsed() < Duration::from_secs(3), "{step}: {:?}", begun.elapsed());
    }
    let failed = "outcome=\"failed\",cause=\"deadline\"";
    until("the sends are given up", Duration::from_secs(10), || gateway.metrics().contains(failed));
    std::mem::forget(gateway);
}

/// A backend that is down, and a gateway whose settings make the longest legal wait a second or two.
fn waiting(backend: &Backend) -> serde_json::Value {
    let mut config = config(backend);
    config["settings"] = json!({"effect_deadline_ms": 1_000, "lease_ms": 1_500, "resend_limit_ms": 2_000});
    config
}

#[test]
fn a_work_that_waits_is_sent_again_after_the_wall_clock_has_stepped() {
    for (store, _folder) in stores() {
        for step in [-HOUR_MS, 3 * HOUR_MS, -5 * HOUR_MS] {
            let backend = Backend::start(|_| Reply::status(503, ""));
            let clocks = Clocks::default();
            let gateway = Gateway::start_in(waiting(&backend), Path::new("."), options(&store, &clocks));
            let platform = gateway.platform();
            let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
            assert_eq!(platform.call(Dialect::SaasV2, &purchase).result_code, "000005");
            clocks.step(step);
            backend.answers(|_| Reply::done());
            let stepped = std::time::Instant::now();
            backend.wait_for(backend.deliveries().len() + 1);
            assert!(stepped.elapsed() < Duration::from_secs(6), "{step}: {:?}", stepped.elapsed());
            until("nothing is owed", Duration::from_secs(10), || rows(&store, "work/") == 0);
            gateway.stop();
        }
    }
}

#[test]
fn a_lease_of_a_clock_that_was_hours_ahead_blocks_nobody_after_a_restart() {
    for (store, _folder) in stores() {
        let hanging = Backend::start(|_| Reply::done().after(60_000));
        let ahead = Clocks::default();
        ahead.step(5 * HOUR_MS);
        let gateway = Gateway::start_in(waiting(&hanging), Path::new("."), options(&store, &ahead));
        let platform = gateway.platform();
        let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
        let request = platform.sign_at(Dialect::SaasV2, "/v2", &purchase, ahead.now());
        std::thread::scope(|scope| {
            scope.spawn(|| platform.try_send(&request));
            hanging.wait_for(1);
            // As a kill would: nobody settles what was sent, and its lease is hours ahead of a clock that is right.
            gateway.kill();
        });

        let backend = Backend::start(|_| Reply::done());
        let clocks = Clocks::default();
        let begun = std::time::Instant::now();
        let gateway = Gateway::start_in(waiting(&backend), Path::new("."), options(&store, &clocks));
        let sent = backend.wait_for(1);
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
        assert_eq!(sent[0].id(), hanging.deliveries()[0].id());
        let platform = gateway.platform();
        until("the purchase is repeated", Duration::from_secs(10), || {
            platform.call(Dialect::SaasV2, &purchase).result_code == "000000"
        });
        gateway.stop();
    }
}
