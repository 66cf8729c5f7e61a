//! One gateway in a process of its own, over a ledger of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::purchases::{KEY, PATH};
use super::{Failed, Field, Result};

/// Who can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contender {
    /// `countersign serve --engine wasm`
    Wasm,
    /// `countersign serve --engine native`
    Native,
    /// `node gateway.mjs`
    Peer,
}

/// `whsec_` and the Base64 of what signs messages to the backend.
const BACKEND_SECRET: &str = "whsec_YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g=";

impl Contender {
    pub(crate) const ALL: [Self; 3] = [Self::Wasm, Self::Native, Self::Peer];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Native => "native",
            Self::Peer => "peer",
        }
    }

    fn command(self, field: &Field, folder: &TempDir, backend: SocketAddr) -> Result<Command> {
        let backend = format!("http://{backend}/events");
        if self == Self::Peer {
            let mut node = Command::new("node");
            node.arg(&field.peer).env("NODE_ENV", "production").env("KEY", KEY).env("PATH_OF_ROUTE", PATH);
            node.env("BACKEND", backend).env("BACKEND_SECRET", BACKEND_SECRET);
            node.env("DATABASE", folder.path().join("ledger.db"));
            return Ok(node);
        }
        let config = folder.path().join("countersign.toml");
        fs::write(
            &config,
            format!(
                r#"
                listen = "127.0.0.1:0"
                store = "sqlite:ledger.db"
                backend = {{ url = "{backend}", secret = "{BACKEND_SECRET}" }}
                # As much as the peer says: nothing about a call that went well.
                log = {{ level = "warn" }}
                [[routes]]
                path = "{PATH}"
                dialect = "saas-v2"
                keys = ["{KEY}"]
                product = "crm"
                "#
            ),
        )?;
        let mut serve = Command::new(&field.gateway);
        serve.arg("serve").arg("--config").arg(config).args(["--engine", self.name()]);
        Ok(serve)
    }
}

/// A gateway that listens.
pub(crate) struct Process {
    child: Child,
    /// When it was started.
    pub(crate) begun: Instant,
    pub(crate) address: SocketAddr,
    /// Goes when the process is gone.
    folder: TempDir,
}

impl Process {
    pub(crate) fn start(contender: Contender, field: &Field, backend: SocketAddr) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("countersign-bench-").tempdir_in(&field.folder)?;
        let mut command = contender.command(field, &folder, backend)?;
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failed(format!("{command:?}: {error}")))?;
        let mut line = String::new();
        if let Some(stdout) = &mut child.stdout {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim_end().strip_prefix("listening public ").and_then(|text| text.parse().ok());
        match address {
            Some(address) => Ok(Self { child, begun, address, folder }),
            None => {
                let _ = child.kill();
                let _ = child.wait();
                Err(Failed(format!("{command:?} does not listen: {line:?}")))
            }
        }
    }

    /// Seconds of processor time that the process has used, all threads together; where the system tells.
    pub(crate) fn processor_seconds(&self) -> Option<f64> {
        processor_seconds(&format!("/proc/{}/stat", self.child.id()))
    }
}

impl Process {
    /// The version of the SQLite that wrote the ledger (SQLite, database file format, section 1.3.18).
    pub(crate) fn sqlite(&self) -> Option<String> {
        let file = fs::read(self.folder.path().join("ledger.db")).ok()?;
        let number = u32::from_be_bytes(*file.get(96..)?.first_chunk()?);
        Some(format!("{}.{}.{}", number / 1_000_000, number / 1_000 % 1_000, number % 1_000))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The 14th and 15th field of a `stat` file of Linux, in hundredths of a second.
pub(crate) fn processor_seconds(stat: &str) -> Option<f64> {
    let text = fs::read_to_string(stat).ok()?;
    // The second field is the program's name in parentheses, which may hold anything.
    let (_, fields) = text.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11).map(str::parse::<f64>);
    Some((fields.next()?.ok()? + fields.next()?.ok()?) / 100.0)
}
