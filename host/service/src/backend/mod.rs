//! The seller's application, reached over HTTP: a signed CloudEvent out, an outcome back.

mod client;
mod outcome;
mod webhook;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::{Effect, Outcome};
use hyper::Uri;

use crate::config::{BackendConfig, Routed};
use crate::gate::{Backend, Carrier, Clock, Origin, Sending, Sent, Subject};

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

/// The backends of all products behind one pool of connections.
pub struct HttpBackend {
    client: Client,
    /// By product.
    targets: HashMap<String, Arc<Target>>,
    routes: Vec<Routed>,
    places: Places,
    clock: Arc<dyn Clock>,
    observer: Arc<dyn SendObserver>,
}

/// How many sends may be at work at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Places {
    calls: usize,
    owed: usize,
}

/// Sends of all products together, where nobody says otherwise: each holds a connection, and descriptors are finite.
pub const SENDS_AT_ONCE: usize = 384;

impl Places {
    /// A share for each product, whatever the others do: a quarter for what is owed, the rest for calls of the platform.
    fn share(sends: usize, products: usize) -> Self {
        let share = (sends / products.max(1)).max(4);
        let owed = (share / 4).min(64);
        Self { calls: share - owed, owed }
    }
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
        let targets = self.targets.iter().map(|(product, target)| (product, &target.url));
        out.debug_map().entries(targets).finish()
    }
}

impl HttpBackend {
    /// The backend of each product; `sends` bounds those that are at work at the same time, over all products.
    ///
    /// # Errors
    /// [`ClientError`] when a backend is reached by `https` and the machine has no trusted certificates.
    pub fn new<'c>(
        backends: impl IntoIterator<Item = (&'c str, &'c BackendConfig)>,
        routes: Vec<Routed>,
        sends: usize,
        clock: Arc<dyn Clock>,
        observer: Arc<dyn SendObserver>,
    ) -> Result<Self, ClientError> {
        let backends = backends.into_iter();
        let targets: HashMap<String, Arc<Target>> =
            backends.map(|(product, config)| (product.to_owned(), Target::new(config))).collect();
        let https = targets.values().any(|target| target.url.scheme_str() == Some("https"));
        let client = Client::new(https)?;
        let places = Places::share(sends, targets.len());
        Ok(Self { client, targets, routes, places, clock, observer })
    }

    /// Whether an old handler carries out the effects of an origin. Of a route that is gone those decide that its product
    /// has today in the same dialect.
    fn is_held(&self, origin: &Origin) -> bool {
        let Origin { product, path, dialect } = origin;
        let mut same = self.routes.iter().filter(|one| one.address.dialect == dialect);
        match same.clone().find(|one| one.address.path == *path) {
            Some(route) => route.held,
            None => same.any(|one| one.address.product == *product && one.held),
        }
    }
}

impl Backend for HttpBackend {
    fn carrier(&self, origin: &Origin) -> Carrier {
        if self.is_held(origin) {
            Carrier::Elsewhere
        } else if self.targets.contains_key(&origin.product) {
            let Places { calls, owed } = self.places;
            Carrier::Backend { calls, owed }
        } else {
            Carrier::Nobody
        }
    }

    fn send(&self, subject: &Subject, effect: Effect, patience: Duration) -> Sending {
        let Effect { id, product, body, .. } = effect;
        let target = self.targets.get(&product).cloned();
        let (client, observer) = (self.client.clone(), Arc::clone(&self.observer));
        let (subject, now) = (subject.clone(), self.clock.now());
        let give_up = self.clock.sleep(patience);
        Box::pin(async move {
            let begun = std::time::Instant::now();
            let exchange = async {
                let target = target.ok_or(Cause::NoBackend)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_has_a_share_of_the_places() {
        assert_eq!(Places::share(384, 1), Places { calls: 320, owed: 64 });
        assert_eq!(Places::share(384, 2), Places { calls: 144, owed: 48 });
        assert_eq!(Places::share(384, 12), Places { calls: 24, owed: 8 });
        assert_eq!(Places::share(384, 1_000), Places { calls: 3, owed: 1 });
        assert_eq!(Places::share(0, 0), Places { calls: 3, owed: 1 });
    }
}
