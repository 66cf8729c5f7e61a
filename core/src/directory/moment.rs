//! When a call counts.

use crate::ledger::instant;

/// A call's signed time and the time of its arrival, milliseconds, UTC.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    pub(crate) signed_at: u64,
    pub(crate) now: u64,
}

impl Moment {
    /// What a record remembers of it: a platform's clock that is ahead makes no later call stale.
    pub(super) fn recorded(self) -> u64 {
        self.signed_at.min(self.now)
    }

    /// Whether it comes too late for a record of this time. A recorded time that cannot have come yet says nothing, unless
    /// the call itself is of the future: until our clock has caught up every honest call would count as stale.
    pub(super) fn is_before(self, recorded: u64) -> bool {
        let is_bogus =
            instant::is_future(recorded, self.now) && !instant::is_future(self.signed_at, self.now);
        self.signed_at < recorded && !is_bogus
    }
}
