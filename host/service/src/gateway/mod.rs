//! The running gateway: engine, store, backend and listeners put together.

mod descriptors;
mod in_force;
mod observers;
mod opening;
mod renewal;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_ledger::{OpenError, Opened, Store};
use countersign_runtime::{EngineError, SellerError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api::Api;
use crate::backend::ClientError;
use crate::config::{Config, EngineKind, Problem, Reread, StoreConfig};
use crate::current::Current;
use crate::gate::{Clock, Entropy, Gate, Observer, SystemClock, SystemEntropy};
use crate::listen::{Listener, Public};
use crate::shadow::ShadowError;
use crate::telemetry::Telemetry;

use in_force::InForce;
use observers::Observers;
use opening::Opening;
use renewal::{Doors, Renewal};

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
pub struct Running {
    public: SocketAddr,
    api: Option<SocketAddr>,
    gate: Arc<Gate>,
    closing: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    renewal: Renewal,
}

impl fmt::Debug for Running {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Running({}, {:?})", self.public, self.api)
    }
}

/// Starts everything and returns once the listeners take connections. Needs tokio's multi-thread runtime: calls of
/// the engine block for microseconds.
///
/// # Errors
/// [`StartError`]; nothing runs then.
pub async fn start(config: Config, options: Options) -> Result<Running, StartError> {
    let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
    for Problem { path, code, message } in config.warnings(Duration::from_millis(clock.now())) {
        tracing::warn!(path, code, message, "configuration");
    }
    let api_connections = config.api.as_ref().map_or(0, |api| api.max_connections);
    let shares = InForce::shares(&config.limits, api_connections)?;
    let engine =
        options.engine.unwrap_or(config.calls.seller.engine()).engine().map_err(StartError::Engine)?;
    let telemetry = Telemetry::new();
    let opening = Opening { engine, clock: Arc::clone(&clock), telemetry: Arc::clone(&telemetry) };
    let terms = opening.terms(&config.calls, shares.backend)?;
    let store = match options.store {
        Some(store) => store,
        None => open_store(&config.store, &config.base).map_err(StartError::Store)?,
    };
    let observer = Observers { telemetry: Arc::clone(&telemetry), others: options.observers };
    let entropy = options.entropy.unwrap_or_else(|| Arc::new(SystemEntropy));
    let gate = Gate::with_entropy(terms, store, clock, entropy, Arc::new(observer));
    let shadow = opening.shadow(&config.calls, &gate.terms(), &gate)?;

    let in_force = InForce::new(config, shadow);
    let public = Listener::bind(in_force.listen, in_force.public_terms(), in_force.public_capacity(shares));
    let (public, listener) = bound(in_force.listen, public.await)?;
    let api = match &in_force.api {
        Some(api) => {
            let listener = Listener::bind(api.listen, in_force.api_terms(api), api.capacity()).await;
            Some(bound(api.listen, listener)?)
        }
        None => None,
    };

    let closing = watch::Sender::new(false);
    let handler = Arc::new(Public {
        gate: Arc::clone(&gate),
        telemetry: Arc::clone(&telemetry),
        terms: Current::new(in_force.calls()),
    });
    let mut doors = Doors { public: (Arc::clone(&handler), listener.conduct()), api: None };
    let mut tasks = vec![tokio::spawn(listener.run(handler, closing.subscribe()))];
    let mut api_address = None;
    if let (Some((address, listener)), Some(api)) = (api, &in_force.api) {
        let terms = Current::new(in_force.requests(api));
        let api = Arc::new(Api { gate: Arc::clone(&gate), telemetry, terms });
        doors.api = Some((Arc::clone(&api), listener.conduct()));
        tasks.push(tokio::spawn(listener.run(Arc::new(api.router()), closing.subscribe())));
        api_address = Some(address);
    }
    tasks.push(tokio::spawn(Arc::clone(&gate).run_owed()));
    tasks.push(tokio::spawn(Arc::clone(&gate).run_purge()));
    let renewal = Renewal::new(opening, doors, in_force);
    Ok(Running { public, api: api_address, gate, closing, tasks, renewal })
}

fn bound(address: SocketAddr, listener: io::Result<Listener>) -> Result<(SocketAddr, Listener), StartError> {
    let bound = listener.and_then(|listener| Ok((listener.address()?, listener)));
    bound.map_err(|error| StartError::Listen { address, error })
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

    /// Reads the configuration again. What is sound of it takes effect for connections and calls that begin from now on;
    /// what is not leaves in force what was, and is logged with every mistake. Nothing that is under way is cut: calls end
    /// under the terms under which they were admitted. The addresses of the listeners, the store, the engine, the format of
    /// the log, and whether a listener speaks TLS at all take a restart, and are logged as such.
    pub async fn reload(&self, file: &Path) {
        let file = file.to_owned();
        let read = tokio::task::spawn_blocking(move || Reread::of(&file)).await;
        match read {
            Ok(Ok(reread)) => self.renewal.take_over(reread, &self.gate),
            Ok(Err(errors)) => renewal::refuse(&errors.problems),
            Err(_) => tracing::error!("the configuration could not be read again"),
        }
    }

    /// Stops accepting, finishes calls in flight and running sends, within the configured time. What is not finished
    /// then is owed: the next start takes it up.
    pub async fn shutdown(self) {
        self.closing.send_replace(true);
        let patience = self.renewal.shutdown_timeout();
        let finish = async {
            self.gate.close().await;
            for task in self.tasks {
                let _ = task.await;
            }
            // A call that had begun before its connection was told.
            self.gate.close().await;
        };
        if tokio::time::timeout(patience, finish).await.is_err() {
            tracing::warn!("stopped before every call had ended");
        }
    }
}
