//! The store away, or uncertain.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use countersign::gateway::Options;
use countersign_ledger::MemoryStore;
use countersign_ledger::conformance::{Fault, Faulty};
use countersign_simulator::Dialect;

use crate::support::{Backend, Gateway, Reply, config};

#[test]
fn without_a_store_the_platform_is_told_to_call_again() {
    let away = Arc::new(AtomicBool::new(true));
    let is_away = Arc::clone(&away);
    let store = Faulty::new(Arc::new(MemoryStore::new()), move |_| {
        is_away.load(Ordering::Relaxed).then_some(Fault::Unavailable)
    });
    let backend = Backend::start(|_| Reply::done());
    let options = Options { store: Some(Arc::new(store)), ..Options::default() };
    let gateway = Gateway::start_in(config(&backend), Path::new("."), options);
    let platform = gateway.platform();
    for dialect in Dialect::SAAS {
        let order = platform.order();
        away.store(true, Ordering::Relaxed);
        let checked = platform.call(dialect, &platform.purchase(dialect, &order));
        assert_eq!((checked.result_code.as_str(), checked.instance_id), ("000005", None));
        away.store(false, Ordering::Relaxed);
        let checked = platform.call(dialect, &platform.purchase(dialect, &order));
        assert_eq!(checked.result_code, "000000");
    }
    assert_eq!(backend.deliveries().len(), 2, "nothing was done while the store was away");
    gateway.stop();
}

#[test]
fn whichever_commit_fails_and_however_there_is_one_effect_and_one_instance() {
    let faults = [Fault::Unavailable, Fault::Conflict, Fault::UnknownUndone, Fault::UnknownDone];
    for dialect in Dialect::SAAS {
        for (number, fault) in [1, 2].into_iter().flat_map(|number| faults.map(|fault| (number, fault))) {
            let store = Faulty::commit_number(Arc::new(MemoryStore::new()), number, fault);
            let backend = Backend::start(|_| Reply::done());
            let mut config = config(&backend);
            // A settlement that the store did not take is done again once the lease is over.
            config["settings"] = serde_json::json!({"effect_deadline_ms": 200, "lease_ms": 300});
            let options = Options { store: Some(Arc::new(store)), ..Options::default() };
            let gateway = Gateway::start_in(config, Path::new("."), options);
            let platform = gateway.platform();
            let order = platform.order();
            let mut ids = Vec::new();
            let settled = (0..40).any(|_| {
                let checked = platform.call(dialect, &platform.purchase(dialect, &order));
                ids.extend(checked.instance_id);
                if checked.result_code != "000000" {
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                checked.result_code == "000000"
            });
            assert!(settled, "{dialect:?} commit {number} {fault:?}");
            ids.dedup();
            assert_eq!(ids.len(), 1, "{dialect:?} commit {number} {fault:?}: {ids:?}");
            let mut effects: Vec<String> = backend.deliveries().iter().map(|one| one.id()).collect();
            effects.dedup();
            assert_eq!(effects.len(), 1, "{dialect:?} commit {number} {fault:?}: {effects:?}");
            gateway.stop();
        }
    }
}
