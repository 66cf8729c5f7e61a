//! From a claim to the seller's backend: within its time, and within the places that its product has there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_core::ledger::{Effect, Outcome};
use tokio::sync::Semaphore;

use super::Gate;
use super::owed::{Carrier, Origin};
use super::sent::Sent;
use super::step::Subject;
use super::terms::Terms;

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// No place became free in time: the backend is at work on as many calls as it may be.
    Busy,
    /// The commit of the claim took so long that a send would be given up too soon.
    Late,
    /// The configuration has no such product.
    NoBackend,
}

impl Hindrance {
    /// A stable name for logs and metrics, beside those of [`Cause`](crate::backend::Cause).
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Late => "late",
            Self::NoBackend => "no-backend",
        }
    }
}

/// The places of calls that are at work at a backend, by product. A backend that hangs holds those of its own products:
/// connections and memory are left for the others.
#[derive(Debug, Default)]
pub(super) struct Places(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Places {
    fn of(&self, product: &str, calls: usize) -> Arc<Semaphore> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.get(product) {
            Some(places) => Arc::clone(places),
            None => {
                let places = Arc::new(Semaphore::new(calls));
                all.insert(product.to_owned(), Arc::clone(&places));
                places
            }
        }
    }

    /// Their numbers are those of new terms from now on.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The time of a send: how long it may take in all, and when on the monotonic clock it was claimed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) total: Duration,
    pub(super) since: u64,
}

impl Patience {
    /// What is left; `None`: so little that the backend would be given up before it could answer, and the work is better
    /// sent another time.
    pub(super) fn left(self, monotonic: u64) -> Option<Duration> {
        let passed = Duration::from_millis(monotonic.saturating_sub(self.since));
        Some(self.total.saturating_sub(passed)).filter(|left| *left >= self.total / 2)
    }
}

impl Gate {
    /// Sends for a call of the platform, as soon as its product has a place.
    pub(super) async fn deliver(
        &self,
        terms: &Terms,
        subject: &Subject,
        effect: Effect,
        patience: Patience,
    ) -> Sent {
        let failed = |why: Hindrance| Sent { outcome: Outcome::Failed, cause: Some(why.code()) };
        let origin = Origin {
            product: effect.product.clone(),
            path: effect.path.clone(),
            dialect: effect.dialect.clone(),
        };
        let Carrier::Backend { calls, .. } = terms.backend.carrier(&origin) else {
            return failed(Hindrance::NoBackend);
        };
        let places = self.places.of(&origin.product, calls);
        let place = tokio::select! {
            biased;
            place = places.acquire_owned() => place,
            () = self.clock.sleep(patience.total / 4) => return failed(Hindrance::Busy),
        };
        let Some(left) = patience.left(self.clock.monotonic()) else { return failed(Hindrance::Late) };
        let sent = terms.backend.send(subject, effect, left).await;
        drop(place);
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_begins_with_half_of_its_time_or_not_at_all() {
        let patience = Patience { total: Duration::from_secs(10), since: 7_000 };
        assert_eq!(patience.left(7_000), Some(Duration::from_secs(10)));
        assert_eq!(patience.left(12_000), Some(Duration::from_secs(5)));
        assert_eq!(patience.left(12_001), None);
        assert_eq!(patience.left(99_000), None);
    }
}
