//! What the story tells the backend to do with the messages that come next.

use countersign_simulator::scenario::Behaviour;

/// The longest that a slow delivery takes: longer than the demo's gate lets an answer wait, shorter than patience.
const SLOW_LIMIT_MS: u64 = 3_000;

/// The behaviour in force.
#[derive(Debug, Default)]
pub(super) struct Mood {
    sold_out: Option<&'static str>,
    refused_next: Option<&'static str>,
    accepted: u32,
    failing: u32,
    slow_ms: Option<u64>,
    report_after_ms: Option<u64>,
}

/// What to do with one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Will {
    /// Carry it out, after a while.
    Do {
        /// Milliseconds.
        after_ms: u64,
    },
    /// 202; a repeat carries it out.
    Accept,
    /// 202; carry it out by itself after so many milliseconds, and report.
    Report {
        /// Milliseconds.
        after_ms: u64,
    },
    /// 4xx with this code.
    Refuse(&'static str),
    /// 500.
    Fail,
}

impl Mood {
    pub(super) fn change(&mut self, behaviour: Behaviour) {
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
    pub(super) fn about_effect(&mut self, purchase: bool, usual_ms: u64) -> Will {
        if let Some(code) = self.refused_next.take() {
            return Will::Refuse(code);
        }
        if self.failing > 0 {
            self.failing -= 1;
            return Will::Fail;
        }
        if let Some(code) = self.sold_out.filter(|_| purchase) {
            return Will::Refuse(code);
        }
        if self.accepted > 0 {
            self.accepted -= 1;
            return Will::Accept;
        }
        if let Some(after_ms) = self.report_after_ms.take() {
            return Will::Report { after_ms };
        }
        Will::Do { after_ms: self.slow_ms.take().unwrap_or(usual_ms) }
    }

    /// Decides about a question: the code of a refusal.
    pub(super) fn about_question(&mut self) -> Option<&'static str> {
        self.refused_next.take()
    }
}
