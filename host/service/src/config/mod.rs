//! `countersign.toml`: read as a whole, every mistake named. Routes and settings are the core's and are handed on; the
//! rest is the host's.

mod api;
mod backend;
mod calls;
mod document;
mod draft;
mod engine;
mod file;
mod ledger;
mod limits;
mod pem;
mod problem;
mod secret;
mod seller;
mod shadow;
mod store;
mod table;
mod tls;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

pub use api::{ApiConfig, Scope, TokenConfig};
pub use backend::BackendConfig;
pub use calls::{CallsConfig, Routed};
pub(crate) use draft::{Part, Reread};
pub use engine::EngineKind;
pub use ledger::{LedgerOpenError, LedgerPart};
pub use limits::{Limits, LogConfig};
pub use problem::{ConfigErrors, Problem};
pub use secret::resolve_secrets;
pub(crate) use secret::secret_in;
pub use seller::{Address, ProductBackend, SellerPart, load_seller};
pub use shadow::{OldHandler, ShadowConfig};
pub use store::StoreConfig;
pub use tls::TlsConfig;

use draft::Draft;
use problem::Problems;
use table::Table;

/// Everything that `serve` needs.
#[derive(Debug)]
pub struct Config {
    /// The public listener; port 0: any free one.
    pub listen: SocketAddr,
    /// TLS of the public listener.
    pub tls: Option<TlsConfig>,
    /// The store.
    pub store: StoreConfig,
    /// What relative paths are relative to.
    pub base: PathBuf,
    /// How calls are judged and where their effects go.
    pub calls: CallsConfig,
    /// The api listener.
    pub api: Option<ApiConfig>,
    /// Limits of the listeners.
    pub limits: Limits,
    /// How logs look.
    pub log: LogConfig,
}

impl Config {
    /// Reads a TOML file; relative paths in it are relative to its folder.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every mistake; for a file that is not TOML, with that alone.
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        Self::from_value(document::from_file(path)?, folder(path))
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str, base: &Path) -> Result<Self, ConfigErrors> {
        Self::from_value(document::from_toml(text)?, base)
    }

    /// Reads the same tables as a JSON document.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every mistake.
    pub fn from_value(mut document: Value, base: &Path) -> Result<Self, ConfigErrors> {
        let mut problems = Problems::default();
        let config = Self::read(&mut document, base, &mut problems);
        secret::wipe(&mut document);
        problems.unless_any(config)
    }

    /// What is allowed and may still be a mistake, in the order of the document; `now` is the time since the epoch.
    #[must_use]
    pub fn warnings(&self, now: Duration) -> Vec<Problem> {
        let tls = self.tls.as_ref().and_then(|tls| tls.warning("tls", now));
        let api = self.api.as_ref().and_then(|api| api.tls.as_ref());
        let api = api.and_then(|tls| tls.warning("api.tls", now));
        self.calls.seller.warnings().iter().cloned().chain(tls).chain(api).collect()
    }

    fn read(document: &mut Value, base: &Path, problems: &mut Problems) -> Option<Self> {
        let draft = Draft::read(document, base, problems)?;
        Some(Self {
            listen: draft.listen?,
            tls: draft.tls,
            store: draft.store?,
            base: base.to_owned(),
            calls: draft.calls?,
            api: draft.api,
            limits: draft.limits,
            log: draft.log,
        })
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn read_engine(table: &mut Table<'_>, problems: &mut Problems) -> Option<EngineKind> {
    table.choice("engine", &[("wasm", EngineKind::Wasm), ("native", EngineKind::Native)], problems)
}
