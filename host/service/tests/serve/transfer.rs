//! `import` and `export`: instances from before the gateway, and the way from one store to another.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use countersign_simulator::Dialect;
use countersign_simulator::calls::saas_v2::{query_instance, release_instance, update_instance_status};
use serde_json::{Value, json};

use crate::support::process::countersign;
use crate::support::{Backend, Gateway, KEY, Reply, config};

/// A folder with a configuration of both dialects for one product.
fn folder(store: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_config(&folder.path().join("countersign.toml"), store);
    folder
}

fn write_config(file: &Path, store: &str) {
    let text = format!(
        r#"
        listen = "127.0.0.1:0"
        store = "{store}"
        engine = "native"
        [backend]
        url = "http://127.0.0.1:9"
        secret = {{ env = "A_SECRET_THAT_NO_IMPORT_NEEDS" }}
        [[routes]]
        path = "/v1"
        dialect = "saas-v1"
        keys = ["{KEY}"]
        product = "crm"
        [[routes]]
        path = "/v2"
        dialect = "saas-v2"
        keys = ["{KEY}"]
        product = "crm"
        "#
    );
    std::fs::write(file, text).unwrap();
}

/// Runs the command in the folder with these lines on standard input.
fn run(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = countersign()
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// The exit code and what stands on standard error.
fn import(folder: &Path, more: &[&str], input: &str) -> (i32, String) {
    let arguments: Vec<&str> = ["import", "-"].iter().chain(more).copied().collect();
    let output = run(folder, &arguments, input);
    assert!(output.stdout.is_empty());
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn export(folder: &Path, more: &[&str]) -> String {
    let arguments: Vec<&str> = ["export"].iter().chain(more).copied().collect();
    let output = run(folder, &arguments, "");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn v2_line(order: &str, id: &str) -> String {
    json!({"order_id": order, "order_line_id": format!("{order}-000001"), "instance_id": id, "expire_time": "2030-01-01T00:00:00Z",
        "access": {"front_end_url": "https://old.example.com", "user_name": "buyer", "password": "pa55word"}})
    .to_string()
        + "\n"
}

#[test]
fn a_repeated_create_of_an_imported_order_gets_the_old_instance() {
    let folder = folder("sqlite:ledger.db");
    let backend = Backend::start(|_| Reply::done());
    let mut settings = config(&backend);
    settings["store"] = json!("sqlite:ledger.db");
    let gateway =
        Gateway::start_in(settings.clone(), folder.path(), countersign::gateway::Options::default());
    let order = gateway.platform().order();
    gateway.stop();

    let platform_spelling = json!({"orderId": order.order_id, "instanceId": "old-v1", "expiry": null,
        "frontEndUrl": "https://old.example.com", "userName": "buyer", "password": "pa55word"});
    let ours = json!({"order_id": order.order_id, "order_line_id": order.order_line_id(), "instance_id": "old-v2",
        "front_end_url": "https://old.example.com", "user_name": "buyer", "password": "pa55word"});
    let lines = format!("{platform_spelling}\n{ours}\n");
    assert_eq!(import(folder.path(), &[], &lines), (0, "imported 2, unchanged 0, refused 0\n".into()));
    assert_eq!(import(folder.path(), &[], &lines), (0, "imported 0, unchanged 2, refused 0\n".into()));

    let gateway = Gateway::start_in(settings, folder.path(), countersign::gateway::Options::default());
    let platform = gateway.platform();
    for (dialect, id) in [(Dialect::SaasV1, "old-v1"), (Dialect::SaasV2, "old-v2")] {
        let answer = platform.call(dialect, &platform.purchase(dialect, &order));
        assert_eq!(answer.instance_id.as_deref(), Some(id), "{dialect:?}");
        let listed = platform.query(id);
        let access = listed.instances[0].app_info.clone().unwrap();
        assert_eq!(access.front_end_url, "https://old.example.com");
        assert_eq!(access.password.as_deref(), Some("pa55word"));
    }
    assert!(backend.deliveries().is_empty(), "nothing is opened a second time");
    for fields in [update_instance_status("old-v2", true), release_instance("old-v2", None)] {
        assert_eq!(platform.call(Dialect::SaasV2, &fields).result_code, "000000");
    }
    assert_eq!(platform.call(Dialect::SaasV2, &query_instance(&["old-v2"])).result_code, "000003");
    assert_eq!(backend.deliveries().len(), 2);
    gateway.stop();
}

#[test]
fn a_row_of_a_later_version_stops_neither_a_list_nor_an_export() {
    let folder = folder("sqlite:ledger.db");
    let lines: String = (1..4).map(|number| v2_line(&format!("CS{number}"), &format!("i{number}"))).collect();
    assert_eq!(import(folder.path(), &[], &lines).0, 0);
    let missing = countersign_ledger::Missing::Refuse;
    let store = countersign_ledger::open("sqlite:ledger.db", folder.path(), missing).unwrap().store;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let key = countersign_core::ledger::instance_key("crm", "i2");
        let row = store.load(vec![key.clone()]).await.unwrap().remove(0);
        let expect = row.value.map(|stored| stored.version);
        let bytes = br#"{"format":2,"what":"nobody here knows"}"#.to_vec();
        let change = countersign_core::ledger::Change::Put { bytes, expires_at: None };
        let committed = store.commit(vec![countersign_core::ledger::Write { key, expect, change }]).await;
        assert_eq!(committed.unwrap(), countersign_ledger::Outcome::Committed);
    });
    drop(store);
    let output = run(folder.path(), &["export"], "");
    assert_eq!(output.status.code(), Some(1), "not all of them have a line");
    let ids = |text: &str| -> Vec<String> {
        let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["instance_id"].clone();
        text.lines().map(|line| id(line).as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&String::from_utf8(output.stdout).unwrap()), ["i1", "i3"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("instance/crm/i2: newer-row"), "{said}");

    let backend = Backend::start(|_| Reply::done());
    let mut settings = config(&backend);
    settings["store"] = json!("sqlite:ledger.db");
    let gateway = Gateway::start_in(settings, folder.path(), countersign::gateway::Options::default());
    let (_, list) = gateway.api("GET", "/v1/instances", "reader", "");
    let listed: Vec<&str> = list["instances"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["instance_id"].as_str().unwrap())
        .collect();
    assert_eq!(listed, ["i1", "i3"]);
    // A call for it is declined, and the next one served.
    let platform = gateway.platform();
    let freeze = |id: &str| platform.call(Dialect::SaasV2, &update_instance_status(id, true)).result_code;
    assert_eq!((freeze("i2").as_str(), freeze("i3").as_str()), ("000005", "000000"));
    gateway.stop();
}

#[test]
fn bad_lines_are_named_and_the_others_imported() {
    let folder = folder("sqlite:ledger.db");
    let good: String =
        (0..300).map(|number| v2_line(&format!("CS{number}"), &format!("i{number}"))).collect();
    let lines = format!(
        "{good}{}not json\n\n{}{}",
        v2_line("CS7", "another"),
        r#"{"instance_id":"x","pa55":1}"#.to_owned() + "\n",
        v2_line("CS300", "i300"),
    );
    let (code, said) = import(folder.path(), &[], &lines);
    assert_eq!(code, 1);
    let named: Vec<&str> =
        said.lines().map(|line| line.rsplit_once(": ").map_or(line, |(head, _)| head)).collect();
    assert_eq!(
        named,
        [
            "line 301: order_id: conflict",
            "line 302: (line): wrong-type",
            "line 304: pa55: unknown-field",
            "line 304: order_id: missing",
            "line 304: front_end_url: missing",
            "imported 301, unchanged 0, refused 3",
        ]
    );
    assert!(!said.contains("pa55word"));
    assert_eq!(export(folder.path(), &[]).lines().count(), 301);
}

#[test]
fn a_dry_run_writes_nothing_and_finds_the_same() {
    let folder = folder("sqlite:ledger.db");
    import(folder.path(), &[], &v2_line("CS1", "a"));
    let lines = v2_line("CS1", "a") + &v2_line("CS1", "b") + &v2_line("CS2", "c");
    let before = export(folder.path(), &["--with-access"]);
    let (code, said) = import(folder.path(), &["--dry-run"], &lines);
    assert_eq!(code, 1);
    assert!(said.contains("line 2: order_id: conflict"), "{said}");
    assert!(said.ends_with("would import 1, unchanged 1, refused 1\n"), "{said}");
    assert_eq!(export(folder.path(), &["--with-access"]), before);
}

#[test]
fn an_export_into_an_empty_store_gives_the_same_bytes() {
    let folder = folder("sqlite:ledger.db");
    let backend = Backend::start(|_| Reply::done());
    let mut settings = config(&backend);
    settings["store"] = json!("sqlite:ledger.db");
    let gateway = Gateway::start_in(settings, folder.path(), countersign::gateway::Options::default());
    let platform = gateway.platform();
    for dialect in Dialect::SAAS {
        let id = platform.buys(dialect);
        platform.call(Dialect::SaasV2, &update_instance_status(&id, true));
        platform.buys(dialect);
    }
    gateway.stop();
    let many: String =
        (0..700).map(|number| v2_line(&format!("CS{number}"), &format!("i{number}"))).collect();
    import(folder.path(), &[], &many);

    let first = export(folder.path(), &["--with-access", "--product", "crm"]);
    assert_eq!(first.lines().count(), 704);
    let other = self::folder("sqlite:other.db");
    assert_eq!(import(other.path(), &[], &first), (0, "imported 704, unchanged 0, refused 0\n".into()));
    assert_eq!(export(other.path(), &["--with-access"]), first);
    assert_eq!(import(folder.path(), &[], &first), (0, "imported 0, unchanged 704, refused 0\n".into()));

    let shown = export(folder.path(), &[]);
    assert!(!shown.contains("pa55word") && !shown.contains("first-Passw0rd") && !shown.contains("example"));
    let line: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert!(line["access"]["front_end_url"].is_string());
}

#[test]
fn mistakes_of_command_line_and_configuration_end_with_code_2() {
    let folder = folder("sqlite:ledger.db");
    let code = |arguments: &[&str]| run(folder.path(), arguments, "").status.code();
    assert_eq!(code(&["import", "no-such-file"]), Some(2));
    assert_eq!(code(&["import", "-", "--product", "none"]), Some(2));
    assert_eq!(code(&["export", "--product", "none"]), Some(2));
    assert_eq!(code(&["import", "-", "--config", "no-such-file"]), Some(2));
    assert_eq!(code(&["import"]), Some(2));
    write_config(&folder.path().join("wrong.toml"), "redis:");
    assert_eq!(code(&["export", "--config", "wrong.toml"]), Some(2));
    write_config(&folder.path().join("nowhere.toml"), "sqlite:no/such/folder.db");
    assert_eq!(code(&["export", "--config", "nowhere.toml"]), Some(1), "the store cannot be opened");
}

#[test]
fn where_the_configuration_has_several_products_a_line_names_its_own() {
    let folder = folder("sqlite:ledger.db");
    let file = folder.path().join("countersign.toml");
    let text = std::fs::read_to_string(&file).unwrap().replacen("\"crm\"", "\"classic\"", 1);
    std::fs::write(&file, text).unwrap();
    let (code, said) = import(folder.path(), &[], &v2_line("CS1", "a"));
    assert!(code == 1 && said.contains("line 1: product: missing"), "{said}");
    assert_eq!(import(folder.path(), &["--product", "crm"], &v2_line("CS1", "a")).0, 0);
    assert_eq!(export(folder.path(), &["--product", "classic"]), "");
    assert_eq!(export(folder.path(), &["--product", "crm"]).lines().count(), 1);
}
