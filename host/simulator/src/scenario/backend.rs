//! The seller's own application, as far as a story steers it.

/// What the backend does with the effects and questions that reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behaviour {
    /// From now on everything succeeds at once; forgets every other behaviour.
    Done,
    /// Answers the next `times` deliveries "accepted, not yet done", then succeeds.
    Accepted {
        /// How often.
        times: u32,
    },
    /// Answers the next delivery, and every repeat of it, "accepted, not yet done", until it reports by itself that
    /// the work is done.
    Reported {
        /// Milliseconds after the delivery.
        after_ms: u64,
    },
    /// Fails the next `times` deliveries (HTTP 500), then succeeds.
    Failing {
        /// How often.
        times: u32,
    },
    /// Takes this long over the next delivery, then succeeds.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// Refuses every new purchase with this result code.
    SoldOut {
        /// Six digits, `000106`.
        code: &'static str,
    },
    /// Takes new purchases again.
    Restocked,
    /// Refuses the next delivery with this result code.
    RefusedNext {
        /// Six digits.
        code: &'static str,
    },
}

/// How a story steers the seller's backend.
pub trait Backend: Sync {
    /// Takes effect before the method returns.
    fn next(&self, behaviour: Behaviour);
}
