//! The public listener, byte by byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use countersign_simulator::Dialect;
use serde_json::json;

use crate::support::stranger::Stranger;
use crate::support::{Backend, Gateway, Reply, config};

fn gateway(change: impl FnOnce(&mut serde_json::Value)) -> (Backend, Gateway) {
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    change(&mut config);
    let gateway = Gateway::start(config);
    (backend, gateway)
}

#[test]
fn header_names_go_out_in_the_documented_case() {
    let (_backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    let request = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    let answer = platform.raw(&request.to_http_text());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("\r\nBody-Sign: sign_type=\"HMAC-SHA256\", signature= \""), "{head}");
    assert!(head.contains("\r\nContent-Type: application/json"), "{head}");
    assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{head}");
    assert!(!head.contains("Transfer-Encoding"), "{head}");
    gateway.stop();
}

#[test]
fn an_unknown_path_is_404_and_a_wrong_method_405_both_without_a_body() {
    let (_backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    for request in [
        "GET / HTTP/1.1",
        "GET /v2/ HTTP/1.1",
        "POST /V2 HTTP/1.1",
        "OPTIONS * HTTP/1.1",
        "GET /%76%32 HTTP/1.1",
    ] {
        let answer = platform.raw(format!("{request}\r\nHost: x\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 404 "), "{request}: {answer}");
        assert!(answer.contains("\r\nContent-Length: 0\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    for (request, allow) in [("GET /v2 HTTP/1.1", "POST"), ("DELETE /v1?a=b HTTP/1.1", "GET")] {
        let answer = platform.raw(format!("{request}\r\nHost: x\r\n\r\n").as_bytes());
        assert!(answer.starts_with("HTTP/1.1 405 "), "{request}: {answer}");
        assert!(answer.contains(&format!("\r\nAllow: {allow}\r\n")), "{answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    }
    gateway.stop();
}

#[test]
fn a_target_in_absolute_form_means_its_path_and_query() {
    let (backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    let mut request = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    request.target = format!("http://isv.example.com{}", request.target);
    let answer = platform.raw(&request.to_http_text());
    assert!(answer.contains("\"resultCode\":\"000000\""), "{answer}");
    assert_eq!(backend.deliveries().len(), 1);
    gateway.stop();
}

#[test]
fn what_is_too_large_gets_a_signed_refusal() {
    let (backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    let code = |request: &countersign_simulator::HttpRequest| {
        let fields = json!({"activity": "newInstance"});
        let checked = platform.checked(Dialect::SaasV2, fields.as_object().unwrap(), &platform.send(request));
        checked.result_code
    };
    let signed = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));

    // Over the limit of base calls, over that of the listener, and far beyond both.
    for bytes in [65_537, 1_048_577, 8 << 20] {
        let mut request = signed.clone();
        request.body = vec![b' '; bytes];
        assert_eq!(code(&request), "000002", "{bytes} bytes");
    }
    let mut request = signed.clone();
    request.target.push_str(&format!("&x={}", "a".repeat(17_000)));
    assert_eq!(code(&request), "000002", "a long target");
    let mut request = signed.clone();
    request.headers.extend((0..120).map(|number| (format!("x-{number}"), "1".to_owned())));
    assert_eq!(code(&request), "000002", "many headers");
    let mut request = signed.clone();
    request.headers.push(("x".to_owned(), "1".repeat(40_000)));
    assert_eq!(code(&request), "000002", "large headers");

    // Without a length in advance.
    let mut chunked =
        format!("POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", signed.target);
    for _ in 0..20 {
        chunked.push_str(&format!("10000\r\n{}\r\n", " ".repeat(65_536)));
    }
    chunked.push_str("0\r\n\r\n");
    let answer = platform.raw(chunked.as_bytes());
    assert!(answer.contains("\"resultCode\":\"000002\""), "{answer}");

    assert!(gateway.metrics().contains("countersign_refusals_total{code=\"body-too-large\"} 4"));
    assert_eq!(backend.deliveries().len(), 0);
    gateway.stop();
}

#[test]
fn beyond_the_hard_caps_http_itself_refuses() {
    let (_backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    for (request, status) in [
        (format!("POST /v2 HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "1".repeat(150_000)), "431"),
        (format!("POST /v2 HTTP/1.1\r\nHost: x\r\n{}\r\n", "x: 1\r\n".repeat(300)), "431"),
        (format!("POST /v2?{} HTTP/1.1\r\nHost: x\r\n\r\n", "1".repeat(70_000)), "414"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
    ] {
        let mut stream = TcpStream::connect(platform.address).unwrap();
        let _ = stream.write_all(request.as_bytes());
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"));
    }
    gateway.stop();
}

#[test]
fn a_connection_serves_several_calls() {
    let (_backend, gateway) = gateway(|_| {});
    let platform = gateway.platform();
    let mut bytes = Vec::new();
    for _ in 0..3 {
        let purchase = platform.purchase(Dialect::SaasV2, &platform.order());
        bytes.extend(platform.sign(Dialect::SaasV2, &purchase).to_http_text());
    }
    let answers = platform.raw(&bytes);
    assert_eq!(answers.matches("\"resultCode\":\"000000\"").count(), 3, "{answers}");
    gateway.stop();
}

#[test]
fn who_is_too_slow_loses_the_connection() {
    let (_backend, gateway) = gateway(|config| {
        config["limits"] = json!({"head_timeout_ms": 300, "body_timeout_ms": 300, "idle_timeout_ms": 300});
    });
    let address = gateway.running().public();
    let read = |sent: &str| {
        let mut stranger = Stranger::says(address, sent);
        let begun = Instant::now();
        let answer = stranger.rest();
        assert!(begun.elapsed() < Duration::from_secs(3), "{sent:?}");
        answer
    };
    assert_eq!(read(""), "", "says nothing");
    assert_eq!(read("POST /v2 HTTP/1.1\r\nHos"), "", "half a head");
    let late = read("POST /v2 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
    // An idle connection, after an answer.
    let idle = read("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(idle.starts_with("HTTP/1.1 404 "), "{idle}");
    gateway.stop();
}

#[test]
fn a_connection_may_be_idle_longer_than_a_head_may_take() {
    let (_backend, gateway) = gateway(|config| {
        config["limits"] = json!({"head_timeout_ms": 300, "idle_timeout_ms": 60_000});
    });
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut caller = Stranger::says(gateway.running().public(), request);
    for _ in 0..3 {
        assert!(caller.head().starts_with("HTTP/1.1 404 "));
        std::thread::sleep(Duration::from_millis(800));
        caller.more(request);
    }
    assert!(caller.head().starts_with("HTTP/1.1 404 "));
    std::thread::sleep(Duration::from_millis(800));
    caller.more("GET / HT");
    let cut = caller.until_cut(Duration::from_secs(5));
    assert!(cut >= Duration::from_millis(200), "from the first byte on a head has its own time: {cut:?}");
    gateway.stop();
}

#[test]
fn a_head_may_take_longer_than_a_connection_may_be_idle() {
    let (_backend, gateway) = gateway(|config| {
        config["limits"] = json!({"head_timeout_ms": 60_000, "idle_timeout_ms": 300});
    });
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut caller = Stranger::says(gateway.running().public(), "");
    for half in [&request[..7], &request[7..]] {
        std::thread::sleep(Duration::from_millis(800));
        caller.more(half);
    }
    assert!(caller.head().starts_with("HTTP/1.1 404 "));
    caller.until_cut(Duration::from_secs(5));
    gateway.stop();
}

#[test]
fn who_does_not_take_the_answers_loses_the_connection_too() {
    let (_backend, gateway) = gateway(|config| {
        config["limits"] = json!({"idle_timeout_ms": 300});
    });
    let mut caller = Stranger::says(gateway.running().public(), "");
    // Answers until the socket holds no more of them.
    let requests = "GET /v2 HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1_000);
    let begun = Instant::now();
    while caller.takes(&requests) {
        assert!(begun.elapsed() < Duration::from_secs(20), "still reading");
    }
    gateway.stop();
}
