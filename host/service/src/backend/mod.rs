//! The seller's application, reached over HTTP: a signed CloudEvent out, an outcome back.

mod client;
mod outcome;
mod webhook;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::{Effect, Outcome};
use hyper::Uri;

use crate::config::{BackendConfig, RouteBackend};
use crate::gate::{Backend, Clock, Sending, Sent, Subject};

pub(crate) use client::Client;
pub use client::ClientError;
pub use outcome::Cause;
use webhook::SigningKey;

/// Is told how each send ended.
pub trait SendObserver: Send + Sync {
    /// One send has ended.
    fn sent(&self, send: &EndedSend<'_>);
}

/// A send that has ended.
#[derive(Debug)]
pub struct EndedSend<'a> {
    /// What it was about.
    pub subject: &'a Subject,
    /// The effect id.
    pub effect: &'a str,
    /// What goes into the ledger.
    pub outcome: &'a Outcome,
    /// Why it failed.
    pub cause: Option<Cause>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// From the message to the end of its answer.
    pub took: Duration,
}

/// The backends of all routes behind one pool of connections.
pub struct HttpBackend {
    client: Client,
    common: Arc<Target>,
    routes: HashMap<(String, String), Arc<Target>>,
    /// Routes whose effects are somebody else's: an old handler carries them out.
    held: HashSet<(String, String)>,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn SendObserver>,
}

/// Where effects go, and the key that signs them.
struct Target {
    url: Uri,
    key: SigningKey,
}

impl Target {
    fn new(config: &BackendConfig) -> Arc<Self> {
        Arc::new(Self { url: config.url.clone(), key: SigningKey::new(&config.secret) })
    }
}

impl std::fmt::Debug for HttpBackend {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "HttpBackend({})", self.common.url)
    }
}

impl HttpBackend {
    /// The common backend, and those of single routes.
    ///
    /// # Errors
    /// [`ClientError`] when a backend is reached by `https` and the machine has no trusted certificates.
    pub fn new(
        common: &BackendConfig,
        routes: &[RouteBackend],
        clock: Arc<dyn Clock>,
        observer: Arc<dyn SendObserver>,
    ) -> Result<Self, ClientError> {
        let mut urls = routes.iter().map(|route| &route.backend.url).chain([&common.url]);
        let client = Client::new(urls.any(|url| url.scheme_str() == Some("https")))?;
        let routes = routes
            .iter()
            .map(|route| ((route.path.clone(), route.dialect.clone()), Target::new(&route.backend)));
        let held = HashSet::new();
        Ok(Self { client, common: Target::new(common), routes: routes.collect(), held, clock, observer })
    }

    /// Sends nothing of these routes, given by path and dialect.
    #[must_use]
    pub fn holding(mut self, routes: impl IntoIterator<Item = (String, String)>) -> Self {
        self.held.extend(routes);
        self
    }
}

impl Backend for HttpBackend {
    fn takes(&self, effect: &Effect) -> bool {
        self.held.is_empty() || !self.held.contains(&(effect.path.clone(), effect.dialect.clone()))
    }

    fn send(&self, subject: &Subject, effect: Effect, give_up_at: u64) -> Sending {
        let Effect { id, path, dialect, body, .. } = effect;
        let target = Arc::clone(self.routes.get(&(path, dialect)).unwrap_or(&self.common));
        let (client, observer) = (self.client.clone(), Arc::clone(&self.observer));
        let (subject, now) = (subject.clone(), self.clock.now());
        let give_up = self.clock.sleep_until(give_up_at);
        Box::pin(async move {
            let begun = std::time::Instant::now();
            let exchange = async {
                let request = webhook::request(&target.url, &target.key, &id, now, body);
                client.exchange(request.map_err(|_| Cause::Request)?).await
            };
            let answer = tokio::select! {
                biased;
                answer = exchange => answer,
                () = give_up => Err(Cause::Deadline),
            };
            let status = answer.as_ref().ok().map(|answer| answer.status.as_u16());
            let (outcome, cause) = match answer.and_then(|answer| outcome::of(&answer)) {
                Ok(outcome) => (outcome, None),
                Err(cause) => (Outcome::Failed, Some(cause)),
            };
            let took = begun.elapsed();
            let (subject, effect) = (&subject, id.as_str());
            observer.sent(&EndedSend { subject, effect, outcome: &outcome, cause, status, took });
            Sent { outcome, cause: cause.map(Cause::code) }
        })
    }
}
