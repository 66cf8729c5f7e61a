//! The environment of a run: a gate over SQLite in a folder of its own, the sample backend, and keys for everybody.

use std::sync::Arc;
use std::time::Duration;

use countersign_simulator::account::{Layout, Shared};
use countersign_simulator::scenario::Route;
use countersign_simulator::transport::Plain;
use countersign_simulator::{AccessKey, Dialect, Entropy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::backend::{Api, SampleBackend};
use super::entropy::SeededEntropy;
use super::recording::RecordingTransport;
use super::trace::TraceRecorder;
use super::{DemoError, Options, Sabotage};
use crate::config::Config;
use crate::gateway::{self, Running};

/// Everything that runs while the demo does.
pub(super) struct Environment {
    pub(super) backend: SampleBackend,
    pub(super) transport: RecordingTransport,
    host: String,
    keys: Keys,
    sabotage: Option<Sabotage>,
    running: Running,
    runtime: Runtime,
    /// It is dropped last, since the store lives in it.
    _folder: TempDir,
}

/// The routes of the demo: per dialect one product under test and another one; notices are about the orders of a product.
const ROUTES: [(Dialect, &str, &str); 13] = [
    (Dialect::SaasV1, "/v1", "crm-classic"),
    (Dialect::SaasV1, "/v1/notes", "notes-classic"),
    (Dialect::SaasV2, "/v2", "crm"),
    (Dialect::SaasV2, "/v2/notes", "notes"),
    (Dialect::LicenseV1, "/licenses", "plugin"),
    (Dialect::LicenseOnline, "/desktop", "desktop"),
    (Dialect::LicenseCode, "/codes", "tool"),
    (Dialect::OrderNotify, "/v2/notices", "crm"),
    (Dialect::KitV1, "/v1", "crm-classic"),
    (Dialect::KitV2, "/v2", "crm"),
    (Dialect::OrgidSync, "/orgid", "crm"),
    (Dialect::AccountEvents, "/accounts", "crm"),
    (Dialect::AccountEvents, "/accounts/ecb", "notes"),
];

/// A key pair of the demo, and of nobody else: client secrets go out under the one half and are opened with the other.
const PRIVATE_KEY: &str = include_str!("kit-private.pem");
const PUBLIC_KEY: &str = include_str!("kit-public.pem");

const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// Keys, secret and token, all of them drawn from the seed.
struct Keys {
    routes: Vec<String>,
    secret: String,
    token: String,
    /// What the identity centre of each route for accounts shares with it.
    centres: Vec<Shared>,
}

impl Keys {
    fn draw(seed: u64) -> Self {
        use base64::Engine as _;
        let mut entropy = Entropy::labelled(seed, "keys");
        let routes = ROUTES.iter().map(|_| entropy.uuid()).collect();
        let secret = base64::engine::general_purpose::STANDARD.encode(entropy.block());
        let token = entropy.account_id();
        let centre = |layout| Shared {
            token: entropy.nonce(),
            signature_key: entropy.text(LETTERS, 16),
            encryption_key: entropy.text(LETTERS, 16).as_bytes().try_into().unwrap_or_default(),
            layout,
        };
        let centres = [Layout::L1, Layout::Ecb].map(centre).into();
        Self { routes, secret: format!("whsec_{secret}"), token, centres }
    }
}

impl Environment {
    pub(super) fn start(options: &Options, recorder: Arc<TraceRecorder>) -> Result<Self, DemoError> {
        let folder = tempfile::tempdir()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let keys = Keys::draw(options.seed);
        let backend = runtime.block_on(SampleBackend::start(&keys.secret, options.seed))?;
        let url = format!("http://{}/events", backend.address());
        let config = Config::from_value(configuration(&keys, &url, options.sabotage), folder.path())?;
        let running = runtime.block_on(gateway::start(
            config,
            gateway::Options {
                engine: Some(options.engine),
                entropy: Some(Arc::new(SeededEntropy::new(options.seed))),
                observers: vec![recorder],
                ..gateway::Options::default()
            },
        ))?;
        let host = running.public().to_string();
        if let Some(address) = running.api() {
            backend.report_to(Api { address, token: keys.token.clone() });
        }
        let transport =
            RecordingTransport::new(Plain::to(host.clone()).with_timeout(Duration::from_secs(20)));
        let sabotage = options.sabotage;
        Ok(Self { backend, transport, host, keys, sabotage, running, runtime, _folder: folder })
    }

    /// The route under test and that of another product, as the platform knows them.
    pub(super) fn routes(&self, dialect: Dialect) -> (Option<Route>, Option<Route>) {
        let mut routes = ROUTES.iter().zip(&self.keys.routes).filter(|((of, _, _), _)| *of == dialect).map(
            |((_, path, _), key)| {
                let key = match self.sabotage {
                    Some(Sabotage::WrongKey) => format!("not {key}"),
                    _ => key.clone(),
                };
                let public_key = Some(PUBLIC_KEY.to_owned());
                Route { public_key, ..Route::new(self.host.clone(), *path, AccessKey::new(key)) }
            },
        );
        let (mut main, mut other) = (routes.next(), routes.next());
        if dialect == Dialect::AccountEvents {
            for (route, centre) in [&mut main, &mut other].into_iter().zip(&self.keys.centres) {
                let mut centre = centre.clone();
                if self.sabotage == Some(Sabotage::WrongKey) {
                    centre.token.push_str(" of somebody else");
                }
                *route = route.take().map(|route| Route { centre: Some(centre), ..route });
            }
        }
        (main, other)
    }

    /// Waits until no effect is owed any more, a few seconds at most.
    pub(super) fn wait_until_settled(&self) {
        for _ in 0..60 {
            if self.backend.counts().unfinished == 0 {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The instances of the ledger, each as the api listener shows it.
    pub(super) fn instances(&self) -> Result<Vec<Value>, DemoError> {
        let (views, _) = self.runtime.block_on(self.running.gate().instances(None, 10_000, false))?;
        Ok(views.iter().filter_map(|view| serde_json::from_slice(view).ok()).collect())
    }

    /// What the ledger keeps of a tenant, as the api listener shows it.
    pub(super) fn tenant(&self, product: &str, tenant: &str, instance: &str) -> Result<Value, DemoError> {
        let view = self.runtime.block_on(self.running.gate().directory(Some(product), tenant, instance))?;
        Ok(view.and_then(|view| serde_json::from_slice(&view).ok()).unwrap_or_default())
    }

    /// Ends the gate as `serve` does on a signal.
    pub(super) fn shut_down(self) {
        self.runtime.block_on(self.running.shutdown());
    }
}

/// The configuration as a seller would write it, with shorter times: nobody wants to watch a lease run out.
fn configuration(keys: &Keys, backend: &str, sabotage: Option<Sabotage>) -> Value {
    let mut centres = keys.centres.iter();
    let routes: Vec<Value> = ROUTES
        .iter()
        .zip(&keys.routes)
        .map(|((dialect, path, product), key)| {
            let centre = if *dialect == Dialect::AccountEvents { centres.next() } else { None };
            if let Some(centre) = centre {
                return route_of_centre(path, product, centre);
            }
            let mut route = json!({
                "path": path,
                "dialect": dialect.name(),
                "keys": [key],
                "product": product,
                "test_front_end_url": format!("https://test.{product}.example.com/"),
                "usage": true,
                "sign_answers": sabotage != Some(Sabotage::UnsignedAnswers),
                "answer_within_ms": 2_000,
            });
            let own = match dialect {
                Dialect::LicenseOnline => Some(("upload", json!(false))),
                dialect if dialect.is_kit() => Some(("private_keys", json!([PRIVATE_KEY]))),
                _ => None,
            };
            if let (Some(route), Some((name, value))) = (route.as_object_mut(), own) {
                route.insert(name.to_owned(), value);
            }
            route
        })
        .collect();
    json!({
        "listen": "127.0.0.1:0",
        "store": "sqlite:demo.db",
        "backend": { "url": backend, "secret": keys.secret },
        "api": {
            "listen": "127.0.0.1:0",
            "tokens": [{ "token": keys.token, "scopes": ["read", "operate"] }],
        },
        "settings": {
            "duplicate_wait_ms": 1_500,
            "effect_deadline_ms": 5_000,
            "lease_ms": 6_000,
            "usage_deadline_ms": 1_000,
            "resend_limit_ms": 1_000,
        },
        "routes": routes,
    })
}

fn route_of_centre(path: &str, product: &str, centre: &Shared) -> Value {
    let algorithm = if centre.layout == Layout::Ecb { "AES/ECB/PKCS5Padding" } else { "AES/GCM/NoPadding" };
    json!({
        "path": path,
        "dialect": Dialect::AccountEvents.name(),
        "product": product,
        "token": centre.token,
        "signature_keys": [centre.signature_key],
        "encryption_keys": [String::from_utf8_lossy(&centre.encryption_key)],
        "algorithm": algorithm,
        "answer_within_ms": 2_000,
    })
}
