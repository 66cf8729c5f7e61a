//! `cargo run -- …` means the binary of this package: the workspace has no other default member, and cargo has just built
//! it. Cargo itself would build it once more, with other features.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::session::Outcome;

/// A shell in which `cargo run -- …` is that binary. `serve` takes the shell's place, so that signals reach it.
const CARGO: &str = r#"
cargo() {
  if [ "$1 $2" != "run --" ]; then echo "not run here: cargo $*" >&2; return 64; fi
  shift 2
  if [ "$1" = serve ]; then exec "$COUNTERSIGN" "$@"; fi
  "$COUNTERSIGN" "$@"
}
"#;

pub(crate) fn shell(script: &str, folder: &Path) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-euc", &format!("{CARGO}{script}")]).current_dir(folder).process_group(0);
    shell.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign"));
    shell
}

/// A process with all that it started; it ends with this value.
pub(crate) struct Gateway {
    child: Child,
    stderr: Option<JoinHandle<String>>,
}

impl Gateway {
    pub(crate) fn running(child: Child) -> Self {
        Self { child, stderr: None }
    }

    /// Reads what it logs to the end, so that it is never kept waiting.
    pub(crate) fn listen_to(&mut self, stderr: Option<impl Read + Send + 'static>) {
        self.stderr = Some(std::thread::spawn(move || {
            let mut text = String::new();
            let _ = stderr.map(|mut stderr| stderr.read_to_string(&mut text));
            text
        }));
    }

    /// It is asked to end, and ends as it should.
    pub(crate) fn stop(self) -> Outcome {
        self.signal("-TERM");
        self.end()
    }

    /// Waits for its end, which is a good one.
    pub(crate) fn end(mut self) -> Outcome {
        let begun = Instant::now();
        loop {
            match self.child.try_wait().map_err(|error| error.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    let said = self.stderr.take().and_then(|stderr| stderr.join().ok()).unwrap_or_default();
                    return Err(format!("{status} {said}"));
                }
                None if begun.elapsed() > Duration::from_secs(120) => {
                    return Err("it does not end".to_owned());
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    pub(crate) fn kill(&mut self) {
        self.signal("-KILL");
        let _ = self.child.wait();
    }

    fn signal(&self, name: &str) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args([name, "--", &group]).status();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.kill();
        }
    }
}

#[test]
fn cargo_run_means_this_binary() {
    let manifest = std::fs::read_to_string(countersign_documents::workspace().join("Cargo.toml")).unwrap();
    assert!(manifest.lines().any(|line| line == r#"default-members = ["host/service"]"#));
}
