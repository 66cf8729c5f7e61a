//! Mistakes in a configuration: all named at once, exit code 2.

use std::process::Output;

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
