//! What a purchase is answered, whichever engine and store.

use countersign::config::EngineKind;
use countersign_simulator::Dialect;
use serde_json::json;

use crate::support::{Backend, Gateway, Reply, config};

#[test]
fn a_purchase_is_answered_as_the_platform_demands() {
    for engine in [EngineKind::Native, EngineKind::Wasm] {
        for store in ["memory:", "sqlite:ledger.db"] {
            let folder = tempfile::tempdir().unwrap();
            let backend = Backend::start(|_| Reply::done());
            let mut config = config(&backend);
            config["store"] = json!(store);
            let gateway = Gateway::start_with(config, folder.path(), engine);
            let platform = gateway.platform();
            for dialect in Dialect::SAAS {
                let order = platform.order();
                let first = platform.call(dialect, &platform.purchase(dialect, &order));
                assert_eq!(first.result_code, "000000", "{engine:?} {store} {dialect:?}");
                let again = platform.call(dialect, &platform.purchase(dialect, &order));
                assert_eq!(again.instance_id, first.instance_id);
                let listed = platform.query(&first.instance_id.unwrap());
                let access = listed.instances[0].app_info.clone().unwrap();
                assert_eq!(access.front_end_url, "https://crm.example/a");
                assert_eq!(access.password.as_deref(), Some("first-Passw0rd"));
            }
            assert_eq!(backend.deliveries().len(), 2, "one effect for each order");
            gateway.stop();
        }
    }
}

#[test]
fn a_hundred_duplicates_at_once_are_one_effect_and_one_instance() {
    for dialect in Dialect::SAAS {
        let backend = Backend::start(|_| Reply::done().after(150));
        let gateway = Gateway::start(config(&backend));
        let platform = gateway.platform();
        let order = platform.order();
        let ids: Vec<Option<String>> = std::thread::scope(|scope| {
            let calls: Vec<_> = (0..100)
                .map(|_| {
                    scope.spawn(|| platform.call(dialect, &platform.purchase(dialect, &order)).instance_id)
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        assert!(ids[0].is_some());
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(backend.deliveries().len(), 1);
        gateway.stop();
    }
}

#[test]
fn a_changed_body_reaches_nobody() {
    let backend = Backend::start(|_| Reply::done());
    let gateway = Gateway::start(config(&backend));
    let platform = gateway.platform();
    let fields = platform.purchase(Dialect::SaasV2, &platform.order());
    let mut request = platform.sign(Dialect::SaasV2, &fields);
    request.body = serde_json::to_vec(&platform.purchase(Dialect::SaasV2, &platform.order())).unwrap();
    let checked = platform.checked(Dialect::SaasV2, &fields, &platform.send(&request));
    assert_eq!(checked.result_code, "000001");
    assert!(backend.deliveries().is_empty());
    assert!(gateway.metrics().contains("countersign_refusals_total{code=\"signature-mismatch\"} 1"));
    gateway.stop();
}
