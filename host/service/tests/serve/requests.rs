//! One table of raw requests (`tests/vectors/requests.json`) through every door of this process: the public listener,
//! `verify`, `drive`. Node's handler is sent the same table by `bindings/js/test/requests.test.mjs`.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::config::EngineKind;
use countersign::drive::Driver;
use countersign::gate::{Observer, Step, Subject};
use countersign::gateway::Options;
use countersign::raw::{self, RawError};
use countersign_core::Seller;
use countersign_simulator::Dialect;
use serde_json::{Value, json};

use crate::support::{Backend, Gateway, KEY, Platform, Reply, config};

/// What a door says of a request.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Admitted,
    /// The reason, the HTTP status of the answer, and its result code where it has one.
    Refused(String, u16, Option<String>),
    /// HTTP itself refused it, before the core.
    Unread(u16),
}

fn table() -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/requests.json");
    let table: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    table["requests"].as_array().unwrap().clone()
}

/// The bytes of a request, with calls in it that are genuine now. Characters of the table are bytes.
fn raw(case: &Value, platform: &Platform) -> Vec<u8> {
    let text = case["raw"].as_str().map_or_else(
        || {
            let head: Vec<&str> =
                case["head"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            format!("{}\r\n\r\n{}", head.join("\r\n"), case["body"].as_str().unwrap_or_default())
        },
        str::to_owned,
    );
    let call = |dialect| platform.sign(dialect, &platform.purchase(dialect, &platform.order()));
    let (v1, v2) = (call(Dialect::SaasV1), call(Dialect::SaasV2));
    let query = |target: &str| target.split_once('?').unwrap().1.to_owned();
    let body = String::from_utf8(v2.body.clone()).unwrap();
    let length = body.len();
    let bytewise: String =
        body.chars().map(|one| format!("1\r\n{one}\r\n")).chain(["0\r\n\r\n".to_owned()]).collect();
    let mut filled = text;
    for (name, value) in [
        ("{v1}", v1.target.clone()),
        ("{v2}", v2.target.clone()),
        ("{v1-query}", query(&v1.target)),
        ("{v2-query}", query(&v2.target)),
        ("{length}", length.to_string()),
        ("{length+1}", (length + 1).to_string()),
        ("{length+3}", (length + 3).to_string()),
        ("{chunked}", format!("{length:x}\r\n{body}\r\n0\r\n\r\n")),
        ("{length-hex}", format!("{length:x}")),
        ("{bytewise}", bytewise),
        ("{body}", body),
    ] {
        filled = filled.replace(name, &value);
    }
    filled.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect()
}

/// What the gate said of the last request.
#[derive(Default)]
struct Heard(Mutex<Option<String>>);

impl Observer for Heard {
    fn step(&self, _: &Subject, step: &Step) {
        match step {
            Step::Refused { reason, .. } => *self.0.lock().unwrap() = Some(reason.code.code().to_owned()),
            Step::Admitted { .. } => *self.0.lock().unwrap() = Some("admitted".to_owned()),
            _ => {}
        }
    }
}

fn at_the_gateway(gateway: &Gateway, heard: &Heard, raw: &[u8]) -> Said {
    *heard.0.lock().unwrap() = None;
    let mut stream = TcpStream::connect(gateway.running().public()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(raw).unwrap();
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let first = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&answer);
    let status = first.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let body = first.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = serde_json::Deserializer::from_str(body).into_iter::<Value>().next();
    let code = body.and_then(|body| body.ok()?["resultCode"].as_str().map(str::to_owned));
    match heard.0.lock().unwrap().take().as_deref() {
        None => Said::Unread(status),
        Some("admitted") => {
            assert_eq!((status, code.as_deref()), (200, Some("000000")), "{answer}");
            Said::Admitted
        }
        Some(reason) => Said::Refused(reason.to_owned(), status, code),
    }
}

/// A verdict in its JSON shape.
fn judged(verdict: &Value) -> Said {
    use base64::Engine as _;
    if verdict["verdict"] == "admitted" {
        return Said::Admitted;
    }
    let answer = &verdict["answer"];
    let body = answer["body_base64"].as_str().unwrap_or_else(|| panic!("{verdict}"));
    let body = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = body["resultCode"].as_str().map(str::to_owned);
    let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    Said::Refused(verdict["reason"]["code"].as_str().unwrap().to_owned(), status, code)
}

fn at_verify(folder: &std::path::Path, raw: &[u8]) -> Said {
    let file = folder.join("request.http");
    std::fs::write(&file, raw).unwrap();
    let mut verify = crate::support::process::countersign();
    let output = verify
        .arg("verify")
        .arg(&file)
        .arg("--config")
        .arg(folder.join("countersign.toml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.code() == Some(2) {
        // A body that ends too early is closed with 400 at a socket.
        let status = said.split("answers it with ").nth(1).and_then(|rest| rest.get(..3)?.parse().ok());
        return Said::Unread(status.unwrap_or(400));
    }
    judged(&serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}")))
}

/// `drive` is given what another program has read.
fn at_drive(driver: &mut Driver, seller: &Seller, raw: &[u8]) -> Said {
    use base64::Engine as _;
    let request = match raw::read(raw, seller.settings()) {
        Ok(raw) => raw.request,
        Err(RawError::Refused { status, .. }) => return Said::Unread(status),
        Err(_) => return Said::Unread(400),
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<Value> =
        request.headers.iter().map(|(name, value)| json!([name, text(value)])).collect();
    let line = json!({"op": "admit", "seller": 1, "request": {
        "method": request.method,
        "target": text(&request.target),
        "headers": headers,
        "body_base64": base64::engine::general_purpose::STANDARD.encode(request.body.unwrap_or_default()),
    }});
    judged(&serde_json::from_str(&driver.answer(line.to_string().as_bytes())).unwrap())
}

/// What the table says of this door.
fn expected(case: &Value, door: &str) -> Said {
    if let Some(status) = case["http"].get(door) {
        return Said::Unread(u16::try_from(status.as_u64().unwrap()).unwrap());
    }
    let expect = &case["expect"];
    if expect == "admitted" {
        return Said::Admitted;
    }
    let text = |name: &str| expect[name].as_str().map(str::to_owned);
    let status = expect["status"].as_u64().unwrap_or(200);
    Said::Refused(text("reason").unwrap(), u16::try_from(status).unwrap(), text("result"))
}

#[test]
fn every_door_says_the_same_of_a_raw_request() {
    let backend = Backend::start(|_| Reply::done());
    let heard = Arc::new(Heard::default());
    let options = Options { observers: vec![Arc::clone(&heard) as _], ..Options::default() };
    let folder = tempfile::tempdir().unwrap();
    let gateway = Gateway::start_in(config(&backend), folder.path(), options);
    let platform = gateway.platform();

    let routes = json!([
        {"path": "/v1", "dialect": "saas-v1", "keys": [KEY], "product": "crm"},
        {"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"},
    ]);
    let toml = format!(
        "engine = \"native\"\n[backend]\nurl = \"{}\"\nsecret = \"{}\"\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n",
        backend.url(),
        crate::support::WEBHOOK_SECRET,
    );
    std::fs::write(folder.path().join("countersign.toml"), toml).unwrap();
    let document = json!({ "routes": routes });
    let seller = Seller::from_json(document.to_string().as_bytes()).unwrap();
    let mut driver = Driver::new(EngineKind::Native.engine().unwrap()).unwrap();
    let opened = driver.answer(json!({"op": "open", "config": document}).to_string().as_bytes());
    assert_eq!(opened, r#"{"seller":1}"#);

    let mut wrong = Vec::new();
    for case in table() {
        let name = case["name"].as_str().unwrap();
        for (door, said) in [
            ("gateway", at_the_gateway(&gateway, &heard, &raw(&case, &platform))),
            ("verify", at_verify(folder.path(), &raw(&case, &platform))),
            ("drive", at_drive(&mut driver, &seller, &raw(&case, &platform))),
        ] {
            // `verify` and `drive` read as the gateway does.
            let expected = expected(&case, "gateway");
            if said != expected {
                wrong.push(format!("{name}, {door}: {said:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    gateway.stop();
}
