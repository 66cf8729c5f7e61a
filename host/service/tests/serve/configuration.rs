//! Mistakes in a configuration: all named at once, exit code 2.

use std::process::Output;

use countersign::config::{Config, ConfigErrors, EngineKind, load_seller};
use serde_json::json;

use crate::support::process::countersign;
use crate::support::{KEY, WEBHOOK_SECRET};

fn serve(text: &str, environment: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.path().join("empty"), "").unwrap();
    countersign().arg("serve").arg("--config").arg(&file).envs(environment.iter().copied()).output().unwrap()
}

fn named(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn every_mistake_is_named_with_its_path() {
    let text = format!(
        r#"
        listen = "localhost"
        store = "redis://user:pa55word@host"
        colour = "blue"
        engine = "steam"

        [backend]
        url = "ftp://backend"
        secret = "whsec_not base64"
        timeout = 3

        [api]
        listen = "0.0.0.0:8081"
        tokens = [
            {{ token = {{ env = "COUNTERSIGN_UNSET" }}, scopes = ["read"] }},
            {{ token = "tok-en", scopes = ["write"] }},
            {{ token = "with blank", scopes = [] }},
        ]

        [tls]
        certificate = "empty"

        [log]
        format = "xml"

        [limits]
        max_connections = 0

        [[routes]]
        path = "koogallery"
        dialect = "saas-v3"
        keys = ["{KEY}", "{KEY}", {{ file = "no-such-file" }}, {{ env = 1 }}]
        backend = {{ url = "http://ok" }}

        [[routes]]
        dialect = "saas-v2"
        colour = "red"

        [settings]
        max_headers = "many"
        "#
    );
    let stderr = named(&serve(&text, &[]));
    for path in [
        "listen",
        "store",
        "colour",
        "engine",
        "backend.url",
        "backend.secret",
        "backend.timeout",
        "api.listen",
        "api.tokens[0].token",
        "api.tokens[1].scopes[0]",
        "api.tokens[2].token",
        "api.tokens[2].scopes",
        "tls.certificate",
        "tls.key",
        "log.format",
        "limits.max_connections",
        "routes[0].path",
        "routes[0].dialect",
        "routes[0].keys[1]",
        "routes[0].keys[2]",
        "routes[0].keys[3]",
        "routes[0].backend.secret",
        "routes[1].path",
        "routes[1].keys",
        "routes[1].colour",
        "settings.max_headers",
    ] {
        assert!(stderr.lines().any(|line| line.starts_with(&format!("{path}: "))), "{path} in\n{stderr}");
    }
    for secret in [KEY, "pa55word", "not base64", "tok-en", "with blank"] {
        assert!(!stderr.contains(secret), "{secret} in\n{stderr}");
    }
}

#[test]
fn what_is_required_is_missed() {
    let stderr = named(&serve("", &[]));
    let paths: Vec<&str> = stderr.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    assert_eq!(paths, ["routes", "listen", "store", "backend"], "{stderr}");
}

#[test]
fn an_api_without_a_token_is_refused() {
    let text = |api: &str| {
        format!(
            "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n{api}\n\
             [backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = {{ env = \"BACKEND_SECRET\" }}\n\
             [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\n"
        )
    };
    let environment = [("BACKEND_SECRET", WEBHOOK_SECRET)];
    for api in ["[api]\nlisten = \"127.0.0.1:0\"", "[api]\nlisten = \"127.0.0.1:0\"\ntokens = []"] {
        let stderr = named(&serve(&text(api), &environment));
        assert_eq!(stderr.trim_end(), "api.tokens: at least one token is required");
    }
    let stderr = named(&serve(&text(""), &[]));
    assert!(stderr.starts_with("backend.secret: "), "{stderr}");
}

#[test]
fn what_is_not_toml_or_not_there_is_said_without_its_text() {
    let stderr = named(&serve("listen = \"a\"\nsecret = \"s3cr3t\" x\n", &[]));
    assert!(stderr.contains("line 2") && !stderr.contains("s3cr3t"), "{stderr}");
    let twice = named(&serve("store = \"memory:\"\nstore = \"memory:\"\n", &[]));
    assert!(twice.contains("line 2"), "{twice}");
    let output = countersign().args(["serve", "--config", "/nowhere/countersign.toml"]).output().unwrap();
    assert!(named(&output).contains("/nowhere/countersign.toml"));
}

#[test]
fn mistakes_of_the_command_line_are_exit_code_2() {
    for arguments in [&["serve", "--engine", "steam"][..], &["sell"], &[]] {
        assert_eq!(countersign().args(arguments).output().unwrap().status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn routes_and_settings_are_read_without_what_only_serving_needs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    let text = "engine = \"native\"\nlisten = \"127.0.0.1:0\"\nstore = \"memory:\"\n\
         [backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = { env = \"COUNTERSIGN_UNSET\" }\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [{ file = \"key\" }]\nproduct = \"crm\"\n\
         backend = { url = \"http://127.0.0.1:1/\", secret = { env = \"COUNTERSIGN_UNSET\" } }\n";
    std::fs::write(&file, text).unwrap();
    std::fs::write(folder.path().join("key"), format!("{KEY}\n")).unwrap();
    let seller = load_seller(&file).unwrap();
    assert_eq!((seller.products(), seller.engine()), (&["crm".to_owned()][..], EngineKind::Native));
    let json: serde_json::Value = serde_json::from_slice(seller.json()).unwrap();
    assert_eq!(json["routes"][0]["keys"][0], KEY);
    assert!(json["routes"][0].get("backend").is_none());

    std::fs::write(&file, format!("colour = \"blue\"\n{text}")).unwrap();
    let paths = |errors: ConfigErrors| errors.problems.into_iter().map(|one| one.path).collect::<Vec<_>>();
    assert_eq!(paths(load_seller(&file).unwrap_err()), ["colour"]);
    assert_eq!(
        paths(Config::load(&file).unwrap_err()),
        ["routes[0].backend.secret", "backend.secret", "colour"]
    );
}

#[test]
fn an_api_for_other_machines_needs_tls() {
    let api = |listen: &str, tls: bool| {
        let tls_files = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
        let mut document = json!({
            "listen": "127.0.0.1:0",
            "store": "memory:",
            "backend": {"url": "http://127.0.0.1:1/", "secret": WEBHOOK_SECRET},
            "api": {"listen": listen, "tokens": [{"token": "t", "scopes": ["check", "read", "operate", "secrets"]}]},
            "routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [KEY]}],
        });
        if tls {
            document["api"]["tls"] = json!({"certificate": "localhost.pem", "key": "localhost.key"});
        }
        Config::from_value(document, &tls_files).map(|_| ())
    };
    for listen in ["127.0.0.1:0", "[::1]:0", "127.9.9.9:0"] {
        assert_eq!(api(listen, false), Ok(()));
    }
    for listen in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        assert_eq!(api(listen, true), Ok(()));
        assert_eq!(api(listen, false).unwrap_err().problems[0].path, "api.listen");
    }
}

#[test]
fn routes_of_one_product_agree_on_its_backend() {
    let own = |url: &str| json!({"url": url, "secret": WEBHOOK_SECRET});
    let common = "http://127.0.0.1:1/";
    let paths = |backends: [Option<&str>; 3]| {
        let mut document = json!({
            "listen": "127.0.0.1:0",
            "store": "memory:",
            "backend": own(common),
            "routes": [
                {"path": "/v1", "dialect": "saas-v1", "keys": [KEY], "product": "crm"},
                {"path": "/v2", "dialect": "saas-v2", "keys": [KEY], "product": "crm"},
                {"path": "/erp", "dialect": "saas-v2", "keys": ["another-test-access-key"]},
            ],
        });
        for (index, url) in backends.into_iter().enumerate() {
            if let Some(url) = url {
                document["routes"][index]["backend"] = own(url);
            }
        }
        match Config::from_value(document, std::path::Path::new(".")) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.problems.into_iter().map(|one| (one.path, one.code)).collect(),
        }
    };
    let (x, y) = (Some("http://127.0.0.1:2/"), Some("http://127.0.0.1:3/"));
    let conflict = |index: usize| vec![(format!("routes[{index}].backend"), "conflict")];
    assert_eq!(paths([None, None, None]), []);
    assert_eq!(paths([x, x, y]), []);
    assert_eq!(paths([Some(common), None, x]), [], "the common one, named");
    assert_eq!(paths([x, y, None]), conflict(1));
    assert_eq!(paths([None, x, None]), conflict(1));
    assert_eq!(paths([x, None, None]), conflict(1));
}

/// What is said of each secret of a configuration.
fn said_of(key: &str, webhook: &str, token: &str, folder: &std::path::Path) -> Vec<(String, &'static str)> {
    let document = json!({
        "listen": "127.0.0.1:0",
        "store": "memory:",
        "backend": {"url": "http://127.0.0.1:1/", "secret": {"file": webhook}},
        "api": {"listen": "127.0.0.1:0", "tokens": [{"token": {"file": token}, "scopes": ["read"]}]},
        "routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [{"file": key}]}],
    });
    match Config::from_value(document, folder) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.problems.into_iter().map(|one| (one.path, one.code)).collect(),
    }
}

#[test]
fn what_came_along_with_a_secret_is_named_at_every_secret() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    for (before, after, codes) in [
        ("", "", vec![]),
        ("", "\n", vec![]),
        ("", "\r\n", vec![]),
        ("\u{feff}", "\r\n", vec![]),
        ("", "\n\n", vec!["stray-character"; 3]),
        ("", "\r", vec!["stray-character"; 3]),
        ("", "\r\r\n", vec!["stray-character"; 3]),
        ("", " \n", vec!["stray-character"; 3]),
        ("\t", "", vec!["stray-character"; 3]),
        ("\"", "\"", vec!["stray-character"; 3]),
        ("\u{feff}\u{feff}", "", vec!["stray-character"; 3]),
        ("\u{200b}", "", vec!["stray-character"; 3]),
        ("", "\0", vec!["stray-character"; 3]),
    ] {
        write("key", format!("{before}{KEY}{after}"));
        write("webhook", format!("{before}{WEBHOOK_SECRET}{after}"));
        write("token", format!("{before}a-token-of-the-api{after}"));
        let said = said_of("key", "webhook", "token", folder.path());
        let found: Vec<&str> = said.iter().map(|(_, code)| *code).collect();
        assert_eq!(found, codes, "{before:?} {after:?}");
        if !said.is_empty() {
            let paths: Vec<&str> = said.iter().map(|(path, _)| path.as_str()).collect();
            for path in ["routes[0].keys[0]", "backend.secret", "api.tokens[0].token"] {
                assert!(paths.contains(&path), "{path} in {paths:?}");
            }
        }
    }
    write("empty", "\r\n".to_owned());
    let said = said_of("empty", "empty", "empty", folder.path());
    assert!(said.iter().all(|(_, code)| *code == "empty") && said.len() == 3, "{said:?}");
}

#[test]
fn secrets_of_the_environment_are_held_to_the_same_rule() {
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n\
         [backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = {{ env = \"SECRET\" }}\n\
         [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = {{ env = \"TOKEN\" }}, scopes = [\"read\"] }}]\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [{{ env = \"KEY\" }}, \"{KEY}2\\r\"]\n"
    );
    let (secret, key) = (format!("{WEBHOOK_SECRET}\r"), format!("{KEY}\r"));
    let stderr = named(&serve(&text, &[("SECRET", &secret), ("TOKEN", "token\n"), ("KEY", &key)]));
    for path in ["backend.secret", "api.tokens[0].token", "routes[0].keys[0]", "routes[0].keys[1]"] {
        assert!(stderr.lines().any(|line| line.starts_with(&format!("{path}: "))), "{path} in\n{stderr}");
    }
    assert!(!stderr.contains(KEY) && !stderr.contains(WEBHOOK_SECRET), "{stderr}");
}

#[test]
fn a_key_file_of_the_command_line_is_read_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, format!("\u{feff}{KEY}\r\n")).unwrap();
    let sign = |key: [&str; 2]| {
        let fixed = [
            "sign",
            "--dialect",
            "saas-v2",
            "--field",
            "activity=queryInstance",
            "--now",
            "1",
            "--nonce",
            "n",
        ];
        countersign().args(fixed).args(key).output().unwrap()
    };
    let (from_file, given) = (sign(["--key-file", file.to_str().unwrap()]), sign(["--key", KEY]));
    assert_eq!(from_file.stdout, given.stdout);
    assert!(given.status.success());
    let none = sign(["--key-file", "/nowhere"]);
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn a_limit_that_nothing_could_hold_is_a_mistake_at_its_path() {
    let settings = |more: &str| {
        format!(
            "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n\
             [backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
             [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\n{more}\n"
        )
    };
    for (more, path) in [
        ("[settings]\nmax_body_bytes = 268435456", "settings.max_body_bytes"),
        ("[settings]\nmax_base_body_bytes = 16777216", "settings.max_base_body_bytes"),
        ("[limits]\nmax_inflight_bytes = 1048576", "limits.max_inflight_bytes"),
        ("[limits]\nidle_timeout_ms = 0", "limits.idle_timeout_ms"),
        ("[limits]\nidle_timout_ms = 75000", "limits.idle_timout_ms"),
        ("[limits]\nmax_connections = \"many\"", "limits.max_connections"),
    ] {
        let stderr = named(&serve(&settings(more), &[]));
        assert!(stderr.starts_with(&format!("{path}: ")), "{stderr}");
    }
}

#[test]
fn what_may_be_a_mistake_is_said_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    let tls = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"memory:\"\n\
         tls = {{ certificate = \"{tls}/expired.pem\", key = \"{tls}/localhost.key\" }}\n\
         [backend]\nurl = \"http://127.0.0.1:1/\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/a\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\n\
         [[routes]]\npath = \"/b\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\", \"short\"]\n",
        tls = tls.display()
    );
    std::fs::write(&file, text).unwrap();
    let process = crate::support::process::Process::serve(&file, &[]);
    let log = process.logs("code=\"expired\"");
    for (path, code) in
        [("routes[0]", "shared-key"), ("routes[1].keys[1]", "short-key"), ("tls.certificate", "expired")]
    {
        let said = log.lines().any(|line| {
            line.contains(" WARN ")
                && line.contains(&format!("path=\"{path}\""))
                && line.contains(&format!("code=\"{code}\""))
        });
        assert!(said, "{path} {code} in\n{log}");
    }
    assert!(!log.contains(KEY), "{log}");
}
