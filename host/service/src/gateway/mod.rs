//! The running gateway: engine, store, backend and listeners put together.

mod descriptors;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::Seller;
use countersign_ledger::{OpenError, Opened, Store};
use countersign_runtime::{EngineError, OpenSeller, SellerError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::backend::{ClientError, HttpBackend, Routed, SENDS_AT_ONCE};
use crate::config::{ApiConfig, Config, EngineKind, Limits, StoreConfig};
use crate::current::Current;
use crate::gate::{Clock, Entropy, Gate, Observer, Step, Subject, SystemClock, SystemEntropy, Terms};
use crate::listen::{self, Capacity, Listener, Public, PublicTerms};
use crate::shadow::{Shadow, ShadowError};
use crate::telemetry::Telemetry;

use descriptors::TooFew;

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
    /// The process may not have as many open files as even a few connections need.
    Descriptors {
        /// So many it may have.
        allowed: u64,
        /// So many are needed.
        needed: u64,
    },
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
            Self::Descriptors { allowed, needed } => write!(
                out,
                "limits: the process may have {allowed} open files (`ulimit -n`), and needs {needed} at least"
            ),
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
        None => open_store(&config.store, &config.base).map_err(StartError::Store)?,
    };
    let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
    let telemetry = Telemetry::new();
    let (routes, observing) = (routed(&config), Arc::clone(&telemetry));
    let clock_of_sends = Arc::clone(&clock);
    let backend = HttpBackend::new(config.backends(), routes, SENDS_AT_ONCE, clock_of_sends, observing)
        .map_err(StartError::Backend)?;
    let observer = Observers { telemetry: Arc::clone(&telemetry), others: options.observers };
    let products = config.seller.products().to_vec();
    let entropy = options.entropy.unwrap_or_else(|| Arc::new(SystemEntropy));
    let terms = Terms { seller, backend: Arc::new(backend), products };
    let gate = Gate::with_entropy(terms, store, clock, entropy, Arc::new(observer));

    let (settings, limits) = (*config.seller.settings(), config.limits);
    let capacity = public_capacity(&limits, config.api.as_ref())?;
    let bind = async |address, terms, capacity| {
        let listener = Listener::bind(address, terms, capacity).await;
        let bound = listener.and_then(|listener| Ok((listener.address()?, listener)));
        bound.map_err(|error| StartError::Listen { address, error })
    };
    let terms =
        listen::Terms::new(config.tls.as_ref(), &limits, &settings).keeping_names(config.shadow.is_on());
    let (public, public_listener) = bind(config.listen, terms, capacity).await?;
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
    let api = match &config.api {
        Some(api) => {
            let terms = listen::Terms::new(api.tls.as_ref(), &limits, &settings);
            Some((bind(api.listen, terms, api_capacity(api)).await?, api))
        }
        None => None,
    };

    let closing = watch::Sender::new(false);
    let handler = Arc::new(Public {
        gate: Arc::clone(&gate),
        telemetry: Arc::clone(&telemetry),
        terms: Current::new(PublicTerms {
            max_body_bytes: usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX),
            body_timeout: limits.body_timeout,
            shadow,
        }),
    });
    let mut tasks = vec![tokio::spawn(public_listener.run(handler, closing.subscribe()))];
    let api = api.map(|((address, listener), config)| {
        let handler = Api::new(Arc::clone(&gate), telemetry, &config.tokens, limits.body_timeout);
        tasks.push(tokio::spawn(listener.run(Arc::new(handler), closing.subscribe())));
        address
    });
    tasks.push(tokio::spawn(Arc::clone(&gate).run_owed()));
    tasks.push(tokio::spawn(Arc::clone(&gate).run_purge()));
    Ok(Running { public, api, gate, closing, tasks, shutdown_timeout: limits.shutdown_timeout })
}

/// What the public listener may use up, as far as the descriptors of the process allow.
fn public_capacity(limits: &Limits, api: Option<&ApiConfig>) -> Result<Capacity, StartError> {
    let (wanted, kept) = (limits.max_connections, api.map_or(0, |api| api.max_connections));
    let shares = descriptors::share(descriptors::raise(), wanted, kept)
        .map_err(|TooFew { allowed, needed }| StartError::Descriptors { allowed, needed })?;
    if shares.public < wanted {
        let (wanted, taken) = (wanted, shares.public);
        tracing::warn!(
            wanted,
            taken,
            "limits.max_connections is lowered to what the open files of the process allow"
        );
    }
    Ok(Capacity { connections: shares.public, bytes: limits.max_inflight_bytes })
}

/// Bytes that requests of the api may hold together: each is small and comes from somebody with a token.
const API_INFLIGHT_BYTES: usize = 16_777_216;

fn api_capacity(api: &ApiConfig) -> Capacity {
    Capacity { connections: api.max_connections, bytes: API_INFLIGHT_BYTES }
}

/// Opens the ledger, and says so when there was none: whoever mounted no volume starts with one that knows no order.
fn open_store(config: &StoreConfig, base: &Path) -> Result<Arc<dyn Store>, OpenError> {
    let Opened { store, is_new, file } = countersign_ledger::open(&config.url, base, config.missing)?;
    match file {
        None => tracing::warn!("the ledger is in memory: it ends with this process"),
        Some(file) if is_new => tracing::warn!(file = %file.display(), "a new ledger: it knows no order yet"),
        Some(_) => {}
    }
    Ok(store)
}

/// The routes, and whether old handlers answer them.
fn routed(config: &Config) -> Vec<Routed> {
    let shadow = &config.shadow;
    let own = |path: &str, method: &str| {
        shadow.routes.iter().any(|(known, takes, _)| known == path && *takes == method)
    };
    let addresses = config.seller.addresses().iter();
    addresses
        .map(|one| Routed {
            address: one.clone(),
            held: shadow.common.is_some() || own(&one.path, one.method),
        })
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
