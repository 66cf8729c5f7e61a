//! What became of the sends so far of effects that are still owed: for the log. The ledger does not remember why a send
//! failed, and need not: whoever comes next sends again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Sends of this process, by effect id.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<String, Attempt>>);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Attempt {
    /// This one included.
    pub(super) number: u32,
    /// Why the one before did not end the effect.
    pub(super) last: Option<&'static str>,
}

/// Effects that are remembered; beyond it the log has gaps.
const MAX_EFFECTS: usize = 100_000;

impl Attempts {
    /// One more send of this effect begins.
    pub(super) fn begin(&self, effect: &str) -> Attempt {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MAX_EFFECTS && !all.contains_key(effect) {
            return Attempt { number: 1, last: None };
        }
        let attempt = all.entry(effect.to_owned()).or_default();
        attempt.number = attempt.number.saturating_add(1);
        *attempt
    }

    /// It ended without ending the effect.
    pub(super) fn failed(&self, effect: &str, why: &'static str) {
        if let Some(attempt) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(effect) {
            attempt.last = Some(why);
        }
    }

    /// The effect is over.
    pub(super) fn ended(&self, effect: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(effect);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_are_counted_until_the_effect_is_over() {
        let attempts = Attempts::default();
        assert_eq!(attempts.begin("e"), Attempt { number: 1, last: None });
        attempts.failed("e", "unreachable");
        assert_eq!(attempts.begin("e"), Attempt { number: 2, last: Some("unreachable") });
        attempts.ended("e");
        assert_eq!(attempts.begin("e"), Attempt { number: 1, last: None });
    }
}
