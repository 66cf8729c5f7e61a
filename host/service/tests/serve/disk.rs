//! A disk that takes no more.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use countersign_simulator::Dialect;

use crate::support::process::{Process, countersign};
use crate::support::{Backend, KEY, Reply, WEBHOOK_SECRET, until};

/// The largest file that the process may write, which is what a full disk is to it.
fn limit(process: &Process, bytes: &str) {
    let id = process.id().to_string();
    let status = Command::new("prlimit").args(["--pid", &id, &format!("--fsize={bytes}:")]).status();
    assert!(status.unwrap().success());
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().len()
}

#[test]
fn readiness_is_lost_while_the_disk_is_full_and_comes_back_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Backend::start(|_| Reply::done());
    let file = folder.path().join("countersign.toml");
    let text = format!(
        "listen = \"127.0.0.1:0\"\nstore = \"sqlite:ledger.db\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\ntokens = [{{ token = \"t\", scopes = [\"read\"] }}]\n\
         [backend]\nurl = \"{}\"\nsecret = \"{WEBHOOK_SECRET}\"\n\
         [[routes]]\npath = \"/v1\"\ndialect = \"saas-v1\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n\
         [[routes]]\npath = \"/v2\"\ndialect = \"saas-v2\"\nkeys = [\"{KEY}\"]\nproduct = \"crm\"\n",
        backend.url()
    );
    std::fs::write(&file, text).unwrap();
    // A process that meets the limit is killed unless it says that it will not be.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve --config \"$1\""]);
    command.arg(countersign().get_program()).arg(&file);
    let mut process = Process::run(command);
    let api = process.api();
    let platform = process.platform();
    platform.buys(Dialect::SaasV2);
    assert_eq!(api.get("/readyz").status, 200);

    let log = folder.path().join("ledger.db-wal");
    limit(&process, &size(&log).to_string());
    for dialect in Dialect::SAAS {
        let checked = platform.call(dialect, &platform.purchase(dialect, &platform.order()));
        assert_eq!((checked.result_code.as_str(), checked.instance_id), ("000005", None));
    }
    assert_eq!(api.get("/readyz").status, 503);
    assert_eq!(api.get("/healthz").status, 200);
    assert_eq!(backend.deliveries().len(), 1, "nothing is done that was not reserved");
    until("it stays so", Duration::from_secs(4), {
        let mut looks = 0;
        move || {
            assert_eq!(api.get("/readyz").status, 503);
            looks += 1;
            looks > 100
        }
    });

    limit(&process, "unlimited");
    let api = process.api();
    until("it comes back by itself", Duration::from_secs(10), || api.get("/readyz").status == 200);
    for dialect in Dialect::SAAS {
        platform.buys(dialect);
    }
    process.signal("-TERM");
    let (status, log) = process.end();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("code=\"store-unavailable\"") && log.contains("sqlite"), "the cause is kept: {log}");
    for wrong in ["too-many-conflicts", "store_unavailable", "commit_unknown"] {
        assert!(!log.contains(wrong), "{wrong} in {log}");
    }
}
