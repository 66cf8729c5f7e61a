//! Bodies: who sends one to nobody, too much, too slowly, or never to its end.

use std::time::{Duration, Instant};

use countersign_simulator::Dialect;
use serde_json::{Value, json};

use crate::support::process::Process;
use crate::support::stranger::{Stranger, connected, raise_descriptors};
use crate::support::{Backend, Gateway, KEY, Reply, WEBHOOK_SECRET, config};

fn gateway(limits: &Value) -> (Backend, Gateway) {
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["limits"] = limits.clone();
    let gateway = Gateway::start(config);
    (backend, gateway)
}

const LENGTH: &str = "Content-Length: 1048576\r\n";
const CHUNKS: &str = "Transfer-Encoding: chunked\r\n";
const EXPECT: &str = "Expect: 100-continue\r\n";

#[test]
fn path_method_and_declared_length_are_judged_before_a_byte_of_the_body() {
    let (_backend, gateway) = gateway(&json!({}));
    for (request, framing, status) in [
        ("POST /elsewhere", LENGTH, "404"),
        ("POST /elsewhere", CHUNKS, "404"),
        ("POST /v1?a=b", LENGTH, "405"),
        ("PUT /v2", CHUNKS, "405"),
        ("POST /v2", LENGTH, "200"),
        ("POST /v2", "Content-Length: 65537\r\n", "200"),
        ("GET /v1?a=b", LENGTH, "200"),
    ] {
        for expect in ["", EXPECT] {
            let head = format!("{request} HTTP/1.1\r\nHost: x\r\n{framing}{expect}\r\n");
            let begun = Instant::now();
            let mut caller = Stranger::says(gateway.running().public(), &head);
            let answer = caller.rest();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
            assert!(answer.contains("\r\nConnection: close\r\n"), "what follows is no request: {answer}");
            if status == "200" {
                assert!(
                    answer.contains("\"resultCode\":\"000002\"") && answer.contains("\r\nBody-Sign: "),
                    "{answer}"
                );
            }
            assert!(begun.elapsed() < Duration::from_secs(5), "{head}: {:?}", begun.elapsed());
        }
    }
    gateway.stop();
}

#[test]
fn who_asks_before_sending_is_told_to_go_on_where_the_body_is_wanted() {
    let (backend, gateway) = gateway(&json!({}));
    let platform = gateway.platform();
    let mut request = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    request.headers.push(("Expect".to_owned(), "100-continue".to_owned()));
    let text = String::from_utf8(request.to_http_text()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut caller = Stranger::says(platform.address, &format!("{head}\r\n\r\n"));
    assert!(caller.head().starts_with("HTTP/1.1 100 "));
    caller.more(body);
    assert!(caller.head().starts_with("HTTP/1.1 200 "));
    assert_eq!(backend.deliveries().len(), 1);
    gateway.stop();
}

#[test]
fn a_body_without_a_length_is_read_up_to_the_limit_and_not_to_its_end() {
    let (_backend, gateway) = gateway(&json!({}));
    let head = "POST /v2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut caller = Stranger::says(gateway.running().public(), head);
    let begun = Instant::now();
    for _ in 0..9 {
        caller.more(&format!("2000\r\n{}\r\n", " ".repeat(0x2000)));
    }
    let answer = caller.rest();
    assert!(answer.contains("\"resultCode\":\"000002\""), "{answer}");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    gateway.stop();
}

#[test]
fn a_body_that_comes_byte_by_byte_is_given_up_in_time() {
    let (_backend, gateway) = gateway(&json!({"body_timeout_ms": 600}));
    for framing in ["Content-Length: 1000\r\n", CHUNKS] {
        let head = format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{framing}\r\n");
        let mut caller = Stranger::says(gateway.running().public(), &head);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(2) && !caller.is_cut() {
            caller.more(if framing == CHUNKS { "1\r\n \r\n" } else { " " });
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(caller.head().starts_with("HTTP/1.1 408 "), "{framing}");
        assert!(caller.until_cut(Duration::from_secs(3)) < Duration::from_secs(3));
    }
    gateway.stop();
}

#[test]
fn requests_that_arrive_share_their_room_and_the_oldest_give_it_up() {
    let (_backend, gateway) = gateway(&json!({"max_inflight_bytes": 4_194_304}));
    let platform = gateway.platform();
    let body =
        "POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 65000\r\n\r\n".to_owned() + &" ".repeat(64_000);
    let chunks = format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{CHUNKS}\r\nfa00\r\n{}\r\n", " ".repeat(64_000));
    let head = format!("POST /v2 HTTP/1.1\r\nHost: x\r\nX: {}", "x".repeat(64_000));
    let mut crowd = Vec::new();
    for number in 0..120 {
        crowd.push(Stranger::says(platform.address, [&body, &chunks, &head][number % 3]));
        if number % 20 == 0 {
            platform.buys(Dialect::SaasV2);
        }
    }
    platform.buys(Dialect::SaasV2);
    let open = connected(&mut crowd);
    assert!((20..=66).contains(&open), "{open} of 120 are open");
    crowd[0].until_cut(Duration::from_secs(1));
    assert!(!crowd[119].is_cut(), "the one that came last stays");
    gateway.stop();
}

/// Kilobytes of memory that a process has.
fn resident(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_requests_that_never_end_cost_little_memory() {
    raise_descriptors();
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n\
         [limits]\nmax_inflight_bytes = 16777216\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\n",
        backend.url()
    );
    std::fs::write(folder.path().join("countersign.toml"), text).unwrap();
    let megabyte = " ".repeat(1_000_000);
    let (short, head) = (" ".repeat(64_000), "x".repeat(100_000));
    for (kind, request) in [
        ("bodies for nobody", format!("POST /nobody HTTP/1.1\r\nHost: x\r\n{LENGTH}\r\n{megabyte}")),
        ("chunks for nobody", format!("POST /nobody HTTP/1.1\r\nHost: x\r\n{CHUNKS}\r\nf4240\r\n{megabyte}")),
        ("bodies that are too long", format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{LENGTH}\r\n{megabyte}")),
        (
            "chunks that are too long",
            format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{CHUNKS}\r\nf4240\r\n{megabyte}"),
        ),
        ("bodies", format!("POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 65000\r\n\r\n{short}")),
        ("chunks", format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{CHUNKS}\r\nfa00\r\n{short}")),
        ("heads", format!("POST /v2 HTTP/1.1\r\nHost: x\r\nX: {head}")),
    ] {
        let process = Process::serve(&folder.path().join("countersign.toml"), &[]);
        let platform = process.platform();
        platform.buys(Dialect::SaasV2);
        let before = resident(&process);
        let mut most = before;
        let mut crowd = Vec::new();
        for number in 0..1_000 {
            crowd.push(Stranger::says(platform.address, &request));
            if number % 50 == 0 {
                most = most.max(resident(&process));
            }
        }
        platform.buys(Dialect::SaasV2);
        let grown = most.max(resident(&process)) - before;
        assert!(grown < 64 * 1_024, "{kind}: {grown} KiB");
    }
}
