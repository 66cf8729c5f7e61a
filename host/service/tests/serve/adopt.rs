//! Instances from before the gateway, adopted when the backend knows them.

use std::time::{Duration, Instant};

use countersign_simulator::Dialect;
use countersign_simulator::calls::saas_v2::{query_instance, update_instance_status};
use serde_json::json;

use crate::support::{Backend, Gateway, Reply, config};

#[test]
fn an_adopted_instance_is_seen_once_the_backend_knows_it_and_not_before() {
    let backend = Backend::start(|_| Reply::status(503, ""));
    let mut config = config(&backend);
    config["routes"][1]["unknown_instance"] = json!("adopt");
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    let code = |fields| platform.call(Dialect::SaasV2, &fields).result_code;
    assert_eq!(code(update_instance_status("old", true)), "000005");
    assert_eq!(code(query_instance(&["old"])), "000003");
    assert_eq!(gateway.api("GET", "/v1/instances", "reader", "").1["instances"], json!([]));
    assert_eq!(gateway.api("GET", "/v1/instances/old", "reader", "").0, 404);
    backend.answers(|_| Reply::done());
    assert_eq!(code(update_instance_status("old", true)), "000000");
    assert_eq!(code(query_instance(&["old"])), "000000");
    let (status, view) = gateway.api("GET", "/v1/instances/old", "reader", "");
    assert_eq!((status, &view["phase"]), (200, &json!("frozen")));
    let deliveries = backend.deliveries();
    assert!(
        deliveries.iter().all(|one| one.id() == deliveries[0].id()),
        "one effect, however often it was sent"
    );
    assert_eq!(deliveries[0].event()["data"]["adopted"], true);
    gateway.stop();
}

#[test]
fn what_the_backend_does_not_know_leaves_nothing() {
    let backend = Backend::start(|_| Reply::status(404, r#"{"code":"000003","message":"unknown"}"#));
    let mut config = config(&backend);
    config["routes"][1]["unknown_instance"] = json!("adopt");
    let gateway = Gateway::start(config);
    let code = gateway.platform().call(Dialect::SaasV2, &update_instance_status("old", true)).result_code;
    assert_eq!(code, "000003");
    // The gauge is that of the last look, which may have met the work on its way.
    let begun = Instant::now();
    while !gateway.metrics().contains("countersign_owed_works 0\n") {
        assert!(begun.elapsed() < Duration::from_secs(20), "nothing is owed");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(gateway.api("GET", "/v1/instances/old", "reader", "").0, 404);
    gateway.stop();
}
