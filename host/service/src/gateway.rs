//! The running gateway: engine, store, backend and listeners put together.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Seller;
use countersign_ledger::{OpenError, Store};
use countersign_runtime::{EngineError, OpenSeller, SellerError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::backend::{ClientError, HttpBackend};
use crate::config::{Config, EngineKind};
use crate::gate::{Clock, Entropy, Gate, Observer, Step, Subject, SystemClock, SystemEntropy, Terms};
use crate::listen::{Listener, Public};
use crate::shadow::{Shadow, ShadowError};
use crate::telemetry::Telemetry;

/// What a caller may put in the place of the configuration's.
#[derive(Default)]
pub struct Options {
    /// The engine.
    pub engine: Option<EngineKind>,
    /// The store.
    pub store: Option<Arc<dyn Store>>,
    /// The clock; the machine's by default.
    pub clock: Option<Arc<dyn Clock>>,
    /// Randomness; the operating system's by default, and nothing else in production.
    pub entropy: Option<Arc<dyn Entropy>>,
    /// Are told of every step, beside logs and metrics.
    pub observers: Vec<Arc<dyn Observer>>,
}

impl fmt::Debug for Options {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Options({:?}, {} observers)", self.engine, self.observers.len())
    }
}

/// Why the gateway did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// The engine cannot run.
    Engine(EngineError),
    /// The engine does not take the configuration, which the native core took.
    Seller(SellerError),
    /// The store cannot be opened.
    Store(OpenError),
    /// Backends cannot be reached.
    Backend(ClientError),
    /// Old handlers cannot be reached, or what they answer not recorded.
    Shadow(ShadowError),
    /// A listener cannot be bound.
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(out),
            Self::Seller(error) => error.fmt(out),
            Self::Store(error) => error.fmt(out),
            Self::Backend(error) => error.fmt(out),
            Self::Shadow(error) => error.fmt(out),
            Self::Listen { address, error } => write!(out, "cannot listen on {address}: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A gateway that takes calls. Dropped without [`Running::shutdown`] it goes on until the process or its runtime ends.
#[derive(Debug)]
pub struct Running {
    public: SocketAddr,
    api: Option<SocketAddr>,
    gate: Arc<Gate>,
    closing: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    shutdown_timeout: Duration,
}

/// Starts everything and returns once the listeners take connections. Needs tokio's multi-thread runtime: calls of
/// the engine block for microseconds.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(config: Config, options: Options) -> Result<Running, StartError> {
    let engine = options.engine.unwrap_or(config.engine).engine().map_err(StartError::Engine)?;
    let seller = OpenSeller::open(engine, config.seller_json()).map_err(StartError::Seller)?;
    let store = match options.store {
        Some(store) => store,
        None => countersign_ledger::open(&config.store, &config.base).map_err(StartError::Store)?,
    };
    let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
    let telemetry = Telemetry::new();
    let backend = HttpBackend::new(
        &config.backend,
        &config.route_backends,
        Arc::clone(&clock),
        Arc::clone(&telemetry) as _,
    )
    .map_err(StartError::Backend)?
    .holding(shadowed(&config));
    let observer = Observers { telemetry: Arc::clone(&telemetry), others: options.observers };
    let products = config.seller.products().to_vec();
    let entropy = options.entropy.unwrap_or_else(|| Arc::new(SystemEntropy));
    let terms = Terms { seller, backend: Arc::new(backend), products };
    let gate = Gate::with_entropy(terms, store, clock, entropy, Arc::new(observer));

    let (settings, limits) = (*config.seller.settings(), config.limits);
    let bind = async |address, tls: Option<_>| {
        let listener = Listener::bind(address, tls, limits, &settings).await;
        let bound = listener.and_then(|listener| Ok((listener.address()?, listener)));
        bound.map_err(|error| StartError::Listen { address, error })
    };
    let (public, public_listener) = bind(config.listen, config.tls.as_ref()).await?;
    let shadow = if config.shadow.is_on() {
        let known: Vec<_> =
            config.seller.addresses().iter().map(|one| (one.path.clone(), one.method)).collect();
        let (gate, telemetry) = (Arc::clone(&gate), Arc::clone(&telemetry));
        let rules = Seller::from_json(config.seller_json()).map_err(ShadowError::Seller);
        let shadow =
            rules.and_then(|rules| Shadow::new(config.shadow.clone(), rules, &known, gate, telemetry));
        Some(Arc::new(shadow.map_err(StartError::Shadow)?))
    } else {
        None
    };
    let public_listener = public_listener.keeping_names(shadow.is_some());
    let api = match &config.api {
        Some(api) => Some((bind(api.listen, api.tls.as_ref()).await?, api)),
        None => None,
    };

    let closing = watch::Sender::new(false);
    let handler = Arc::new(Public {
        gate: Arc::clone(&gate),
        telemetry: Arc::clone(&telemetry),
        max_body_bytes: usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX),
        body_timeout: limits.body_timeout,
        shadow,
    });
    let mut tasks = vec![tokio::spawn(public_listener.run(handler, closing.subscribe()))];
    let api = api.map(|((address, listener), config)| {
        let handler = Api::new(Arc::clone(&gate), telemetry, &config.tokens, limits.body_timeout);
        tasks.push(tokio::spawn(listener.run(Arc::new(handler), closing.subscribe())));
        address
    });
    tasks.push(tokio::spawn(Arc::clone(&gate).run_owed()));
    Ok(Running { public, api, gate, closing, tasks, shutdown_timeout: limits.shutdown_timeout })
}

/// The routes that old handlers answer, by path and dialect.
fn shadowed(config: &Config) -> Vec<(String, String)> {
    let shadow = &config.shadow;
    let own = |path: &str, method: &str| {
        shadow.routes.iter().any(|(known, takes, _)| known == path && *takes == method)
    };
    let addresses = config.seller.addresses().iter();
    addresses
        .filter(|one| shadow.common.is_some() || own(&one.path, one.method))
        .map(|one| (one.path.clone(), one.dialect.to_owned()))
        .collect()
}

impl Running {
    /// Where the platform calls; the real port.
    #[must_use]
    pub fn public(&self) -> SocketAddr {
        self.public
    }

    /// Where the operator calls.
    #[must_use]
    pub fn api(&self) -> Option<SocketAddr> {
        self.api
    }

    /// The gate itself.
    #[must_use]
    pub fn gate(&self) -> &Arc<Gate> {
        &self.gate
    }

    /// Stops accepting, finishes calls in flight and running sends, within the configured time. What is not finished
    /// then is owed: the next start takes it up.
    pub async fn shutdown(self) {
        self.closing.send_replace(true);
        let finish = async {
            self.gate.close().await;
            for task in self.tasks {
                let _ = task.await;
            }
            // A call that had begun before its connection was told.
            self.gate.close().await;
        };
        if tokio::time::timeout(self.shutdown_timeout, finish).await.is_err() {
            tracing::warn!("stopped before every call had ended");
        }
    }
}

/// Tells everybody.
struct Observers {
    telemetry: Arc<Telemetry>,
    others: Vec<Arc<dyn Observer>>,
}

impl Observer for Observers {
    fn step(&self, subject: &Subject, step: &Step) {
        self.telemetry.step(subject, step);
        for other in &self.others {
            other.step(subject, step);
        }
    }

    fn owed(&self, works: usize) {
        self.telemetry.owed(works);
        for other in &self.others {
            other.owed(works);
        }
    }
}
