//! `countersign.toml`: read as a whole, every mistake named. Routes and settings are the core's and are handed on; the
//! rest is the host's.

mod api;
mod backend;
mod document;
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

use serde_json::Value;

pub use api::{ApiConfig, Scope, TokenConfig};
pub use backend::BackendConfig;
pub use engine::EngineKind;
pub use ledger::{LedgerOpenError, LedgerPart};
pub use limits::{Limits, LogConfig};
pub use problem::{ConfigErrors, Problem};
pub use secret::resolve_secrets;
pub use seller::{Address, ProductBackend, SellerPart, load_seller};
pub use shadow::{OldHandler, ShadowConfig};
pub use store::StoreConfig;
pub use tls::TlsConfig;

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
    /// The common backend.
    pub backend: BackendConfig,
    /// Backends of products that have one of their own.
    pub product_backends: Vec<ProductBackend>,
    /// Old handlers that answer in the gateway's place.
    pub shadow: ShadowConfig,
    /// The api listener.
    pub api: Option<ApiConfig>,
    /// Which engine runs the core.
    pub engine: EngineKind,
    /// Limits of the listeners.
    pub limits: Limits,
    /// How logs look.
    pub log: LogConfig,
    /// The core's part.
    pub seller: SellerPart,
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

    fn read(document: &mut Value, base: &Path, problems: &mut Problems) -> Option<Self> {
        let (seller, mut apart) = seller::take(document, base, problems);
        let mut table = Table::new(document, "", problems)?;
        let listen = table.address("listen", problems);
        let tls = table.value("tls").and_then(|value| tls::read(value, "tls", base, problems));
        let store = StoreConfig::read(&mut table, base, problems);
        let backend = table.required("backend", problems);
        let backend = backend.and_then(|value| BackendConfig::read(value, "backend", base, problems));
        let shadows = std::mem::take(&mut apart.shadows);
        let product_backends = match (&seller, &backend) {
            (Some(seller), Some(common)) => apart.product_backends(seller, common, problems),
            _ => Vec::new(),
        };
        let mut shadow = ShadowConfig::read(table.value("shadow"), base, problems);
        shadow.routes = seller.as_ref().map(|seller| seller.by_method(shadows)).unwrap_or_default();
        let api = table.value("api").and_then(|value| ApiConfig::read(value, base, problems));
        let engine = read_engine(&mut table, problems);
        let limits = table.table("limits", problems).map(|table| Limits::read(table, problems));
        let log = table.table("log", problems).map(|table| LogConfig::read(table, problems));
        table.finish(problems);
        Some(Self {
            listen: listen?,
            tls,
            store: store?,
            base: base.to_owned(),
            backend: backend?,
            product_backends,
            shadow,
            api,
            engine: engine?,
            limits: limits.unwrap_or_default(),
            log: log.unwrap_or_default(),
            seller: seller?,
        })
    }

    /// The backend of each product.
    pub fn backends(&self) -> impl Iterator<Item = (&str, &BackendConfig)> {
        self.seller.products().iter().map(|product| {
            let own = self.product_backends.iter().find(|own| own.product == *product);
            (product.as_str(), own.map_or(&self.backend, |own| &own.backend))
        })
    }

    /// Routes and settings as JSON, secrets resolved.
    #[must_use]
    pub fn seller_json(&self) -> &[u8] {
        self.seller.json()
    }
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn read_engine(table: &mut Table<'_>, problems: &mut Problems) -> Option<EngineKind> {
    table.choice("engine", &[("wasm", EngineKind::Wasm), ("native", EngineKind::Native)], problems)
}
