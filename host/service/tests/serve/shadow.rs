//! Shadow mode: the old handler answers, the gateway learns and compares, and nothing reaches a backend.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign::config::EngineKind;
use countersign::gate::{Clock, Sleep, SystemClock};
use countersign::gateway::Options;
use countersign_simulator::calls::saas_v2::{
    query_instance, release_instance, update_instance_status, upgrade_instance,
};
use countersign_simulator::{Dialect, HttpRequest};
use serde_json::{Value, json};

use crate::support::old::{Vices, old_handler, origin};
use crate::support::process::countersign;
use crate::support::{Backend, Gateway, Platform, Reply, config};

/// A backend that must hear nothing, a gateway in the shadow of `old`, and the folder of its ledger and record.
struct Shadowed {
    folder: tempfile::TempDir,
    backend: Backend,
    gateway: Gateway,
}

impl Shadowed {
    fn of(old: &Backend) -> Self {
        Self::with(json!({"url": origin(old), "record": "shadow.jsonl"}), EngineKind::Native)
    }

    fn with(shadow: Value, engine: EngineKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let backend = Backend::start(|_| Reply::done());
        let mut config = settings(&backend);
        config["shadow"] = shadow;
        let gateway = Gateway::start_with(config, folder.path(), engine);
        Self { folder, backend, gateway }
    }

    /// Ends the gateway and returns the lines of its record; no effect was sent.
    fn end(self) -> (Vec<Value>, tempfile::TempDir, Backend) {
        self.gateway.stop();
        assert!(self.backend.deliveries().is_empty(), "a shadow sends no effect");
        let text = std::fs::read_to_string(self.folder.path().join("shadow.jsonl")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines, self.folder, self.backend)
    }
}

fn settings(backend: &Backend) -> Value {
    let mut config = config(backend);
    config["store"] = json!("sqlite:ledger.db");
    config
}

/// The codes of a line's differences.
fn codes(line: &Value) -> Vec<&str> {
    line["differences"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// A call that the platform takes, whatever it thinks of the answer's form.
fn code_of(platform: &Platform, request: &HttpRequest) -> (u16, String) {
    let response = platform.send(request);
    let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    (response.status, body["resultCode"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_good_handler_is_followed_and_can_be_cut_over() {
    for engine in [EngineKind::Native, EngineKind::Wasm] {
        let old = old_handler(Vices::default());
        let shadowed = Shadowed::with(json!({"url": origin(&old), "record": "shadow.jsonl"}), engine);
        let platform = shadowed.gateway.platform();
        let mut bought = Vec::new();
        for dialect in Dialect::SAAS {
            let order = platform.order();
            let purchase = platform.purchase(dialect, &order);
            let id = platform.call(dialect, &purchase).instance_id.unwrap();
            assert!(id.starts_with("old-"), "the old handler's id");
            let again = platform.call(dialect, &platform.purchase(dialect, &order));
            assert_eq!(again.instance_id.as_deref(), Some(id.as_str()));
            platform.query(&id);
            bought.push((dialect, order, id));
        }
        for fields in [
            update_instance_status("old-2", true),
            update_instance_status("old-2", false),
            upgrade_instance("old-2", &platform.order()),
        ] {
            assert_eq!(platform.call(Dialect::SaasV2, &fields).result_code, "000000");
        }
        let metrics = shadowed.gateway.metrics();
        assert!(metrics.contains("countersign_shadow_calls_total 9\n"), "{metrics}");
        assert!(!metrics.contains("countersign_shadow_differences_total{"), "{metrics}");
        let (lines, folder, backend) = shadowed.end();
        assert!(lines.is_empty(), "{lines:?}");
        assert_eq!(old.deliveries().len(), 9, "every call went through once");

        let gateway = Gateway::start_with(settings(&backend), folder.path(), engine);
        let platform = gateway.platform();
        for (dialect, order, id) in bought {
            let repeat = platform.call(dialect, &platform.purchase(dialect, &order));
            assert_eq!(repeat.instance_id, Some(id.clone()), "{dialect:?}: the old instance");
            let access = platform.query(&id).instances[0].app_info.clone().unwrap();
            assert_eq!(access.front_end_url, "https://old.example.com");
        }
        assert!(backend.deliveries().is_empty(), "nothing is opened a second time");
        platform.call(Dialect::SaasV2, &release_instance("old-2", None));
        assert_eq!(backend.deliveries().len(), 1, "from now on the backend is told");
        assert_eq!(old.deliveries().len(), 9, "and the old handler is not");
        gateway.stop();
    }
}

#[test]
fn a_second_instance_for_one_order_is_recorded() {
    let old = old_handler(Vices { opens_again: true, ..Vices::default() });
    let shadowed = Shadowed::of(&old);
    let platform = shadowed.gateway.platform();
    let order = platform.order();
    for expected in ["old-1", "old-2"] {
        let answer = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
        assert_eq!(answer.instance_id.as_deref(), Some(expected), "the old handler's answer, right or wrong");
    }
    let metrics = shadowed.gateway.metrics();
    assert!(
        metrics.contains("countersign_shadow_differences_total{code=\"second-instance\"} 1\n"),
        "{metrics}"
    );
    let (lines, folder, backend) = shadowed.end();
    assert_eq!(lines.len(), 1);
    let line = &lines[0];
    assert_eq!(line["differences"], json!([{"code": "second-instance", "own": "old-1", "theirs": "old-2"}]));
    for (name, value) in [
        ("dialect", json!("saas-v2")),
        ("product", json!("crm")),
        ("activity", json!("newInstance")),
        ("event", json!("subscribe")),
        ("test", json!(false)),
        ("own", json!({"result_code": "000000", "reason": null})),
        ("theirs", json!({"status": 200, "result_code": "000000"})),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert_eq!(line["request"].as_str().unwrap().len(), 32);
    assert!(line["time"].as_str().unwrap().ends_with('Z') && line["milliseconds"].is_u64());

    let gateway = Gateway::start_with(settings(&backend), folder.path(), EngineKind::Native);
    let platform = gateway.platform();
    let repeat = platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order));
    assert_eq!(repeat.instance_id.as_deref(), Some("old-1"), "one order, one instance");
    gateway.stop();
}

#[test]
fn every_vice_is_passed_on_and_recorded() {
    for (vices, call, status, expected) in [
        (Vices { signs_wrong: true, ..Vices::default() }, "create", 200, vec!["signature-wrong"]),
        (Vices { status_500: true, ..Vices::default() }, "create", 500, vec!["http-status"]),
        (Vices { forgets_address: true, ..Vices::default() }, "query", 200, vec!["field-missing"]),
        (Vices { forgets_freeze: true, ..Vices::default() }, "freeze", 200, vec!["result-code"]),
    ] {
        let old = old_handler(vices);
        let shadowed = Shadowed::of(&old);
        let platform = shadowed.gateway.platform();
        let order = platform.order();
        let create = platform.purchase(Dialect::SaasV2, &order);
        let first = platform.send(&platform.sign(Dialect::SaasV2, &create));
        let response = match call {
            "create" => first,
            "query" => platform.send(&platform.sign(Dialect::SaasV2, &query_instance(&["old-1"]))),
            _ => platform.send(&platform.sign(Dialect::SaasV2, &update_instance_status("old-1", true))),
        };
        assert_eq!(response.status, status, "{vices:?}");
        let (lines, _, _) = shadowed.end();
        assert_eq!(lines.last().map(codes), Some(expected), "{vices:?}: {lines:?}");
    }
}

#[test]
fn what_ours_refuses_is_forwarded_all_the_same() {
    let old = old_handler(Vices::default());
    let shadowed = Shadowed::of(&old);
    let platform = shadowed.gateway.platform();
    let mut request = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    request.body = serde_json::to_vec(&platform.purchase(Dialect::SaasV2, &platform.order())).unwrap();
    assert_eq!(code_of(&platform, &request), (200, "000000".into()), "the old handler verifies nothing");
    let replayed = platform.sign(Dialect::SaasV2, &query_instance(&["x"]));
    assert_eq!(code_of(&platform, &replayed).1, "000000");
    assert_eq!(code_of(&platform, &replayed).1, "000000");
    let malformed = json!({"activity": "newInstance"});
    let malformed = platform.sign(Dialect::SaasV2, malformed.as_object().unwrap());
    assert_eq!(code_of(&platform, &malformed).1, "000000");
    assert_eq!(old.deliveries().len(), 4);
    let metrics = shadowed.gateway.metrics();
    assert!(
        metrics.contains("countersign_shadow_strangers_total{code=\"signature-mismatch\"} 1\n"),
        "{metrics}"
    );
    assert!(metrics.contains("countersign_shadow_differences_total{code=\"result-code\"} 4\n"), "{metrics}");
    let (lines, _, _) = shadowed.end();
    let told = |line: &Value| (line["own"].clone(), line["theirs"]["result_code"].clone());
    assert_eq!(
        lines.iter().map(told).collect::<Vec<_>>(),
        [
            (json!({"result_code": "000003", "reason": "unknown-instance"}), json!("000000")),
            (json!({"result_code": "000001", "reason": "replayed"}), json!("000000")),
            (json!({"result_code": "000002", "reason": "field-missing"}), json!("000000")),
        ]
    );
}

#[test]
fn what_a_stranger_sends_is_counted_and_leaves_nothing() {
    let old = old_handler(Vices::default());
    let shadowed = Shadowed::of(&old);
    let platform = shadowed.gateway.platform();
    let signed = platform.sign(Dialect::SaasV2, &query_instance(&["x"]));
    let forged = HttpRequest { body: b"{}".to_vec(), ..signed.clone() };
    let unsigned = HttpRequest { target: "/v2".into(), ..signed.clone() };
    let nobodys = HttpRequest { target: signed.target.replace("nonce=", "nonce=x"), ..signed };
    for request in [forged, unsigned, nobodys] {
        for _ in 0..20 {
            platform.send(&request);
        }
    }
    assert_eq!(old.deliveries().len(), 60, "they are passed on all the same");
    let metrics = shadowed.gateway.metrics();
    let counted: u64 = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("countersign_shadow_strangers_total{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(counted, 60, "{metrics}");
    let (lines, folder, _) = shadowed.end();
    assert!(lines.is_empty(), "{lines:?}");
    assert_eq!(std::fs::metadata(folder.path().join("shadow.jsonl")).unwrap().len(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_the_record() {
    use std::os::unix::fs::PermissionsExt;
    for before in [None, Some(0o600), Some(0o644), Some(0o666), Some(0o400)] {
        let folder = tempfile::tempdir().unwrap();
        let record = folder.path().join("shadow.jsonl");
        if let Some(mode) = before {
            std::fs::write(&record, "{}\n").unwrap();
            std::fs::set_permissions(&record, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        let old = old_handler(Vices::default());
        let mut config = config(&Backend::start(|_| Reply::done()));
        config["shadow"] = json!({"url": origin(&old), "record": "shadow.jsonl"});
        if before == Some(0o400) && std::fs::OpenOptions::new().append(true).open(&record).is_err() {
            continue; // nothing that the gateway could change
        }
        let gateway = Gateway::start_in(config, folder.path(), Options::default());
        let mode = std::fs::metadata(&record).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{before:?}: {mode:o}");
        assert_eq!(
            std::fs::read_to_string(&record).unwrap().len(),
            before.map_or(0, |_| 3),
            "nothing is lost"
        );
        gateway.stop();
    }
}

#[test]
fn a_line_is_short_whatever_the_old_handler_says() {
    let long = "9".repeat(3_000_000);
    let answers = [
        json!({"resultCode": long, "resultMsg": long, "instanceId": long}),
        json!({"resultCode": "000000", "instanceId": long, "appInfo": {"frontEndUrl": long, "adminUrl": long, "memo": long}}),
        json!({"resultCode": "000000", "info": (0..100).map(|number| json!({"instanceId": format!("{number}{}", "x".repeat(9_000)), "appInfo": 1})).collect::<Vec<_>>()}),
    ];
    for answer in answers {
        let body = answer.to_string();
        let old = Backend::start(move |_| Reply::status(200, body.clone()));
        let shadowed = Shadowed::of(&old);
        let platform = shadowed.gateway.platform();
        let ids: Vec<String> = (0..100).map(|number| format!("instance-{number}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        for dialect in Dialect::SAAS {
            platform.send(&platform.sign(dialect, &platform.purchase(dialect, &platform.order())));
        }
        platform.send(&platform.sign(Dialect::SaasV2, &query_instance(&ids)));
        let (lines, folder, _) = shadowed.end();
        assert_eq!(lines.len(), 3);
        let text = std::fs::read_to_string(folder.path().join("shadow.jsonl")).unwrap();
        for line in text.lines() {
            assert!(line.len() < 16_384, "{} bytes: {}", line.len(), &line[..2_000]);
        }
    }
}

#[test]
fn an_old_handler_that_does_not_answer_makes_the_platform_call_again() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let slow = Backend::start(|_| Reply::status(200, r#"{"resultCode":"000000"}"#).after(3_000));
    let hangs_up = Backend::start(|_| Reply::status(0, ""));
    let torn = torn_handler();
    for (url, cause) in [
        (format!("http://{closed}"), "unreachable"),
        (origin(&slow), "deadline"),
        (origin(&hangs_up), "cut-short"),
        (torn, "cut-short"),
    ] {
        let shadow = json!({"url": url, "timeout_ms": 300, "record": "shadow.jsonl"});
        let shadowed = Shadowed::with(shadow, EngineKind::Native);
        let platform = shadowed.gateway.platform();
        for dialect in Dialect::SAAS {
            let answer = platform.call(dialect, &platform.purchase(dialect, &platform.order()));
            assert_eq!((answer.result_code.as_str(), answer.instance_id), ("000005", None), "{url}");
        }
        let mut forged = platform.sign(Dialect::SaasV2, &query_instance(&["x"]));
        forged.body = serde_json::to_vec(&query_instance(&["y"])).unwrap();
        assert_eq!(code_of(&platform, &forged).1, "000001", "refused anyway: no success either");
        let (lines, folder, backend) = shadowed.end();
        assert_eq!(lines.len(), 2, "{lines:?}");
        for line in &lines {
            assert_eq!(line["differences"], json!([{"code": "no-answer", "theirs": cause}]));
        }
        let gateway = Gateway::start_with(settings(&backend), folder.path(), EngineKind::Native);
        assert_eq!(
            gateway.api("GET", "/v1/instances", "reader", "").1["instances"],
            json!([]),
            "nothing was learned"
        );
        gateway.stop();
    }
}

/// Promises more body than it sends.
fn torn_handler() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut buffer = [0; 4_096];
            let _ = stream.read(&mut buffer);
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"resultCode\":\"000000\"");
        }
    });
    format!("http://{address}")
}

/// What an old handler got and what the platform got, byte for byte.
#[test]
fn bytes_pass_unchanged_in_both_directions() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let reply = "HTTP/1.1 203 Odd Phrase\r\nX-oDd-cASE: a\r\nbOdY-sIgN: as it came\r\nX-Twice: 1\r\nX-Twice: 2\r\n\
                 Date: Thu, 01 Jan 1970 00:00:00 GMT\r\nConnection: keep-alive\r\nContent-Length: 9\r\n\r\n\x01{\"a\" :1}";
    let old = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"\"end\"}") {
            let mut buffer = [0; 4_096];
            let length = stream.read(&mut buffer).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&received));
            received.extend_from_slice(&buffer[..length]);
        }
        stream.write_all(reply.as_bytes()).unwrap();
        String::from_utf8(received).unwrap()
    });
    let shadow = json!({"url": format!("http://{address}")});
    let shadowed = Shadowed::with(shadow, EngineKind::Native);
    let platform = shadowed.gateway.platform();
    let body = "{ \"b\":2,\"b\":2 , \"name\":\"\\u4e2d\\/\" ,\"end\":\"end\"}";
    let target = "/v2?signature=AB%2Bcd&nonce=%7e%7E+x&&timestamp=1";
    let sent = format!(
        "POST {target} HTTP/1.1\r\nHost: seller.example.com\r\nX-oDd-cASE: a\r\nx-lower: b\r\nX-Twice: 1\r\nX-Twice: 2\r\n\
         Content-Type: application/json;charset=utf8\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = platform.raw(sent.as_bytes());
    let received = old.join().unwrap();

    let (head, received_body) = received.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.split("\r\n").collect();
    assert_eq!(lines.remove(0), format!("POST {target} HTTP/1.1"));
    lines.sort_unstable();
    let length = format!("Content-Length: {}", body.len());
    let mut wanted = vec![
        "Host: seller.example.com",
        "X-oDd-cASE: a",
        "x-lower: b",
        "X-Twice: 1",
        "X-Twice: 2",
        "Content-Type: application/json;charset=utf8",
        &length,
    ];
    wanted.sort_unstable();
    assert_eq!(lines, wanted, "every header, in its own case, but for those of the connection");
    assert_eq!(received_body, body);

    let (head, answer_body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.split("\r\n").collect();
    assert_eq!(lines.remove(0), "HTTP/1.1 203 Odd Phrase");
    lines.retain(|line| !line.eq_ignore_ascii_case("connection: close"));
    lines.sort_unstable();
    let mut wanted: Vec<&str> = reply.split_once("\r\n\r\n").unwrap().0.split("\r\n").skip(1).collect();
    wanted.retain(|line| !line.starts_with("Connection"));
    wanted.sort_unstable();
    assert_eq!(lines, wanted);
    assert_eq!(answer_body, "\x01{\"a\" :1}");
    shadowed.end();
}

#[test]
fn one_route_may_be_shadowed_and_another_live() {
    let old = old_handler(Vices::default());
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    // Both dialects on one path: the method tells them apart.
    config["routes"][0]["path"] = json!("/v2");
    config["routes"][0]["shadow"] = json!({"url": origin(&old)});
    let gateway = Gateway::start(config);
    let platform = gateway.platform();
    platform.buys(Dialect::SaasV2);
    assert_eq!((backend.deliveries().len(), old.deliveries().len()), (1, 0));
    let mut request = platform.sign(Dialect::SaasV1, &platform.purchase(Dialect::SaasV1, &platform.order()));
    request.target = request.target.replacen("/v1", "/v2", 1);
    assert_eq!(code_of(&platform, &request).1, "000000");
    assert_eq!((backend.deliveries().len(), old.deliveries().len()), (1, 1));
    let unknown = HttpRequest { target: "/elsewhere".into(), ..request.clone() };
    assert_eq!(platform.send(&unknown).status, 404, "what is no route is forwarded nowhere");
    let wrong = HttpRequest { method: "PUT", ..request };
    assert_eq!(platform.send(&wrong).status, 405);
    assert_eq!(old.deliveries().len(), 1);
    gateway.stop();
}

struct AnHourLater;

const HOUR_MS: u64 = 3_600_000;

impl Clock for AnHourLater {
    fn now(&self) -> u64 {
        SystemClock.now() + HOUR_MS
    }

    fn monotonic(&self) -> u64 {
        SystemClock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        SystemClock.sleep(duration)
    }
}

#[test]
fn what_was_owed_before_is_not_sent_in_the_shadow() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let gateway = Gateway::start_in(settings(&backend), folder.path(), Options::default());
    let id = gateway.platform().buys(Dialect::SaasV2);
    backend.answers(|_| Reply::status(503, ""));
    let freeze = update_instance_status(&id, true);
    assert_eq!(gateway.platform().call(Dialect::SaasV2, &freeze).result_code, "000005");
    gateway.stop();

    let old = old_handler(Vices::default());
    let silent = Backend::start(|_| Reply::done());
    let mut config = settings(&silent);
    config["shadow"] = json!({"url": origin(&old)});
    // So late that it would be sent at the first look.
    let options = Options { clock: Some(Arc::new(AnHourLater)), ..Options::default() };
    let gateway = Gateway::start_in(config, folder.path(), options);
    let begun = Instant::now();
    while !gateway.metrics().contains("countersign_owed_works 1\n") {
        assert!(begun.elapsed() < Duration::from_secs(20), "the gateway looks at what is owed");
        std::thread::yield_now();
    }
    // Ends only when every send has ended.
    gateway.stop();
    assert!(silent.deliveries().is_empty());

    let gateway = Gateway::start_in(settings(&silent), folder.path(), Options::default());
    assert_eq!(silent.wait_for(1)[0].event()["type"], "countersign.freeze", "it is still owed");
    gateway.stop();
}

#[test]
fn the_record_holds_no_secret() {
    let old = old_handler(Vices { opens_again: true, signs_wrong: true, ..Vices::default() });
    let shadowed = Shadowed::of(&old);
    let platform = shadowed.gateway.platform();
    let order = platform.order();
    for dialect in [Dialect::SaasV1, Dialect::SaasV1, Dialect::SaasV2] {
        platform.send(&platform.sign(dialect, &platform.purchase(dialect, &order)));
    }
    let mut requests: Vec<String> = old.deliveries().iter().map(|one| one.target.clone()).collect();
    requests.retain(|target| target.contains('?'));
    let (lines, folder, _) = shadowed.end();
    assert_eq!(lines.len(), 3);
    let text = std::fs::read_to_string(folder.path().join("shadow.jsonl")).unwrap();
    for secret in ["s3cret", "old.example.com", crate::support::KEY, "authToken", "signature=", "nonce="] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    for query in requests.iter().filter_map(|target| target.split_once('?')).map(|(_, query)| query) {
        for pair in
            query.split('&').filter(|pair| pair.starts_with("mobilePhone") || pair.starts_with("email"))
        {
            let value = pair.split_once('=').unwrap().1;
            assert!(!text.contains(value), "{pair}");
        }
    }
}

#[test]
fn mistakes_of_the_settings_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    let text = format!(
        r#"
        listen = "127.0.0.1:0"
        store = "memory:"
        [backend]
        url = "http://127.0.0.1:9"
        secret = "{}"
        [shadow]
        url = "http://old.example.com/path"
        timeout_ms = 1
        records = "x"
        [[routes]]
        path = "/v2"
        dialect = "saas-v2"
        keys = ["k"]
        shadow = {{ timeout = 3 }}
        "#,
        crate::support::WEBHOOK_SECRET
    );
    std::fs::write(&file, text).unwrap();
    let output = countersign().arg("serve").arg("--config").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    let mut paths: Vec<&str> =
        said.lines().filter_map(|line| line.split_once(": ")).map(|(path, _)| path).collect();
    paths.sort_unstable();
    assert_eq!(
        paths,
        [
            "routes[0].shadow.timeout",
            "routes[0].shadow.url",
            "shadow.records",
            "shadow.timeout_ms",
            "shadow.url"
        ]
    );
}

#[test]
fn a_store_that_is_away_costs_the_platform_nothing() {
    use countersign_ledger::MemoryStore;
    use countersign_ledger::conformance::{Fault, Faulty};
    let old = old_handler(Vices::default());
    let backend = Backend::start(|_| Reply::done());
    let mut config = config(&backend);
    config["shadow"] = json!({"url": origin(&old)});
    let store = Faulty::new(Arc::new(MemoryStore::new()), |_| Some(Fault::Unavailable));
    let options = Options { store: Some(Arc::new(store)), ..Options::default() };
    let gateway = Gateway::start_in(config, std::path::Path::new("."), options);
    for dialect in Dialect::SAAS {
        assert!(gateway.platform().buys(dialect).starts_with("old-"), "{dialect:?}");
    }
    let metrics = gateway.metrics();
    assert!(
        metrics.contains("countersign_shadow_failures_total{code=\"store-unavailable\"} 2\n"),
        "{metrics}"
    );
    gateway.stop();
}

#[test]
fn duplicates_at_once_leave_one_instance_in_the_ledger() {
    let old = old_handler(Vices { opens_again: true, ..Vices::default() });
    let shadowed = Shadowed::of(&old);
    let platform = shadowed.gateway.platform();
    let order = platform.order();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| platform.call(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &order)));
        }
    });
    let listed = shadowed.gateway.api("GET", "/v1/instances", "reader", "").1;
    assert_eq!(listed["instances"].as_array().unwrap().len(), 1, "{listed}");
    let (lines, _, _) = shadowed.end();
    assert_eq!(lines.len(), 15, "every other instance is named");
    assert!(lines.iter().all(|line| codes(line) == ["second-instance"]), "{lines:?}");
}
