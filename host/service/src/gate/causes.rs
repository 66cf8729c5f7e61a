//! Why the last send of an effect that is still owed did not end it: for the log. The ledger does not remember it, and need
//! not: whoever comes next sends again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// By effect id, as far as this process sent them.
#[derive(Debug, Default)]
pub(super) struct Causes(Mutex<HashMap<String, &'static str>>);

/// Effects that are remembered; beyond it the log has gaps.
const MAX_EFFECTS: usize = 100_000;

impl Causes {
    /// Why the last send did not end this effect.
    pub(super) fn last(&self, effect: &str) -> Option<&'static str> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(effect).copied()
    }

    /// A send ended without ending the effect.
    pub(super) fn failed(&self, effect: &str, why: &'static str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() < MAX_EFFECTS || all.contains_key(effect) {
            all.insert(effect.to_owned(), why);
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
    fn the_last_cause_is_remembered_until_the_effect_is_over() {
        let causes = Causes::default();
        assert_eq!(causes.last("e"), None);
        causes.failed("e", "deadline");
        causes.failed("e", "unreachable");
        assert_eq!(causes.last("e"), Some("unreachable"));
        causes.ended("e");
        assert_eq!(causes.last("e"), None);
    }
}
