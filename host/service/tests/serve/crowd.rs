//! Strangers take up connections, and honest callers do not notice.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_simulator::Dialect;
use countersign_simulator::HttpRequest;
use countersign_simulator::transport::{Plain, Transport};
use serde_json::{Value, json};

use crate::support::process::{Process, countersign};
use crate::support::stranger::{Stranger, connected, raise_descriptors};
use crate::support::{Backend, Gateway, KEY, Platform, Reply, WEBHOOK_SECRET, config};

fn gateway(backend: &Backend, limits: &Value) -> Gateway {
    let mut config = config(backend);
    config["limits"] = limits.clone();
    Gateway::start(config)
}

/// What a connection can be in the middle of, in the order in which connections give way: silence, the pause after an
/// answer, a head, a body.
const KINDS: [&str; 4] = [
    "",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /v2 HTTP/1.1\r\nHos",
    "POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
];

/// Buys three times; each call on a connection of its own, and none of them waits.
fn buys_at_once(platform: &Platform, crowd: &str) {
    for _ in 0..3 {
        let begun = Instant::now();
        platform.buys(Dialect::SaasV2);
        assert!(begun.elapsed() < Duration::from_secs(5), "{crowd:?}: {:?}", begun.elapsed());
    }
}

fn health(address: SocketAddr) -> u16 {
    let request = HttpRequest {
        method: "GET",
        target: "/healthz".to_owned(),
        headers: vec![("Host".to_owned(), "x".to_owned())],
        body: Vec::new(),
    };
    let plain = Plain::to(address.to_string()).with_timeout(Duration::from_secs(3));
    plain.send(&request).map_or(0, |answer| answer.status)
}

#[test]
fn a_call_is_answered_at_once_however_many_connections_strangers_hold() {
    let backend = Backend::start(|_| Reply::done());
    for kind in KINDS {
        let gateway = gateway(&backend, &json!({"max_connections": 32}));
        let platform = gateway.platform();
        let mut crowd: Vec<Stranger> = (0..80).map(|_| Stranger::says(platform.address, kind)).collect();
        buys_at_once(&platform, kind);
        std::thread::sleep(Duration::from_millis(1_100));
        buys_at_once(&platform, kind);
        let open = connected(&mut crowd);
        assert!(open <= 32, "{kind:?}: {open} are open");
        gateway.stop();
    }
}

/// Strangers that come and go as long as this lives.
struct Traffic(Arc<AtomicBool>);

impl Traffic {
    fn to(address: SocketAddr) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        for kind in KINDS {
            let over = Arc::clone(&over);
            std::thread::spawn(move || {
                let mut held = VecDeque::new();
                while !over.load(Ordering::Relaxed) {
                    held.push_back(Stranger::says(address, kind));
                    held.drain(..held.len().saturating_sub(100));
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        }
        Self(over)
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_call_is_answered_while_strangers_come_and_go() {
    let backend = Backend::start(|_| Reply::done());
    let gateway = gateway(&backend, &json!({"max_connections": 256}));
    let traffic = Traffic::to(gateway.running().public());
    for _ in 0..10 {
        buys_at_once(&gateway.platform(), "all kinds");
    }
    drop(traffic);
    gateway.stop();
}

#[test]
fn who_uses_a_connection_least_gives_way_first() {
    let backend = Backend::start(|_| Reply::done());
    let gateway = gateway(&backend, &json!({"max_connections": 4}));
    let platform = gateway.platform();
    // The one that gives way last has come first.
    let mut crowd: Vec<Stranger> =
        KINDS.iter().rev().map(|kind| Stranger::says(platform.address, kind)).collect();
    std::thread::sleep(Duration::from_millis(1_500));
    let mut newer = Vec::new();
    for cut in 1..=4 {
        newer.push(Stranger::says(
            platform.address,
            "POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        ));
        crowd[4 - cut].until_cut(Duration::from_secs(3));
        let open: Vec<bool> = crowd.iter_mut().map(|stranger| !stranger.is_cut()).collect();
        assert_eq!(open, [cut < 4, cut < 3, cut < 2, false], "{cut}");
    }
    gateway.stop();
}

#[test]
fn a_call_in_progress_is_not_cut_and_the_next_one_waits_for_it() {
    let backend = Backend::start(|_| Reply::done().after(1_500));
    let gateway = gateway(&backend, &json!({"max_connections": 2}));
    let platform = gateway.platform();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..2).map(|_| scope.spawn(|| platform.buys(Dialect::SaasV2))).collect();
        backend.wait_for(2);
        let third = scope.spawn(|| platform.buys(Dialect::SaasV2));
        calls.into_iter().for_each(|call| drop(call.join().unwrap()));
        third.join().unwrap();
    });
    assert!(begun.elapsed() > Duration::from_millis(2_500), "the third began when the first had ended");
    gateway.stop();
}

#[test]
fn the_operator_has_connections_of_his_own() {
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["limits"] = json!({"max_connections": 16});
    config["api"]["max_connections"] = json!(8);
    let gateway = Gateway::start(config);
    let (public, api) = (gateway.running().public(), gateway.running().api().unwrap());
    let kinds = || KINDS.iter().cycle().take(40);
    let _crowd: Vec<Stranger> = kinds().map(|kind| Stranger::says(public, kind)).collect();
    assert_eq!(health(api), 200, "a crowd at the other door");
    let mut crowd: Vec<Stranger> = kinds().map(|kind| Stranger::says(api, kind)).collect();
    assert_eq!(health(api), 200, "a crowd at this one");
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(health(api), 200, "a crowd that stays");
    assert!(connected(&mut crowd) <= 8);
    buys_at_once(&gateway.platform(), "both doors");
    gateway.stop();
}

#[test]
fn handshakes_that_go_nowhere_hold_nobody_up() {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["tls"] = json!({"certificate": files.join("localhost.pem"), "key": files.join("localhost.key")});
    config["limits"] = json!({"max_connections": 16, "head_timeout_ms": 20_000});
    let gateway = Gateway::start(config);
    let address = gateway.running().public();
    // Nothing, half a record's head, a record that is longer than what comes of it.
    let kinds = ["", "\u{16}\u{3}", "\u{16}\u{3}\u{1}\u{1}\u{0}\u{1}\u{0}\u{0}"];
    let mut crowd: Vec<Stranger> =
        kinds.iter().cycle().take(60).map(|kind| Stranger::says(address, kind)).collect();
    for _ in 0..2 {
        let begun = Instant::now();
        let answer =
            crate::tls::over_tls(address, b"GET /v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        std::thread::sleep(Duration::from_millis(1_100));
    }
    assert!(connected(&mut crowd) <= 16);
    gateway.stop();
}

/// A process that may have so many files open, the soft limit and the hard one.
fn serve_with(soft: u32, hard: u32, folder: &Path, backend: &Backend, more: &str) -> std::process::Command {
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n{more}\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\nmax_connections = 16\ntokens = [{{ token = \"t\", scopes = [\"read\"] }}]\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n",
        backend.url()
    );
    let file = folder.join("countersign.toml");
    std::fs::write(&file, text).unwrap();
    let mut shell = std::process::Command::new("sh");
    let script = "ulimit -S -n $2 && ulimit -H -n $1 && exec \"$3\" serve --config \"$4\"";
    let serve = countersign();
    shell.args(["-c", script, "sh", &hard.to_string(), &soft.to_string()]).arg(serve.get_program()).arg(file);
    shell
}

#[test]
fn a_process_with_few_descriptors_keeps_some_for_backend_store_and_operator() {
    raise_descriptors();
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let mut process = Process::run(serve_with(64, 256, folder.path(), &backend, ""));
    let line = process.line();
    let api: SocketAddr = line.strip_prefix("listening api ").unwrap().parse().unwrap();
    let platform = process.platform();
    let kinds = KINDS.iter().cycle().take(400);
    let mut crowd: Vec<Stranger> = kinds.map(|kind| Stranger::says(platform.address, kind)).collect();
    for _ in 0..2 {
        buys_at_once(&platform, "400 strangers, 256 descriptors");
        assert_eq!(health(api), 200);
        std::thread::sleep(Duration::from_millis(1_100));
    }
    let open = connected(&mut crowd);
    assert!((65..=88).contains(&open), "more than the soft limit, and half of what is left: {open}");
    process.signal("-TERM");
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("max_connections"), "the lower limit is logged: {log}");
}

#[test]
fn a_process_without_descriptors_for_anybody_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let output = serve_with(64, 64, folder.path(), &backend, "").output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("limits: "), "{stderr}");
}
