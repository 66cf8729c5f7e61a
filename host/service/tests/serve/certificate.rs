//! Certificates and keys of a listener: what can be used, and every fault named for what it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::config::{Config, Problem};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{KEY, WEBHOOK_SECRET};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/tls").join(name)
}

fn load(certificate: &Path, key: &Path) -> Result<Config, Vec<Problem>> {
    let document = json!({
        "listen": "127.0.0.1:0",
        "store": "memory:",
        "tls": {"certificate": certificate, "key": key},
        "backend": {"url": "http://127.0.0.1:1/", "secret": WEBHOOK_SECRET},
        "routes": [{"path": "/v2", "dialect": "saas-v2", "keys": [KEY]}],
    });
    Config::from_value(document, Path::new(".")).map_err(|errors| errors.problems)
}

/// The path and the code of the one problem.
fn problem(certificate: &Path, key: &Path) -> (String, &'static str) {
    let problems = load(certificate, key).unwrap_err();
    let [problem] = &problems[..] else { panic!("{problems:?}") };
    assert!(!problem.message.contains("BEGIN"), "{problem}");
    (problem.path.clone(), problem.code)
}

/// Files that the test makes.
struct Made(TempDir);

impl Made {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn holding(&self, bytes: impl AsRef<[u8]>) -> PathBuf {
        let number = fs::read_dir(self.0.path()).unwrap().count();
        let path = self.0.path().join(format!("{number}.pem"));
        fs::write(&path, bytes).unwrap();
        path
    }
}

fn text(name: &str) -> String {
    fs::read_to_string(file(name)).unwrap()
}

#[test]
fn keys_of_every_kind_and_form_are_taken() {
    for (certificate, key) in [
        ("localhost.pem", "localhost.key"),
        ("localhost.pem", "sec1.key"),
        ("localhost.pem", "with-parameters.key"),
        ("rsa.pem", "rsa.key"),
        ("rsa.pem", "rsa-pkcs1.key"),
        ("ed25519.pem", "ed25519.key"),
    ] {
        assert!(load(&file(certificate), &file(key)).is_ok(), "{certificate} {key}");
    }
    let made = Made::new();
    let both = made.holding(format!("{}{}", text("localhost.key"), text("localhost.pem")));
    assert!(load(&both, &both).is_ok(), "both in one file");
    let chain = made.holding(format!("{}{}", text("localhost.pem"), text("authority.pem")));
    assert!(load(&chain, &file("localhost.key")).is_ok(), "a chain");
    let marked = |name: &str| made.holding(format!("\u{feff}{}", text(name)));
    assert!(load(&marked("localhost.pem"), &marked("localhost.key")).is_ok(), "byte order marks");
    let windows = |name: &str| made.holding(text(name).replace('\n', "\r\n"));
    assert!(load(&windows("localhost.pem"), &windows("sec1.key")).is_ok(), "line ends of Windows");
    let explained = |name: &str| made.holding(format!("subject=CN = localhost\n\n{}", text(name)));
    assert!(load(&explained("localhost.pem"), &explained("localhost.key")).is_ok(), "text before it");
}

#[test]
fn a_file_of_no_use_is_named_for_what_it_is() {
    let made = Made::new();
    let cut = |name: &str| text(name).lines().take(3).collect::<Vec<_>>().join("\n");
    let damaged = |name: &str| text(name).replacen("MI", "M!", 1);
    let (good, key) = (file("localhost.pem"), file("localhost.key"));
    for (wrong, code) in [
        (file("no-such-file"), "unreadable"),
        (file(""), "unreadable"),
        (made.holding(""), "empty"),
        (made.holding("\u{feff} \r\n"), "empty"),
        (made.holding("certificate"), "not-pem"),
        (made.holding([0xFF, 0xFE, b'-', 0]), "not-pem"),
        (file("localhost.der"), "not-pem"),
        (made.holding(damaged("localhost.pem")), "not-pem"),
        (made.holding(cut("localhost.pem")), "cut-short"),
        (made.holding(vec![b' '; 1_100_000]), "out-of-range"),
        (key.clone(), "wrong-content"),
        (file("encrypted.key"), "wrong-content"),
        (file("public.pem"), "wrong-content"),
        (file("request.pem"), "wrong-content"),
        (made.holding(text("localhost.pem").replace("CERTIFICATE", "TRUSTED CERTIFICATE")), "unsupported"),
        (made.holding(text("public.pem").replace("PUBLIC KEY", "CERTIFICATE")), "unsupported"),
    ] {
        assert_eq!(problem(&wrong, &key), ("tls.certificate".to_owned(), code), "{}", wrong.display());
    }
    for (wrong, code) in [
        (file("no-such-file"), "unreadable"),
        (file(""), "unreadable"),
        (made.holding(""), "empty"),
        (made.holding("key"), "not-pem"),
        (file("localhost.der"), "not-pem"),
        (made.holding(damaged("rsa-pkcs1.key")), "not-pem"),
        (made.holding(cut("rsa.key")), "cut-short"),
        (good.clone(), "wrong-content"),
        (file("public.pem"), "wrong-content"),
        (made.holding(text("localhost.key") + &text("rsa.key")), "wrong-content"),
        (file("encrypted.key"), "encrypted"),
        (file("encrypted-sec1.key"), "encrypted"),
        (file("secp256k1.key"), "unsupported"),
        (made.holding(text("sec1.key").replace("EC PRIVATE", "OPENSSH PRIVATE")), "unsupported"),
        (made.holding(text("sec1.key").replace("EC PRIVATE", "DSA PRIVATE")), "unsupported"),
    ] {
        assert_eq!(problem(&good, &wrong), ("tls.key".to_owned(), code), "{}", wrong.display());
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let made = Made::new();
    let hidden = made.holding(text("localhost.key"));
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o000)).unwrap();
    // Whoever may read everything cannot see it.
    if fs::read(&hidden).is_err() {
        assert_eq!(problem(&file("localhost.pem"), &hidden), ("tls.key".to_owned(), "unreadable"));
    }
}

#[test]
fn the_wrong_order_of_a_chain_and_the_key_of_another_certificate_are_told_apart() {
    let made = Made::new();
    let turned = made.holding(format!("{}{}", text("authority.pem"), text("localhost.pem")));
    let key = file("localhost.key");
    assert_eq!(problem(&turned, &key), ("tls.certificate".to_owned(), "wrong-order"));
    for other in ["rsa.key", "ed25519.key"] {
        assert_eq!(problem(&file("localhost.pem"), &file(other)), ("tls.key".to_owned(), "key-mismatch"));
        assert_eq!(problem(&turned, &file(other)), ("tls.key".to_owned(), "key-mismatch"));
    }
}

#[test]
fn both_files_are_looked_at_before_anything_is_said() {
    let problems = load(&file("no-such-file"), &file("encrypted.key")).unwrap_err();
    let found: Vec<(&str, &str)> = problems.iter().map(|one| (one.path.as_str(), one.code)).collect();
    assert_eq!(found, [("tls.certificate", "unreadable"), ("tls.key", "encrypted")]);
}

#[test]
fn a_certificate_out_of_its_time_is_a_warning() {
    let day = |days: u64| Duration::from_secs(days * 86_400);
    let new_year_2020 = day(18_262);
    let warning = |certificate: &str, now: Duration| {
        let config = load(&file(certificate), &file("localhost.key")).unwrap();
        let warnings = config.warnings(now);
        let found: Vec<(&str, &str)> = warnings.iter().map(|one| (one.path.as_str(), one.code)).collect();
        found.first().map(|(path, code)| {
            assert_eq!(*path, "tls.certificate");
            (*code).to_owned()
        })
    };
    // It is valid for the first thirty days of 2020.
    for (after, code) in
        [(1, None), (15, None), (17, Some("expires-soon")), (29, Some("expires-soon")), (31, Some("expired"))]
    {
        assert_eq!(warning("expired.pem", new_year_2020 + day(after)).as_deref(), code, "{after} days");
    }
    assert_eq!(warning("expired.pem", new_year_2020 - day(1)).as_deref(), Some("not-yet-valid"));
    assert_eq!(warning("localhost.pem", new_year_2020 + day(10_000)), None);
    // The listener's own is fine, one that signed it is not.
    let made = Made::new();
    let chain = made.holding(format!("{}{}", text("localhost.pem"), text("expired.pem")));
    let config = load(&chain, &file("localhost.key")).unwrap();
    assert_eq!(config.warnings(new_year_2020 + day(400))[0].code, "expired");
}
