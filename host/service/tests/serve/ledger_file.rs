//! The file of the ledger: new, missing, misspelt, gone.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use countersign_simulator::Dialect;

use crate::support::process::{Process, countersign};
use crate::support::{Backend, KEY, Reply, WEBHOOK_SECRET, until};

fn write(folder: &Path, backend: &Backend, store: &str) -> std::path::PathBuf {
    let file = folder.join("countersign.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = {store}\n\
         [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = \"t\", scopes = [\"read\"] }}]\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n",
        backend.url()
    );
    std::fs::write(&file, text).unwrap();
    file
}

fn end(process: Process) -> String {
    process.signal("-TERM");
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    log
}

fn refused(file: &Path) -> Output {
    countersign().arg("serve").arg("--config").arg(file).output().unwrap()
}

#[test]
fn a_new_ledger_is_announced_once() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let file = write(folder.path(), &backend, "\"sqlite:ledger.db\"");
    let announced = |log: &str| {
        log.lines()
            .any(|line| line.contains("WARN") && line.contains("new ledger") && line.contains("ledger.db"))
    };
    let process = Process::serve(&file, &[]);
    process.platform().buys(Dialect::SaasV2);
    let log = end(process);
    assert!(announced(&log), "{log}");
    let log = end(Process::serve(&file, &[]));
    assert!(!announced(&log), "{log}");
}

#[test]
fn a_ledger_that_must_be_there_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let file = write(folder.path(), &backend, "{ url = \"sqlite:ledger.db\", create = false }");
    let output = refused(&file);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no ledger in"));
    assert!(!folder.path().join("ledger.db").exists());
    // Nor is an empty file taken for one.
    std::fs::write(folder.path().join("ledger.db"), "").unwrap();
    assert_eq!(refused(&file).status.code(), Some(1));
    std::fs::remove_file(folder.path().join("ledger.db")).unwrap();

    write(folder.path(), &backend, "{ url = \"sqlite:ledger.db\" }");
    let process = Process::serve(&file, &[]);
    process.platform().buys(Dialect::SaasV2);
    end(process);
    write(folder.path(), &backend, "{ url = \"sqlite:ledger.db\", create = false }");
    let process = Process::serve(&file, &[]);
    process.platform().buys(Dialect::SaasV2);
    end(process);
}

#[test]
fn an_export_creates_no_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), &Backend::start(|_| Reply::done()), "\"sqlite:ledger.db\"");
    let output = countersign().arg("export").arg("--config").arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no ledger in"));
    assert!(!folder.path().join("ledger.db").exists());
}

#[test]
fn an_address_of_another_spelling_is_refused_with_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    std::fs::create_dir(folder.path().join("data")).unwrap();
    for (store, path, right) in [
        ("\"sqlite:d.db?mode=rwc\"", "store", "sqlite:d.db"),
        ("{ url = \"sqlite:d.db?mode=rwc\" }", "store.url", "sqlite:d.db"),
        ("\"sqlite://d.db\"", "store", "sqlite:d.db"),
        ("\"sqlite:///var/lib/d.db\"", "store", "sqlite:/var/lib/d.db"),
        ("\"sqlite:\"", "store", "sqlite:relative.db or sqlite:/absolute/path.db"),
        ("\"sqlite:data\"", "store", "is not a file"),
        ("{ url = \"memory:\", create = false }", "store.create", "always new"),
        ("{ url = \"sqlite:d.db\", create = \"no\" }", "store.create", "must be true or false"),
        ("{ url = \"sqlite:d.db\", make = false }", "store.make", "is not a setting"),
        ("{ create = false }", "store.url", "is required"),
        ("3", "store", "must be an address"),
    ] {
        let output = refused(&write(folder.path(), &backend, store));
        assert_eq!(output.status.code(), Some(2), "{store}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.starts_with(&format!("{path}: ")) && stderr.contains(right), "{store}: {stderr}");
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "no file was made: {names:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_gone_or_replaced_loses_readiness() {
    let backend = Backend::start(|_| Reply::done());
    for name in ["ledger.db", "ledger.db-wal"] {
        for replaced in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let file = write(folder.path(), &backend, "\"sqlite:ledger.db\"");
            let mut process = Process::serve(&file, &[]);
            let (api, platform) = (process.api(), process.platform());
            platform.buys(Dialect::SaasV2);
            assert_eq!(api.get("/readyz").status, 200);
            let (victim, aside) = (folder.path().join(name), folder.path().join("aside"));
            std::fs::rename(&victim, &aside).unwrap();
            if replaced {
                std::fs::copy(&aside, &victim).unwrap();
            }
            let order = platform.order();
            let purchase = platform.purchase(Dialect::SaasV2, &order);
            assert_eq!(platform.call(Dialect::SaasV2, &purchase).result_code, "000005", "{name} {replaced}");
            assert_eq!(api.get("/readyz").status, 503, "{name} {replaced}");
            std::fs::rename(&aside, &victim).unwrap();
            until("it is back", Duration::from_secs(10), || api.get("/readyz").status == 200);
            assert_eq!(platform.call(Dialect::SaasV2, &purchase).result_code, "000000", "{name} {replaced}");
            end(process);
        }
    }
}
