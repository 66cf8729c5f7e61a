//! `countersign sign`: what it prints is a call that a gate with the same keys admits.

use std::process::{Command, Output};

use countersign_core::{Body, Request, Seller, Verdict};
use serde_json::{Value, json};

const NOW: u64 = 1_700_000_000_000;
const PRIVATE_KEY: &str = include_str!("../src/demo/kit-private.pem");
const PUBLIC_KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/kit-public.pem");

fn sign(arguments: &[&str]) -> Output {
    let mut sign = Command::new(env!("CARGO_BIN_EXE_countersign"));
    sign.arg("sign").args(["--now", &NOW.to_string(), "--host", "isv.example.com"]).args(arguments);
    sign.output().unwrap()
}

/// The event of what was printed, on a seller with this route.
fn admitted(route: &Value, arguments: &[&str]) -> Value {
    let output = sign(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let request_line: Vec<&str> = lines.next().unwrap().split(' ').collect();
    assert_eq!(request_line[2], "HTTP/1.1");
    let headers: Vec<(&str, &[u8])> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name, value.as_bytes()))
        .collect();
    assert!(headers.contains(&("Host", b"isv.example.com")));
    let seller = Seller::from_json(json!({ "routes": [route] }).to_string().as_bytes()).unwrap();
    let request =
        Request::new(request_line[0], request_line[1].as_bytes(), &headers, Body::Bytes(body.as_bytes()));
    match seller.admit(&request, &[7; 16], NOW) {
        Verdict::Admitted(admitted) => serde_json::from_str(&admitted.event.to_json()).unwrap(),
        Verdict::Refused(refusal) => panic!("{:?}", refusal.reason),
    }
}

#[test]
fn every_dialect_of_an_access_key_is_admitted() {
    let order = ["--field", "orderId=CS1", "--field", "orderLineId=CS1-1", "--field", "businessId=b"];
    for (dialect, activity, fields) in [
        ("saas-v1", "newInstance", &order[..]),
        ("saas-v2", "newInstance", &order[..]),
        ("order-notify", "orderNotify", &order[..4]),
        ("license-code", "releaseLicenseCode", &["--field", "license=PL1"]),
    ] {
        let route = json!({"path": "/k", "dialect": dialect, "keys": ["key-0001"], "product": "crm"});
        let activity = format!("activity={activity}");
        let common = ["--dialect", dialect, "--path", "/k", "--key", "key-0001", "--field", &activity];
        let event = admitted(&route, &[&common[..], fields].concat());
        assert_eq!(event["activity"], activity["activity=".len()..], "{event}");
    }
}

#[test]
fn a_client_secret_is_encrypted_for_the_seller() {
    for (dialect, digest, oaep) in [
        ("kit-v1", None, "sha-256/sha-1"),
        ("kit-v2", None, "sha-256/sha-256"),
        ("orgid-sync", Some("sha-1"), "sha-1/sha-1"),
    ] {
        let mut route = json!({"path": "/k", "dialect": dialect, "keys": ["key-0001"], "product": "crm", "private_keys": [PRIVATE_KEY]});
        let body =
            r#"{"instanceId":"i","tenantId":"t","appId":"a","clientId":"c","clientSecret":"plain","flag":1}"#;
        let mut arguments = vec![
            "--dialect",
            dialect,
            "--path",
            "/k",
            "--key",
            "key-0001",
            "--call",
            "applicationSync",
            "--body",
            body,
            "--public-key",
            PUBLIC_KEY,
            "--oaep",
            oaep,
        ];
        if let Some(digest) = digest {
            route["digest"] = json!(digest);
            arguments.extend(["--digest", digest]);
        }
        let event = admitted(&route, &arguments);
        assert_eq!((&event["type"], &event["oaep"]), (&json!("application_add"), &json!(oaep)));
        assert_ne!(event["client_secret"], "plain");
    }
}

#[test]
fn account_events_are_sealed_as_asked() {
    let (signature, encryption) = ("SignKey012345678", "EncKey0123456789");
    for (algorithm, layout) in
        [("AES/GCM/NoPadding", "L1"), ("AES/GCM/NoPadding", "L5"), ("AES/ECB/PKCS5Padding", "ECB")]
    {
        let route = json!({"path": "/k", "dialect": "account-events", "product": "crm", "token": "t-0001",
            "signature_keys": [signature], "encryption_keys": [encryption], "algorithm": algorithm});
        let mut arguments = vec![
            "--dialect",
            "account-events",
            "--path",
            "/k",
            "--token",
            "t-0001",
            "--signature-key",
            signature,
            "--encryption-key",
            encryption,
            "--algorithm",
            algorithm,
            "--field",
            "eventType=CREATE_USER",
            "--field",
            r#"message={"username":"li"}"#,
        ];
        if layout != "ECB" {
            arguments.extend(["--layout", layout]);
        }
        let event = admitted(&route, &arguments);
        assert_eq!((&event["username"], &event["layout"]), (&json!("li"), &json!(layout)));
    }
}

#[test]
fn what_cannot_be_signed_is_said_by_name() {
    let kit = [
        "--dialect",
        "kit-v2",
        "--key",
        "k",
        "--call",
        "applicationSync",
        "--body",
        r#"{"clientSecret":"s"}"#,
    ];
    for (arguments, said) in [
        (&["--dialect", "saas-v9", "--key", "k"][..], "saas-v1, saas-v2"),
        (&["--dialect", "kit-v2", "--key", "k", "--digest", "md5"], "--digest"),
        (&[&kit[..], &["--public-key", "-----BEGIN nothing"]].concat(), "--public-key"),
        (&[&kit[..], &["--public-key", PUBLIC_KEY, "--oaep", "md5/md5"]].concat(), "--oaep"),
        (&[&kit[..], &["--public-key", "/no/such/file"]].concat(), "/no/such/file"),
        (&["--dialect", "account-events", "--token", "t"], "--field: an event needs"),
        (
            &[
                "--dialect",
                "account-events",
                "--token",
                "t",
                "--encryption-key",
                "short",
                "--field",
                "eventType=X",
            ],
            "--encryption-key",
        ),
    ] {
        let output = sign(arguments);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && error.contains(said), "{arguments:?}: {error}");
        assert!(output.stdout.is_empty());
    }
}
