//! Another process holds the lock of the ledger: the platform is answered in time all the same.

use std::time::{Duration, Instant};

use countersign_simulator::calls::{saas_v1, saas_v2};
use countersign_simulator::{Dialect, HttpRequest};
use rusqlite::Connection;

use crate::support::process::Process;
use crate::support::{Backend, KEY, Reply, WEBHOOK_SECRET, until};

const ANSWER_WITHIN: Duration = Duration::from_millis(2_000);

/// One in a process of its own, on a file that others can lock.
fn gateway(folder: &std::path::Path, backend: &Backend) -> Process {
    let file = folder.join("countersign.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = \"t\", scopes = [\"read\"] }}]\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\nanswer_within_ms = 2000\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\nanswer_within_ms = 2000\n",
        backend.url()
    );
    std::fs::write(&file, text).unwrap();
    Process::serve(&file, &[])
}

#[test]
fn the_answer_leaves_in_time_while_another_process_holds_the_lock() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let mut process = gateway(folder.path(), &backend);
    let api = process.api();
    let platform = process.platform();
    let ids = [Dialect::SaasV1, Dialect::SaasV2, Dialect::SaasV1].map(|dialect| platform.buys(dialect));
    assert_eq!(api.get("/readyz").status, 200);

    let order = platform.order();
    let calls = [
        (Dialect::SaasV1, platform.purchase(Dialect::SaasV1, &order)),
        (Dialect::SaasV2, platform.purchase(Dialect::SaasV2, &platform.order())),
        (Dialect::SaasV1, saas_v1::query_instance(&[&ids[0]])),
        (Dialect::SaasV2, saas_v2::query_instance(&[&ids[1]])),
        (Dialect::SaasV2, saas_v2::update_instance_status(&ids[1], true)),
        (Dialect::SaasV1, saas_v1::release_instance(&ids[2], &order.order_id)),
    ];
    let sent_before = backend.deliveries().len();
    let lock = Connection::open(folder.path().join("ledger.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = Instant::now();
    std::thread::scope(|scope| {
        for (dialect, fields) in &calls {
            let platform = process.platform();
            scope.spawn(move || {
                let begun = Instant::now();
                let checked = platform.call(*dialect, fields);
                assert_eq!(checked.result_code, "000005", "{fields:?}");
                assert!(
                    begun.elapsed() < ANSWER_WITHIN + Duration::from_millis(300),
                    "{:?}",
                    begun.elapsed()
                );
            });
        }
        let api = &api;
        scope.spawn(move || {
            let begun = Instant::now();
            assert_eq!(api.get("/healthz").status, 200);
            assert!(begun.elapsed() < Duration::from_secs(1));
            until("readiness is lost", Duration::from_secs(8), || api.get("/readyz").status == 503);
        });
    });
    std::thread::sleep(Duration::from_secs(9).saturating_sub(locked.elapsed()));
    lock.execute_batch("ROLLBACK").unwrap();

    until("readiness is back", Duration::from_secs(8), || api.get("/readyz").status == 200);
    for (dialect, fields) in &calls[..4] {
        until("the call goes through", Duration::from_secs(30), || {
            platform.call(*dialect, fields).result_code == "000000"
        });
    }
    // Whatever was under way when its answer left: one effect for each purchase.
    let created = backend.deliveries().into_iter().skip(sent_before);
    let mut effects: Vec<String> = created
        .filter(|delivery| delivery.event()["type"] == "countersign.subscribe")
        .map(|delivery| delivery.id())
        .collect();
    effects.sort();
    effects.dedup();
    assert_eq!(effects.len(), 2, "{effects:?}");
    process.signal("-TERM");
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("store-unavailable") && !log.contains("too-many-conflicts"), "{log}");
}

/// Signed bytes that were answered late are not taken again.
#[test]
fn what_was_answered_late_is_a_replay_later() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let process = gateway(folder.path(), &backend);
    let platform = process.platform();
    let id = platform.buys(Dialect::SaasV2);
    let query = saas_v2::query_instance(&[&id]);
    let request: HttpRequest = platform.sign(Dialect::SaasV2, &query);
    let lock = Connection::open(folder.path().join("ledger.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let late = platform.checked(Dialect::SaasV2, &query, &platform.send(&request));
    assert_eq!(late.result_code, "000005");
    lock.execute_batch("ROLLBACK").unwrap();
    until("its row is there", Duration::from_secs(10), || {
        platform.checked(Dialect::SaasV2, &query, &platform.send(&request)).result_code == "000001"
    });
    process.signal("-TERM");
    assert_eq!(process.end().0.code(), Some(0));
}
