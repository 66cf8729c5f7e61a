//! Whoever carries effects and questions to the seller's application, as the gate sees it.

use std::pin::Pin;
use std::time::Duration;

use countersign_core::ledger::{Effect, Outcome};

use super::owed::{Carrier, Origin};
use super::step::Subject;

/// Carries effects and questions to the seller's application.
pub trait Backend: Send + Sync {
    /// Sends one message and says how it ended; nobody waits longer than `patience`. `subject` is for the log.
    fn send(&self, subject: &Subject, effect: Effect, patience: Duration) -> Sending;

    /// Who carries out the effects of an origin, by its product, whatever its route is called today.
    fn carrier(&self, _origin: &Origin) -> Carrier {
        Carrier::Backend { calls: 256, owed: 64 }
    }
}

/// A send that is under way.
pub type Sending = Pin<Box<dyn Future<Output = Sent> + Send>>;

/// How a send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// What goes into the ledger.
    pub outcome: Outcome,
    /// Why it failed: a stable code, for the log.
    pub cause: Option<&'static str>,
}

impl From<Outcome> for Sent {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, cause: None }
    }
}
