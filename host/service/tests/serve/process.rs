//! The process: signals, crashes, and what it leaves in its log.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use countersign_simulator::Dialect;
use tempfile::TempDir;

use crate::support::process::{Process, countersign};
use crate::support::{Backend, KEY, Reply, WEBHOOK_SECRET};

fn write(folder: &Path, backend: &Backend, more: &str) -> PathBuf {
    let file = folder.join("countersign.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n{more}\n\
         [backend]\nurl = \"{}\"\nsecret = {{ env = \"BACKEND_SECRET\" }}\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [{{ file = \"key\" }}]\nproduct = \"crm\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [{{ file = \"key\" }}]\nproduct = \"crm\"\n",
        backend.url()
    );
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.join("key"), format!("{KEY}\n")).unwrap();
    file
}

fn start(folder: &TempDir, backend: &Backend, more: &str) -> Process {
    Process::serve(&write(folder.path(), backend, more), &[("BACKEND_SECRET", WEBHOOK_SECRET)])
}

#[test]
fn the_listeners_are_announced_and_a_signal_ends_them_gracefully() {
    for name in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(|_| Reply::done());
        let api = "[api]\nlisten = \"127.0.0.1:0\"\ntokens = [{ token = \"t\", scopes = [\"read\"] }]";
        let mut process = start(&folder, &backend, api);
        let line = process.line();
        let api: std::net::SocketAddr = line.strip_prefix("listening api ").unwrap().parse().unwrap();
        assert_ne!(api.port(), 0);
        process.platform().buys(Dialect::SaasV1);
        process.signal(name);
        let (status, _) = process.end();
        assert_eq!(status.code(), Some(0), "{name}");
    }
}

#[test]
fn a_call_in_flight_is_answered_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done().after(1_000));
    let process = start(&folder, &backend, "");
    let platform = process.platform();
    // Connections without a call do not hold the process up.
    let _idle = std::net::TcpStream::connect(platform.address).unwrap();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let buyer = scope.spawn(|| platform.buys(Dialect::SaasV2));
        backend.wait_for(1);
        process.signal("-TERM");
        buyer.join().unwrap();
    });
    let (status, stderr) = process.end();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn a_process_killed_in_the_middle_of_a_purchase_takes_it_up_again() {
    for dialect in Dialect::SAAS {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(|_| Reply::done().after(60_000));
        let short = "[settings]\neffect_deadline_ms = 1000\nlease_ms = 1500";
        let process = start(&folder, &backend, short);
        let platform = process.platform();
        let order = platform.order();
        std::thread::scope(|scope| {
            let call = scope.spawn(|| {
                let purchase = platform.purchase(dialect, &order);
                platform.try_send(&platform.sign(dialect, &purchase))
            });
            backend.wait_for(1);
            process.signal("-KILL");
            assert!(call.join().unwrap().is_err(), "nobody was answered");
        });
        assert_eq!(process.end().0.code(), None);

        backend.answers(|_| Reply::done());
        let process = start(&folder, &backend, short);
        let platform = process.platform();
        let sent = backend.wait_for(2);
        assert_eq!(sent[0].id(), sent[1].id(), "the same effect");
        let instance = |index: usize| sent[index].event()["data"]["instance_id"].clone();
        assert_eq!(instance(0), instance(1));
        let token = |index: usize| sent[index].event()["fencingtoken"].as_u64().unwrap();
        assert!(token(1) > token(0), "whoever is late can be told from whoever is not");
        let begun = Instant::now();
        let checked = loop {
            let checked = platform.call(dialect, &platform.purchase(dialect, &order));
            if checked.result_code == "000000" {
                break checked;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{checked:?}");
        };
        assert_eq!(checked.instance_id.as_deref(), instance(0).as_str());
        assert_eq!(backend.deliveries().len(), 2);
        process.signal("-TERM");
        assert_eq!(process.end().0.code(), Some(0));
    }
}

#[test]
fn the_log_tells_what_happened_and_nothing_secret() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(|_| Reply::done());
        let log = format!(
            "[log]\nformat = \"{format}\"\nlevel = \"debug\"\n\
                           [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = \"api-t0ken\", scopes = [\"read\"] }}]"
        );
        let process = start(&folder, &backend, &log);
        let platform = process.platform();
        let mut secrets =
            vec![KEY.to_owned(), WEBHOOK_SECRET.to_owned(), "Passw0rd".to_owned(), "api-t0ken".to_owned()];
        for dialect in Dialect::SAAS {
            let purchase = platform.purchase(dialect, &platform.order());
            let request = platform.sign(dialect, &purchase);
            platform.send(&request);
            let mut bad = request.clone();
            bad.target.push_str("&leak=query-string");
            platform.send(&bad);
            let query = request.target.split_once('?').unwrap().1;
            // Order and instance, whose id is the businessId of the purchase, are what the log is about.
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let told = ["orderId", "businessId"];
            secrets.extend(pairs.filter(|(name, _)| !told.contains(name)).map(|(_, value)| value.to_owned()));
        }
        let buyer =
            countersign_simulator::calls::Buyer::draw(&mut countersign_simulator::Entropy::from_seed(1));
        secrets.extend([buyer.mobile_phone, buyer.email, buyer.customer_name, "query-string".to_owned()]);
        process.signal("-TERM");
        let (_, log) = process.end();
        for what in ["subscribe", "saas-v1", "saas-v2", "signature-mismatch", "send"] {
            assert!(log.contains(what), "{what} in\n{log}");
        }
        for secret in secrets.iter().filter(|secret| secret.len() > 5) {
            assert!(!log.contains(secret.as_str()), "{secret} in\n{log}");
        }
        if format == "json" {
            for line in log.lines() {
                assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
            }
        }
    }
}

#[test]
fn an_address_in_use_is_a_failure_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let file = write(folder.path(), &Backend::start(|_| Reply::done()), "");
    let text = std::fs::read_to_string(&file).unwrap().replace("127.0.0.1:0", &address);
    std::fs::write(&file, text).unwrap();
    let output = countersign()
        .arg("serve")
        .arg("--config")
        .arg(&file)
        .env("BACKEND_SECRET", WEBHOOK_SECRET)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains(&address));
}
