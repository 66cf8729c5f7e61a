//! SIGHUP: the configuration is read again, and nothing that is under way notices.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use countersign_simulator::transport::{Plain, Transport};
use countersign_simulator::{AccessKey, Dialect, HttpRequest, SignInput, sign};
use rustls::ClientConnection;
use tempfile::TempDir;

use crate::support::process::Process;
use crate::support::stranger::Stranger;
use crate::support::{Backend, KEY, Platform, Reply, WEBHOOK_SECRET, now_ms};
use crate::tls::client;

/// A process, and the folder with its configuration.
struct Served {
    folder: TempDir,
    process: Process,
    api: SocketAddr,
}

impl Served {
    fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(tls_file("localhost.pem"), folder.path().join("server.pem")).unwrap();
        fs::copy(tls_file("localhost.key"), folder.path().join("localhost.key")).unwrap();
        fs::write(folder.path().join("key"), KEY).unwrap();
        fs::write(folder.path().join("countersign.toml"), configuration).unwrap();
        let mut process = Process::serve(&folder.path().join("countersign.toml"), &[]);
        let line = process.line();
        let api = line.strip_prefix("listening api ").unwrap().parse().unwrap();
        Self { folder, process, api }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    /// Sends SIGHUP and waits until the log says this once more.
    fn reload(&self, says: &str) -> String {
        let count = |log: &str| log.matches(says).count();
        let before = count(&self.process.log());
        self.process.signal("-HUP");
        let begun = Instant::now();
        loop {
            let log = self.process.log();
            if count(&log) > before {
                return log;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{says} in\n{log}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn api_status(&self, token: &str) -> u16 {
        let headers = vec![
            ("Host".to_owned(), self.api.to_string()),
            ("Authorization".to_owned(), format!("Bearer {token}")),
        ];
        let target = "/v1/instances".to_owned();
        let request = HttpRequest { method: "GET", target, headers, body: Vec::new() };
        Plain::to(self.api.to_string()).send(&request).unwrap().status
    }

    fn end(self) -> String {
        self.process.signal("-TERM");
        let (status, log) = self.process.end();
        assert_eq!(status.code(), Some(0), "{log}");
        log
    }
}

const TAKEN: &str = "members=\"routes, settings, backend, shadow, engine\"";
const REFUSED: &str = "not taken over";

fn tls_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls").join(name)
}

struct Text<'t> {
    backend: &'t Backend,
    top: &'t str,
    token: &'t str,
    more: &'t str,
    route: &'t str,
}

impl<'t> Text<'t> {
    fn of(backend: &'t Backend) -> Self {
        let route = "path = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [{ file = \"key\" }]\nproduct = \"crm\"";
        Self { backend, top: "", token: "first-token", more: "", route }
    }

    fn written(&self) -> String {
        format!(
            "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n{}\n\
             [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
             [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = \"{}\", scopes = [\"read\"] }}]\n\
             {}\n[[routes]]\n{}\n",
            self.top,
            self.backend.url(),
            self.token,
            self.more,
            self.route
        )
    }
}

/// The result code of a purchase that is signed with this key.
fn buys_with(platform: &Platform, key: &str) -> String {
    let fields = platform.purchase(Dialect::SaasV2, &platform.order());
    let request = sign(&SignInput {
        dialect: Dialect::SaasV2,
        key: &AccessKey::new(key),
        host: &platform.address.to_string(),
        path: "/v2",
        fields: &fields,
        now_ms: now_ms(),
        nonce: &platform.entropy().nonce(),
    });
    let answer = platform.send(&request.unwrap());
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body["resultCode"].as_str().map_or_else(|| answer.status.to_string(), str::to_owned)
}

#[test]
fn routes_keys_backends_and_tokens_are_renewed() {
    let (first, second) = (Backend::start(|_| Reply::done()), Backend::start(|_| Reply::done()));
    let served = Served::start(&Text::of(&first).written());
    let platform = served.process.platform();
    assert_eq!(buys_with(&platform, KEY), "000000");
    assert_eq!((served.api_status("first-token"), served.api_status("second-token")), (200, 401));

    // The key stands in a file of its own, which alone has changed.
    served.write("key", "another-access-key-0002\r\n");
    served.reload(TAKEN);
    assert_eq!(buys_with(&platform, KEY), "000001");
    assert_eq!(buys_with(&platform, "another-access-key-0002"), "000000");
    assert_eq!(first.deliveries().len(), 2);

    served.write("countersign.toml", &Text { token: "second-token", ..Text::of(&second) }.written());
    served.reload(TAKEN);
    assert_eq!((served.api_status("first-token"), served.api_status("second-token")), (401, 200));
    assert_eq!(buys_with(&platform, "another-access-key-0002"), "000000");
    assert_eq!((first.deliveries().len(), second.deliveries().len()), (2, 1));

    let route = "path = \"/elsewhere\"\ndialect = \"saas-v2\"\nkeys = [\"another-access-key-0002\"]\nproduct = \"crm\"";
    served.write("countersign.toml", &Text { route, ..Text::of(&second) }.written());
    served.reload(TAKEN);
    assert_eq!(buys_with(&platform, "another-access-key-0002"), "404");
    served.end();
}

#[test]
fn a_call_that_is_under_way_ends_as_it_began() {
    let slow = Backend::start(|_| Reply::done().after(2_000));
    let fast = Backend::start(|_| Reply::done());
    let served = Served::start(&Text::of(&slow).written());
    let platform = served.process.platform();
    // One connection in the middle of a head, one in the middle of a body, two with a call.
    let request = platform.sign(Dialect::SaasV2, &platform.purchase(Dialect::SaasV2, &platform.order()));
    let text = String::from_utf8(request.to_http_text()).unwrap();
    let mut halves: Vec<(Stranger, &str)> = [20, text.len() - 20]
        .map(|at| (Stranger::says(platform.address, &text[..at]), &text[at..]))
        .into_iter()
        .collect();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..2).map(|_| scope.spawn(|| platform.buys(Dialect::SaasV2))).collect();
        slow.wait_for(2);
        served.write("countersign.toml", &Text::of(&fast).written());
        served.reload(TAKEN);
        for _ in 0..20 {
            served.process.signal("-HUP");
        }
        calls.into_iter().for_each(|call| drop(call.join().unwrap()));
    });
    assert_eq!((slow.deliveries().len(), fast.deliveries().len()), (2, 0));
    for (connection, rest) in &mut halves {
        connection.more(rest);
        let answer = connection.head();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    assert_eq!(fast.deliveries().len(), 1, "one order, under the terms of now");
    served.end();
}

#[test]
fn a_call_under_a_key_that_is_gone_is_answered_with_it() {
    let backend = Backend::start(|_| Reply::done().after(1_500));
    let served = Served::start(&Text::of(&backend).written());
    let platform = served.process.platform();
    std::thread::scope(|scope| {
        // The answer is checked as the platform does, its signature included.
        let call = scope.spawn(|| platform.buys(Dialect::SaasV2));
        backend.wait_for(1);
        served.write("key", "another-access-key-0002");
        served.reload(TAKEN);
        call.join().unwrap();
    });
    assert_eq!(buys_with(&platform, KEY), "000001");
    served.end();
}

#[test]
fn what_is_broken_leaves_in_force_what_was_and_the_rest_is_taken_over() {
    let backend = Backend::start(|_| Reply::done());
    let served = Served::start(&Text::of(&backend).written());
    let platform = served.process.platform();
    let good = Text::of(&backend).written();
    for (broken, path) in [
        ("listen = [".to_owned(), ""),
        (good.replace("[api]", "[apy]"), "apy"),
        (good.replace("sqlite:ledger.db\"", "sqlite:ledger.db\"\ncolour = \"blue\""), "colour"),
        (String::new(), "routes"),
        (good.replace("saas-v2", "saas-v3"), "routes[0].dialect"),
        (good.replace("{ file = \"key\" }", "{ file = \"none\" }"), "routes[0].keys[0]"),
        (good.replace(WEBHOOK_SECRET, "whsec_"), "backend.secret"),
    ] {
        served.write("countersign.toml", &broken);
        let log = served.reload(REFUSED);
        assert!(log.contains(&format!("path=\"{path}\"")), "{path} in\n{log}");
        assert!(!log.contains(WEBHOOK_SECRET) && !log.contains(KEY), "{log}");
        assert_eq!(buys_with(&platform, KEY), "000000", "{path}");
        assert_eq!(served.api_status("first-token"), 200, "{path}");
    }
    // A broken part does not hold up the others, whichever it is.
    let second = Text { token: "second-token", ..Text::of(&backend) }.written();
    served.write("countersign.toml", &second.replace("saas-v2", "saas-v3"));
    served.reload(REFUSED);
    served.process.logs("members=\"api.tokens\"");
    assert_eq!((served.api_status("second-token"), buys_with(&platform, KEY)), (200, "000000".to_owned()));
    let third = Text { token: "with blank", ..Text::of(&backend) }.written();
    served.write("countersign.toml", &third);
    served.write("key", "another-access-key-0002");
    served.reload(TAKEN);
    assert_eq!(served.api_status("second-token"), 200);
    assert_eq!(buys_with(&platform, "another-access-key-0002"), "000000");
    fs::remove_file(served.folder.path().join("countersign.toml")).unwrap();
    served.reload(REFUSED);
    assert_eq!(buys_with(&platform, "another-access-key-0002"), "000000");
    served.end();
}

#[test]
fn what_takes_a_restart_is_said_and_everything_else_is_taken_over() {
    let backend = Backend::start(|_| Reply::done());
    let served = Served::start(&Text::of(&backend).written());
    let changed = Text {
        top: "engine = \"native\"",
        more: "[log]\nformat = \"json\"\nlevel = \"debug\"",
        ..Text::of(&backend)
    }
    .written()
    .replace("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\"")
    .replace("ledger.db", "other.db");
    let tls = "[tls]\ncertificate = \"server.pem\"\nkey = \"localhost.key\"\n[backend]";
    served.write("countersign.toml", &changed.replace("[backend]", tls));
    served.reload(TAKEN);
    let log = served.process.log();
    for path in ["listen", "store", "api.listen", "engine", "tls", "log.format"] {
        let line = log
            .lines()
            .find(|line| line.contains("takes a restart") && line.contains(&format!("path=\"{path}\"")));
        assert!(line.is_some_and(|line| line.contains("WARN")), "{path} in\n{log}");
    }
    let platform = served.process.platform();
    assert_eq!(buys_with(&platform, KEY), "000000", "still plain, still at the same address");
    assert!(!served.folder.path().join("other.db").exists());
    let log = served.end();
    assert!(log.contains("DEBUG"), "the level is that of now: {log}");
}

#[test]
fn limits_of_connections_are_renewed() {
    let backend = Backend::start(|_| Reply::done());
    let served =
        Served::start(&Text { more: "[limits]\nidle_timeout_ms = 600000", ..Text::of(&backend) }.written());
    let address = served.process.public;
    let mut before = Stranger::says(address, "");
    // Connections are accepted in their order: when this one has been served, the one before it has begun too.
    served.process.platform().buys(Dialect::SaasV2);
    served.write(
        "countersign.toml",
        &Text { more: "[limits]\nhead_timeout_ms = 300\nmax_connections = 3", ..Text::of(&backend) }
            .written(),
    );
    served.reload(TAKEN);
    Stranger::says(address, "").until_cut(Duration::from_secs(5));
    assert!(!before.is_cut(), "a connection keeps the terms under which it began");
    let mut crowd: Vec<Stranger> =
        (0..8).map(|_| Stranger::says(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")).collect();
    served.process.platform().buys(Dialect::SaasV2);
    assert!(crate::support::stranger::connected(&mut crowd) <= 3);
    served.end();
}

/// The certificate that a listener shows.
fn shown(address: SocketAddr) -> Vec<u8> {
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let mut connection = ClientConnection::new(client(&[&rustls::version::TLS13]), name).unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).unwrap();
    }
    connection.peer_certificates().unwrap()[0].to_vec()
}

fn certificate(name: &str) -> Vec<u8> {
    use rustls::pki_types::pem::PemObject;
    rustls::pki_types::CertificateDer::from_pem_file(tls_file(name)).unwrap().to_vec()
}

#[test]
fn certificates_of_both_listeners_are_renewed_and_connections_go_on() {
    let backend = Backend::start(|_| Reply::done());
    let text = Text::of(&backend).written();
    let tls = "tls = { certificate = \"server.pem\", key = \"localhost.key\" }";
    let text =
        text.replace("store = ", &format!("{tls}\nstore = ")).replace("[api]", &format!("[api]\n{tls}"));
    let served = Served::start(&text);
    let public = served.process.public;
    assert_eq!(
        (shown(public), shown(served.api)),
        (certificate("localhost.pem"), certificate("localhost.pem"))
    );

    // A connection from before.
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(client(&[&rustls::version::TLS12]), name).unwrap();
    let mut kept = rustls::StreamOwned::new(connection, TcpStream::connect(public).unwrap());
    let request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut exchange = || {
        use std::io::{Read, Write};
        kept.write_all(request).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            kept.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        assert!(head.starts_with(b"HTTP/1.1 404 "));
    };
    exchange();
    fs::copy(tls_file("renewed.pem"), served.folder.path().join("server.pem")).unwrap();
    served.reload("members=\"api.tls\"");
    assert_eq!((shown(public), shown(served.api)), (certificate("renewed.pem"), certificate("renewed.pem")));
    exchange();

    // A renewal that went wrong, beside a key that is to be taken over.
    served.write("server.pem", "-----BEGIN CERTIFICATE-----\n");
    served.write("key", "another-access-key-0002");
    let log = served.reload(TAKEN);
    assert!(
        log.contains("path=\"tls.certificate\"") && log.contains("path=\"api.tls.certificate\""),
        "{log}"
    );
    assert!(log.contains("cut-short"), "{log}");
    assert_eq!((shown(public), shown(served.api)), (certificate("renewed.pem"), certificate("renewed.pem")));
    exchange();
    served.end();
}

#[test]
fn a_signal_while_everything_is_busy_ends_nothing() {
    let backend = Backend::start(|_| Reply::done());
    let served = Served::start(&Text::of(&backend).written());
    let platform = Arc::new(served.process.platform());
    std::thread::scope(|scope| {
        let buyers: Vec<_> = (0..4)
            .map(|_| {
                let platform = Arc::clone(&platform);
                scope.spawn(move || (0..25).for_each(|_| drop(platform.buys(Dialect::SaasV2))))
            })
            .collect();
        while buyers.iter().any(|buyer| !buyer.is_finished()) {
            served.process.signal("-HUP");
            std::thread::sleep(Duration::from_millis(20));
        }
        buyers.into_iter().for_each(|buyer| buyer.join().unwrap());
    });
    served.end();
}
