//! Whoever carries effects and questions to the seller's application, as the gate sees it.

use std::pin::Pin;

use countersign_core::ledger::{Effect, Outcome};

use super::step::Subject;

/// Carries effects and questions to the seller's application.
pub trait Backend: Send + Sync {
    /// Sends one message and says how it ended; after `give_up_at` (milliseconds, UTC) nobody waits for it. `subject` is
    /// for the log.
    fn send(&self, subject: &Subject, effect: Effect, give_up_at: u64) -> Sending;

    /// Whether it may be sent at all: an effect that is not stays owed.
    fn takes(&self, _effect: &Effect) -> bool {
        true
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
