//! A seller whose backend is Express and the JavaScript package lives through every story, over sockets.

use countersign_simulator::scenario::{Backend, Behaviour, Route, Runner, Summary, stories};
use countersign_simulator::transport::Plain;
use countersign_simulator::{AccessKey, Dialect};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The example in a process of its own, steered by lines.
struct Example {
    process: Child,
    /// `None` only while dropping: the example ends when its input does, and tidies up.
    lines: Mutex<Option<(ChildStdin, BufReader<ChildStdout>)>>,
}

impl Example {
    fn start() -> Self {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bindings/js");
        assert!(package.join("dist/node.mjs").exists(), "the package is not built: run `cargo xtask js`");
        let mut process = Command::new("node")
            .arg("test/steered/main.mjs")
            .current_dir(package)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node is installed");
        let (input, output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { process, lines: Mutex::new(Some((input, BufReader::new(output)))) }
    }

    fn ask(&self, command: &Value) -> Value {
        let mut lines = self.lines.lock().unwrap();
        let (input, output) = lines.as_mut().unwrap();
        writeln!(input, "{command}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer).expect("an answer")
    }
}

impl Backend for Example {
    fn next(&self, behaviour: Behaviour) {
        let set = match behaviour {
            Behaviour::Accepted { times } => json!({"accepted": times}),
            Behaviour::Reported { after_ms } => json!({"reportAfter": after_ms}),
            Behaviour::Failing { times } => json!({"failing": times}),
            Behaviour::Slow { ms } => json!({"slow": ms.min(3_000)}),
            Behaviour::SoldOut { code } => json!({"soldOut": code}),
            Behaviour::Restocked => json!({"soldOut": null}),
            Behaviour::RefusedNext { code } => json!({"refusedNext": code}),
            _ => Value::Null,
        };
        self.ask(&json!({"op": "mood", "set": set}));
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        if let Ok(mut lines) = self.lines.lock() {
            *lines = None;
        }
        let _ = self.process.wait();
    }
}

const ROUTES: [(Dialect, &str, &str); 7] = [
    (Dialect::SaasV1, "/v1", "crm-classic"),
    (Dialect::SaasV1, "/v1/notes", "notes-classic"),
    (Dialect::SaasV2, "/v2", "crm"),
    (Dialect::SaasV2, "/v2/notes", "notes"),
    (Dialect::KitV1, "/v1", "crm-classic"),
    (Dialect::KitV2, "/v2", "crm"),
    (Dialect::OrgidSync, "/orgid", "crm"),
];

/// The key pair of the demo.
const PRIVATE_KEY: &str = include_str!("../../service/src/demo/kit-private.pem");
const PUBLIC_KEY: &str = include_str!("../../service/src/demo/kit-public.pem");

fn key(dialect: Dialect, product: &str) -> String {
    let kind = if dialect.is_kit() { dialect.name() } else { "basic" };
    format!("test-access-key-of-{product}-{kind}")
}

/// As a seller would write it, with shorter times.
fn config() -> Value {
    let route = |(dialect, path, product): &(Dialect, &str, &str)| {
        let mut route = json!({
            "path": path, "dialect": dialect.name(), "keys": [key(*dialect, product)], "product": product, "usage": true,
            "test_front_end_url": format!("https://test.{product}.example.com/"), "answer_within_ms": 2_000,
        });
        if dialect.is_kit() {
            route["private_keys"] = json!([PRIVATE_KEY]);
        }
        route
    };
    json!({
        "settings": {
            "duplicate_wait_ms": 1_500, "effect_deadline_ms": 5_000, "lease_ms": 6_000, "usage_deadline_ms": 1_000,
            "resend_limit_ms": 1_000,
        },
        "routes": ROUTES.iter().map(route).collect::<Vec<_>>(),
    })
}

#[test]
fn the_express_example_lives_through_every_story() {
    let example = Example::start();
    let opened = example.ask(&json!({"op": "open", "config": config()}));
    let host = format!("127.0.0.1:{}", opened["port"]);
    let now_ms = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
    let transport = Plain::to(host.clone()).with_timeout(Duration::from_secs(20));
    let mut summary = Summary::default();
    let dialects = [Dialect::SaasV1, Dialect::SaasV2, Dialect::KitV1, Dialect::KitV2, Dialect::OrgidSync];
    for dialect in dialects {
        let mut routes =
            ROUTES.iter().filter(|(of, _, _)| *of == dialect).map(|(dialect, path, product)| Route {
                public_key: Some(PUBLIC_KEY.to_owned()),
                ..Route::new(host.clone(), *path, AccessKey::new(key(*dialect, product)))
            });
        let (main, other) = (routes.next().unwrap(), routes.next());
        let runner = Runner {
            transport: &transport,
            backend: Some(&example),
            main: &main,
            other: other.as_ref(),
            now_ms: &now_ms,
            pause: &std::thread::sleep,
            seed: 1,
        };
        for story in stories(dialect) {
            summary += runner.run(&story, &mut |report| assert!(report.passed(), "{report:#?}"));
        }
    }
    assert!(summary.passed > 100 && summary.failed == 0 && summary.skipped == 0, "{summary:?}");
    // The outbox brings what it owes. Of each kit there is left who was bound beside the main tenant, and the attacked ones.
    let named = |kept: &Value, name: &str| {
        let members = kept["members"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
        members.filter(|member| member["name"] == name).count()
    };
    let mut kept = example.ask(&json!({"op": "workspaces"}));
    for _ in 0..200 {
        if named(&kept, "zhao") + named(&kept, "qian") == 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
        kept = example.ask(&json!({"op": "workspaces"}));
    }
    assert_eq!(["li", "wang", "zhao", "qian"].map(|name| named(&kept, name)), [6, 3, 0, 0], "{kept}");
    assert_eq!(kept["complaints"], json!([]));
    let workspaces = kept["workspaces"].as_array().expect("a list");
    assert!(workspaces.iter().any(|workspace| workspace["phase"] == "released"), "{workspaces:?}");
}
