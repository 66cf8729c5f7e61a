//! How a story has the backend behave towards the messages that come next.

use countersign_simulator::scenario::Behaviour;

/// The longest that a slow delivery takes: longer than the demo's gate lets an answer wait, shorter than the platform waits.
const SLOW_LIMIT_MS: u64 = 3_000;

/// The behaviours that are in force, until each is used up or taken back.
#[derive(Debug, Default)]
pub(super) struct ActiveBehaviour {
    sold_out: Option<&'static str>,
    refused_next: Option<&'static str>,
    accepted: u32,
    failing: u32,
    slow_ms: Option<u64>,
    report_after_ms: Option<u64>,
}

/// How the backend reacts to one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaction {
    /// It carries the effect out, after a while.
    CarryOut {
        /// The delay, in milliseconds.
        after_ms: u64,
    },
    /// It answers 202; a repeat carries the effect out.
    Accept,
    /// It answers 202, carries the effect out by itself, and reports.
    Report {
        /// The delay, in milliseconds.
        after_ms: u64,
    },
    /// It answers a 4xx with this code.
    Refuse(&'static str),
    /// It answers 500.
    Fail,
}

impl ActiveBehaviour {
    pub(super) fn apply(&mut self, behaviour: Behaviour) {
        match behaviour {
            Behaviour::Accepted { times } => self.accepted = times,
            Behaviour::Reported { after_ms } => self.report_after_ms = Some(after_ms),
            Behaviour::Failing { times } => self.failing = times,
            Behaviour::Slow { ms } => self.slow_ms = Some(ms.min(SLOW_LIMIT_MS)),
            Behaviour::SoldOut { code } => self.sold_out = Some(code),
            Behaviour::Restocked => self.sold_out = None,
            Behaviour::RefusedNext { code } => self.refused_next = Some(code),
            // `Done`, and whatever a later simulator adds: nothing special any more.
            _ => *self = Self::default(),
        }
    }

    /// Decides about an effect; `usual_ms` is what carrying it out takes on a good day.
    pub(super) fn react_to_effect(&mut self, purchase: bool, usual_ms: u64) -> Reaction {
        if let Some(code) = self.refused_next.take() {
            return Reaction::Refuse(code);
        }
        if self.failing > 0 {
            self.failing -= 1;
            return Reaction::Fail;
        }
        if let Some(code) = self.sold_out.filter(|_| purchase) {
            return Reaction::Refuse(code);
        }
        if self.accepted > 0 {
            self.accepted -= 1;
            return Reaction::Accept;
        }
        if let Some(after_ms) = self.report_after_ms.take() {
            return Reaction::Report { after_ms };
        }
        Reaction::CarryOut { after_ms: self.slow_ms.take().unwrap_or(usual_ms) }
    }

    /// Decides about a question: the code of a refusal.
    pub(super) fn refusal_of_question(&mut self) -> Option<&'static str> {
        self.refused_next.take()
    }
}
