//! No secret is anywhere but where it is needed: every story of the demo against a process that writes all that it can,
//! is killed in the middle, and ends in peace.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign::demo::backend::{Api, SampleBackend};
use countersign_secrets::{Mark, found};
use countersign_simulator::account::{Centre, Layout, Notice};
use countersign_simulator::calls::{Buyer, Charging, Order, saas_v1};
use countersign_simulator::crypto::contact::Strength;
use countersign_simulator::scenario::{Backend as _, Behaviour, Route, Runner, stories};
use countersign_simulator::transport::{Plain, Transport, TransportError};
use countersign_simulator::{AccessKey, Dialect, Entropy, HttpRequest, HttpResponse, SignInput, sign};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::now_ms;
use crate::support::process::countersign;

const SEED: u64 = 4_711;

/// Dialect, path and product of each route, as in the demo.
const ROUTES: [(Dialect, &str, &str); 4] = [
    (Dialect::SaasV1, "/v1", "crm-classic"),
    (Dialect::SaasV1, "/v1/notes", "notes-classic"),
    (Dialect::SaasV2, "/v2", "crm"),
    (Dialect::SaasV2, "/v2/notes", "notes"),
];

/// What nobody but the process may know.
struct Secrets {
    keys: Vec<String>,
    webhook: String,
    /// With the scopes `read`, `operate`, and `read` with `secrets`.
    tokens: Vec<String>,
}

impl Secrets {
    fn draw() -> Self {
        use base64::Engine as _;
        let mut entropy = Entropy::labelled(SEED, "marked");
        let keys = ROUTES.iter().map(|_| format!("{}{}", entropy.uuid(), entropy.uuid())).collect();
        let webhook = base64::engine::general_purpose::STANDARD.encode(entropy.block());
        let tokens = (0..3).map(|_| entropy.nonce()).collect();
        Self { keys, webhook: format!("whsec_{webhook}"), tokens }
    }

    fn marks(&self) -> Vec<Mark> {
        let keys = self.keys.iter().map(|key| Mark::new("access key", key));
        let tokens = self.tokens.iter().map(|token| Mark::new("api token", token));
        let webhook = self.webhook.trim_start_matches("whsec_");
        let raw = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, webhook).unwrap();
        keys.chain(tokens)
            .chain([Mark::new("webhook secret", webhook), Mark::new("webhook secret", raw)])
            .collect()
    }

    fn configuration(&self, backend: SocketAddr, format: &str) -> String {
        let mut text = format!(
            "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n\
             [log]\nlevel = \"debug\"\nformat = \"{format}\"\n\
             [backend]\nurl = \"http://{backend}/events\"\nsecret = \"{}\"\n\
             [settings]\nduplicate_wait_ms = 1500\neffect_deadline_ms = 5000\nlease_ms = 6000\n\
             usage_deadline_ms = 1000\nresend_limit_ms = 1000\n[api]\nlisten = \"127.0.0.1:0\"\n",
            self.webhook
        );
        for (token, scopes) in self.tokens.iter().zip(["\"read\"", "\"operate\"", "\"read\", \"secrets\""]) {
            text += &format!("[[api.tokens]]\ntoken = \"{token}\"\nscopes = [{scopes}]\n");
        }
        for ((dialect, path, product), key) in ROUTES.iter().zip(&self.keys) {
            text += &format!(
                "[[routes]]\npath = \"{path}\"\ndialect = \"{}\"\nkeys = [\"{key}\"]\nproduct = \"{product}\"\n\
                 test_front_end_url = \"https://test.example.com/\"\nusage = true\nanswer_within_ms = 2000\n",
                dialect.name()
            );
        }
        text
    }
}

/// The buyer of a story, as the story draws him.
fn buyer(dialect: Dialect, story: &str) -> Buyer {
    Buyer::draw(&mut Entropy::labelled(SEED, &format!("{}/{story}", dialect.name())))
}

fn contact_of(buyer: &Buyer) -> [Mark; 3] {
    [("mobile phone", &buyer.mobile_phone), ("mail address", &buyer.email), ("name", &buyer.customer_name)]
        .map(|(name, text)| Mark::new(format!("{name} of a buyer"), text))
}

/// The process, with its output in files: nobody has to read them while it runs.
struct Served {
    child: Child,
    public: SocketAddr,
    api: SocketAddr,
    output: [PathBuf; 2],
}

impl Served {
    fn start(folder: &Path, name: &str, configuration: &str) -> Self {
        let file = |end: &str| folder.join(format!("{name}.{end}"));
        fs::write(file("toml"), configuration).unwrap();
        let output = [file("stdout"), file("stderr")];
        let [stdout, stderr] = output.each_ref().map(|path| File::create(path).unwrap());
        let mut serve = countersign();
        serve.arg("serve").arg("--config").arg(file("toml")).stdout(stdout).stderr(stderr);
        let nowhere = SocketAddr::from(([0; 4], 0));
        let mut served = Self { child: serve.spawn().unwrap(), public: nowhere, api: nowhere, output };
        let begun = Instant::now();
        loop {
            let said = fs::read_to_string(&served.output[0]).unwrap();
            let address = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
            if let (Some(public), Some(api)) = (address("listening public "), address("listening api ")) {
                (served.public, served.api) = (public, api);
                return served;
            }
            let errors = || fs::read_to_string(&served.output[1]).unwrap();
            assert!(begun.elapsed() < Duration::from_secs(30), "{said} {}", errors());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn end(mut self, signal: &str) -> Vec<u8> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.child.wait().unwrap();
        self.output.iter().flat_map(|path| fs::read(path).unwrap()).collect()
    }

    fn api(&self, path: &str, token: Option<&str>) -> Vec<u8> {
        let mut headers = vec![("Host".to_owned(), self.api.to_string())];
        headers.extend(token.map(|token| ("Authorization".to_owned(), format!("Bearer {token}"))));
        let request = HttpRequest { method: "GET", target: path.to_owned(), headers, body: Vec::new() };
        written(&Plain::to(self.api.to_string()).send(&request).unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn written(response: &HttpResponse) -> Vec<u8> {
    let mut bytes = response.status.to_string().into_bytes();
    for (name, value) in &response.headers {
        bytes.extend(format!("\n{name}: {value}").into_bytes());
    }
    bytes.push(b'\n');
    bytes.extend(&response.body);
    bytes
}

/// Everything that the platform was answered.
struct Recorded {
    plain: Plain,
    answers: Mutex<Vec<u8>>,
}

impl Transport for Recorded {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer = self.plain.send(request)?;
        self.answers.lock().unwrap().extend(written(&answer));
        Ok(answer)
    }
}

/// Stands before the backend and keeps what is sent to it.
struct Wire {
    address: SocketAddr,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    fn before(backend: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let wire = Self { address: listener.local_addr().unwrap(), sent: Arc::default() };
        let sent = Arc::clone(&wire.sent);
        std::thread::spawn(move || {
            for gateway in listener.incoming().map_while(Result::ok) {
                let Ok(backend) = TcpStream::connect(backend) else { return };
                let (there, back) = (gateway.try_clone().unwrap(), backend.try_clone().unwrap());
                let sent = Arc::clone(&sent);
                std::thread::spawn(move || pump(there, backend, |bytes| sent.lock().unwrap().extend(bytes)));
                std::thread::spawn(move || pump(back, gateway, |_| ()));
            }
        });
        wire
    }

    fn sent(&self) -> Vec<u8> {
        self.sent.lock().unwrap().clone()
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, keep: impl Fn(&[u8])) {
    let mut buffer = vec![0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        keep(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

struct Stage {
    secrets: Secrets,
    folder: tempfile::TempDir,
    runtime: Runtime,
    answers: Vec<u8>,
}

impl Stage {
    /// A backend with a wire before it, and the process over the same ledger as before.
    fn set(&self, name: &str, format: &str) -> (SampleBackend, Wire, Served) {
        let backend = self.runtime.block_on(SampleBackend::start(&self.secrets.webhook, SEED)).unwrap();
        let wire = Wire::before(backend.address());
        let configuration = self.secrets.configuration(wire.address, format);
        let served = Served::start(self.folder.path(), name, &configuration);
        backend.report_to(Api { address: served.api, token: self.secrets.tokens[1].clone() });
        (backend, wire, served)
    }

    fn routes(&self, dialect: Dialect, host: SocketAddr) -> Vec<Route> {
        let routes = ROUTES.iter().zip(&self.secrets.keys).filter(|((of, _, _), _)| *of == dialect);
        routes
            .map(|((_, path, _), key)| Route::new(host.to_string(), *path, AccessKey::new(key.as_str())))
            .collect()
    }

    fn play(&mut self, dialect: Dialect, served: &Served, backend: &SampleBackend) {
        let routes = self.routes(dialect, served.public);
        let plain = Plain::to(served.public.to_string()).with_timeout(Duration::from_secs(20));
        let transport = Recorded { plain, answers: Mutex::default() };
        let runner = Runner {
            transport: &transport,
            backend: Some(backend),
            main: &routes[0],
            other: routes.get(1),
            now_ms: &now_ms,
            pause: &std::thread::sleep,
            seed: SEED,
        };
        for story in stories(dialect) {
            runner.run(&story, &mut |step| assert!(step.passed(), "{step:#?}"));
        }
        self.answers.extend(transport.answers.into_inner().unwrap());
    }

    /// A purchase that the backend fails, so that it stays owed.
    fn buy_in_vain(&mut self, served: &Served, backend: &SampleBackend) -> Buyer {
        backend.next(Behaviour::Failing { times: 1_000 });
        let mut entropy = Entropy::labelled(SEED, "in vain");
        let buyer = Buyer::draw(&mut entropy);
        let key = AccessKey::new(self.secrets.keys[0].as_str());
        let contact = buyer.contact(&key, Strength::Aes256, &mut entropy).unwrap();
        let order = Order::draw(&mut entropy, Charging::Year, now_ms());
        let fields = saas_v1::new_instance(&buyer, Some(&contact), &order, &entropy.uuid());
        let host = served.public.to_string();
        let request = sign(&SignInput {
            dialect: Dialect::SaasV1,
            key: &key,
            host: &host,
            path: "/v1",
            fields: &fields,
            now_ms: now_ms(),
            nonce: "",
        });
        let answer = Plain::to(host).send(&request.unwrap()).unwrap();
        assert!(String::from_utf8_lossy(&answer.body).contains("000005"));
        self.answers.extend(written(&answer));
        buyer
    }

    /// The ledger's file, its log and its index.
    fn database(&self) -> Vec<u8> {
        let files = ["ledger.db", "ledger.db-wal", "ledger.db-shm"].map(|name| self.folder.path().join(name));
        files.iter().filter_map(|file| fs::read(file).ok()).flatten().collect()
    }
}

/// Waits until nothing is owed any more.
fn settled(served: &Served, token: &str) -> Vec<u8> {
    let begun = Instant::now();
    loop {
        let listed = served.api("/v1/instances?limit=1000", Some(token));
        let owed =
            instances(&listed).iter().any(|one| one["owed"].as_array().is_none_or(|owed| !owed.is_empty()));
        if !owed {
            return listed;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "something stays owed");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn instances(answer: &[u8]) -> Vec<Value> {
    let body = answer.splitn(2, |byte| *byte == b'{').nth(1).unwrap();
    let body: Value = serde_json::from_slice(&[b"{", body].concat()).unwrap();
    body["instances"].as_array().unwrap().clone()
}

#[test]
fn every_secret_is_where_it_is_needed_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let mut stage = Stage { secrets: Secrets::draw(), folder, runtime, answers: Vec::new() };
    let secrets = stage.secrets.marks();
    let buyers: Vec<Buyer> =
        stories(Dialect::SaasV1).iter().map(|story| buyer(Dialect::SaasV1, story.name)).collect();
    let mut contact: Vec<Mark> = buyers.iter().flat_map(contact_of).collect();

    // Log as JSON; killed while a purchase is owed.
    let (backend, wire, served) = stage.set("first", "json");
    stage.play(Dialect::SaasV1, &served, &backend);
    settled(&served, &stage.secrets.tokens[0]);
    let owed = stage.buy_in_vain(&served, &backend);
    let mut log = served.end("-KILL");
    let mut sent = wire.sent();
    let killed = stage.database();

    // Log as text; what is owed is carried out, and the end is a peaceful one.
    let (backend, wire, served) = stage.set("second", "text");
    stage.play(Dialect::SaasV2, &served, &backend);
    let listed = settled(&served, &stage.secrets.tokens[0]);
    let complete = served.api("/v1/instances?limit=1000", Some(&stage.secrets.tokens[2]));
    let id = instances(&listed)[0]["instance_id"].as_str().unwrap().to_owned();
    let mut answers = [listed, served.api("/metrics", None)].concat();
    for (path, token) in [
        (format!("/v1/instances/{id}"), Some(&stage.secrets.tokens[0])),
        (format!("/v1/instances/{id}"), Some(&stage.secrets.tokens[1])),
        (format!("/v1/instances/{id}"), None),
        ("/v1/instances?limit=none".to_owned(), Some(&stage.secrets.tokens[0])),
        ("/v1/unknown".to_owned(), Some(&stage.secrets.tokens[0])),
    ] {
        answers.extend(served.api(&path, token.map(String::as_str)));
    }
    log.extend(served.end("-TERM"));
    sent.extend(wire.sent());
    let ended = stage.database();

    let passwords: Vec<Mark> = instances(&complete)
        .iter()
        .filter_map(|one| one["access"]["password"].as_str().map(|text| Mark::new("password", text)))
        .collect();
    contact.extend(contact_of(&owed));

    // What is needed is there, so the search finds what is to be found, in every place that it is made in.
    for (place, bytes, control) in [
        ("log", &log, "crm-classic"),
        ("answers", &answers, id.as_str()),
        ("messages", &sent, id.as_str()),
        ("ledger", &ended, id.as_str()),
    ] {
        assert!(Mark::new("control", control).found_in(bytes).is_some(), "{place} was not recorded");
    }
    assert!(!stage.answers.is_empty() && passwords.len() > 5);
    assert!(
        contact_of(&owed).iter().all(|mark| mark.found_in(&killed).is_some()),
        "owed with its contact data"
    );
    let reached = |buyer: &Buyer| Mark::new("", &buyer.mobile_phone).found_in(&sent).is_some();
    // All but the one who only debugs: tests have no effect.
    let told = buyers.iter().filter(|buyer| reached(buyer)).count();
    assert_eq!(told, buyers.len() - 1, "the backend is told whom to call");
    assert!(passwords.iter().all(|mark| mark.found_in(&ended).is_some()), "replays need the credentials");

    let places = [
        ("log", &log, true, true),
        ("answers of the api", &answers, true, true),
        ("answers to the platform", &stage.answers, true, false),
        ("messages to the backend", &sent, false, false),
        ("ledger while works are owed", &killed, false, false),
        ("ledger after the end", &ended, true, false),
    ];
    let mut leaks = Vec::new();
    for (place, bytes, without_contact, without_passwords) in places {
        leaks.extend(found(&secrets, place, bytes));
        leaks.extend(without_contact.then(|| found(&contact, place, bytes)).into_iter().flatten());
        leaks.extend(without_passwords.then(|| found(&passwords, place, bytes)).into_iter().flatten());
    }
    leaks.sort();
    leaks.dedup();
    assert_eq!(leaks, Vec::<String>::new());
}

/// What a user types and what the identity centre shares reach the backend, or nobody.
#[test]
fn a_password_reaches_the_backend_and_keys_of_an_identity_centre_reach_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let stage = Stage { secrets: Secrets::draw(), folder, runtime, answers: Vec::new() };
    let mut entropy = Entropy::labelled(SEED, "accounts");
    let token = entropy.nonce();
    let mut key = || -> [u8; 16] { entropy.account_id().as_bytes()[..16].try_into().unwrap() };
    let (signature_key, encryption_key) = (key(), key());
    let text = |key: &[u8; 16]| String::from_utf8(key.to_vec()).unwrap();
    let route = format!(
        "[[routes]]\npath = \"/account\"\ndialect = \"account-events\"\nproduct = \"identity-accounts\"\ntoken = \"{token}\"\n\
         signature_keys = [\"{}\"]\nencryption_keys = [\"{}\"]\n",
        text(&signature_key),
        text(&encryption_key),
    );
    let backend = stage.runtime.block_on(SampleBackend::start(&stage.secrets.webhook, SEED)).unwrap();
    let wire = Wire::before(backend.address());
    let configuration = stage.secrets.configuration(wire.address, "json") + &route;
    let served = Served::start(stage.folder.path(), "accounts", &configuration);
    let host = served.public.to_string();
    let centre = Centre {
        token: &token,
        signature_key: Some(&signature_key),
        encryption_key: &encryption_key,
        layout: Layout::L1,
    };
    let password = entropy.uuid();
    let message = format!(r#"{{"username":"wang.of.accounts","password":"{password}","name":"Wang"}}"#);
    let mut answers = Vec::new();
    let mut send = |centre: &Centre<'_>, event_type: &str, spoil: bool| {
        let nonce = entropy.nonce();
        let (host, message, nonce) = (host.as_str(), message.as_str(), nonce.as_str());
        let notice = Notice { host, path: "/account", event_type, message, now_ms: now_ms(), nonce };
        let mut request = centre.request(&notice, &mut entropy).unwrap();
        if spoil {
            let at = request.body.len() - 8;
            request.body[at] = if request.body[at] == b'A' { b'B' } else { b'A' };
        }
        let answer = Plain::to(host).send(&request).unwrap();
        answers.extend(written(&answer));
        answer.status
    };
    backend.next(Behaviour::Failing { times: 2 });
    assert_eq!(send(&centre, "CREATE_USER", false), 500);
    assert_eq!(send(&centre, "CREATE_USER", false), 500, "sent anew, and not ended");
    let owed = stage.database();
    assert_eq!(send(&centre, "CREATE_USER", false), 200);
    assert_eq!(send(&centre, "CREATE_USER", true), 401, "changed");
    assert_eq!(send(&Centre { layout: Layout::L4, ..centre }, "MOVE_USER", false), 200, "unknown");
    assert_eq!(send(&Centre { layout: Layout::Ecb, ..centre }, "CREATE_USER", false), 401, "another cipher");
    assert_eq!(send(&Centre { token: "wrong", ..centre }, "CREATE_USER", false), 401, "another token");
    let metrics = served.api("/metrics", None);
    let log = served.end("-KILL");
    let (sent, ledger) = (wire.sent(), stage.database());

    assert!(Mark::new("control", "wang.of.accounts").found_in(&ledger).is_some(), "the create is recorded");
    assert!(Mark::new("control", "identity-accounts").found_in(&log).is_some(), "the log was kept");
    let password = [Mark::new("password", &password)];
    assert!(password[0].found_in(&sent).is_some(), "the backend is told the password");
    let secrets = [
        Mark::new("bearer token", &token),
        Mark::new("signature key", signature_key),
        Mark::new("encryption key", encryption_key),
    ];
    let mut leaks = found(&secrets, "messages to the backend", &sent);
    for (place, bytes) in [
        ("log", &log),
        ("metrics", &metrics),
        ("answers", &answers),
        ("ledger", &ledger),
        ("ledger while it is owed", &owed),
    ] {
        leaks.extend(found(&secrets, place, bytes));
        leaks.extend(found(&password, place, bytes));
    }
    assert_eq!(leaks, Vec::<String>::new());
}

/// The platform encrypts client secrets for the seller's key: what is stored, sent and said is the ciphertext.
#[test]
fn a_client_secret_and_the_key_that_opens_it_reach_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let stage = Stage { secrets: Secrets::draw(), folder, runtime, answers: Vec::new() };
    let private_key = include_str!("../../src/demo/kit-private.pem");
    let public_key = include_str!("../../src/demo/kit-public.pem");
    let key = Entropy::labelled(SEED, "kit").uuid();
    let route = format!(
        "[[routes]]\npath = \"/kit\"\ndialect = \"kit-v2\"\nproduct = \"crm-of-kits\"\nkeys = [\"{key}\"]\n\
         private_keys = [\"\"\"{private_key}\"\"\"]\n",
    );
    let backend = stage.runtime.block_on(SampleBackend::start(&stage.secrets.webhook, SEED)).unwrap();
    let wire = Wire::before(backend.address());
    let configuration = stage.secrets.configuration(wire.address, "json") + &route;
    let served = Served::start(stage.folder.path(), "kits", &configuration);
    let host = served.public.to_string();
    let main = Route {
        public_key: Some(public_key.to_owned()),
        ..Route::new(host.clone(), "/kit", AccessKey::new(key.clone()))
    };
    let transport = Recorded { plain: Plain::to(host), answers: Mutex::default() };
    let runner = Runner {
        transport: &transport,
        backend: Some(&backend),
        main: &main,
        other: None,
        now_ms: &now_ms,
        pause: &std::thread::sleep,
        seed: SEED,
    };
    for story in stories(Dialect::KitV2) {
        runner.run(&story, &mut |step| assert!(step.passed(), "{step:#?}"));
    }
    let metrics = served.api("/metrics", None);
    let log = served.end("-KILL");
    let (sent, ledger) = (wire.sent(), stage.database());

    let secrets = ["client-secret-of-the-tenant", "another-secret"];
    let secrets = secrets.map(|secret| Mark::new("client secret", secret));
    let digits: String = private_key.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, digits).unwrap();
    // The first 440 bytes are what every key begins with, and the public half.
    let key = [Mark::new("private key", &der[440..]), Mark::new("access key", key)];
    assert!(key[0].found_in(private_key.as_bytes()).is_some(), "the mark finds the key where it is");
    assert!(Mark::new("control", "client-tenant-").found_in(&sent).is_some(), "the backend is told");
    assert!(Mark::new("control", "client-tenant-").found_in(&ledger).is_some(), "the ledger keeps it");
    assert!(Mark::new("control", "crm-of-kits").found_in(&log).is_some(), "the log was kept");
    let answers = transport.answers.into_inner().unwrap();
    let mut leaks = Vec::new();
    for (place, bytes) in [
        ("messages to the backend", &sent),
        ("log", &log),
        ("metrics", &metrics),
        ("answers", &answers),
        ("ledger", &ledger),
    ] {
        leaks.extend(found(&secrets, place, bytes));
        leaks.extend(found(&key, place, bytes));
    }
    assert_eq!(leaks, Vec::<String>::new());
}
