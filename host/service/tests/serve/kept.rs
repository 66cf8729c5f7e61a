//! A ledger that an older gateway left behind: it opens, it goes on, and nothing that it knew is lost.
//!
//! `fixtures/ledger-format-1.sqlite` was written by the gateway of release 0.1.0 with rows of format 1, which was killed while
//! works were owed: purchases of both dialects that were done, refused, frozen, renewed, released, adopted and imported, one
//! that the backend failed and one that it had taken in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use countersign_simulator::{Dialect, Fields};
use serde_json::json;

use crate::support::{Backend, Gateway, KEY, Reply, config};

const KEPT: &[u8] = include_bytes!("../fixtures/ledger-format-1.sqlite");

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

/// A repeat of an order under a businessId that nobody has seen.
fn again(order: &str) -> Fields {
    let line = format!("{order}-1");
    fields(&[
        ("activity", "newInstance"),
        ("orderId", order),
        ("orderLineId", &line),
        ("businessId", "another"),
    ])
}

fn copy(folder: &tempfile::TempDir) -> PathBuf {
    let file = folder.path().join("ledger.db");
    std::fs::write(&file, KEPT).unwrap();
    file
}

#[test]
fn a_ledger_of_an_older_gateway_opens_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["store"] = json!(format!("sqlite:{}", copy(&folder).display()));
    config["routes"] = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [KEY], "product": "erp"},
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"},
    ]);
    let gateway = Gateway::start(config);
    let platform = gateway.platform();

    for (order, instance) in [("CS-active", "i-active"), ("CS-gone", "i-gone"), ("OLD-1", "old-1")] {
        let checked = platform.call(Dialect::SaasV2, &again(order));
        assert_eq!(
            (checked.result_code.as_str(), checked.instance_id.as_deref()),
            ("000000", Some(instance))
        );
    }
    let sold_out_then = platform.call(Dialect::SaasV2, &again("CS-sold"));
    assert_eq!(sold_out_then.instance_id.as_deref(), Some("i-sold"), "the same instance is tried again");
    let v1 = fields(&[
        ("activity", "newInstance"),
        ("orderId", "CS1-items"),
        ("productId", "P2"),
        ("chargingMode", "0"),
        ("businessId", "another"),
    ]);
    assert_eq!(platform.call(Dialect::SaasV1, &v1).instance_id.as_deref(), Some("j-item-2"));

    // What was owed is sent, the works of one instance in their order and under the ids of then.
    let owed = ["i-owed", "i-later"];
    let begun = Instant::now();
    let ended = |gateway: &Gateway, id: &str| {
        let (_, view) = gateway.api("GET", &format!("/v1/instances/{id}"), "reader", "");
        view["phase"] == "active" && view["owed"].as_array().is_some_and(Vec::is_empty)
    };
    while !owed.iter().all(|id| ended(&gateway, id)) {
        assert!(begun.elapsed() < Duration::from_secs(60), "owed works are sent");
        std::thread::sleep(Duration::from_millis(100));
    }
    let sent: Vec<(String, String)> = backend
        .deliveries()
        .iter()
        .map(|one| {
            let event = one.event();
            let text = |name: &str| event[name].as_str().unwrap().to_owned();
            (text("type"), text("subject"))
        })
        .collect();
    let of = |instance: &str| -> Vec<&str> {
        sent.iter().filter(|(_, subject)| subject == instance).map(|(kind, _)| kind.as_str()).collect()
    };
    assert_eq!(of("i-owed"), ["countersign.subscribe", "countersign.upgrade"]);
    let ids: BTreeSet<String> = backend.deliveries().iter().map(|one| one.id()).collect();
    for id in [
        "05f7100f-ca56-47a5-bb8e-a3c1bfc314fb",
        "992a7deb-fdbd-499b-bd34-53a217b56c71",
        "dad25623-3617-4424-9bbc-7ef937fc011d",
    ] {
        assert!(ids.contains(id), "{id} in {ids:?}");
    }
    gateway.stop();
}
