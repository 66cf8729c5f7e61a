//! What may happen a thousand times a second and is to be said all the same: at once, and from then on once a minute,
//! with how often it happened.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One kind of event.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Told>);

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    /// Events since then.
    events: u64,
}

const PAUSE: Duration = Duration::from_secs(60);

impl Pace {
    /// It happened once more. How often since it was said, where it is time to say it again.
    pub(crate) fn one(&self) -> Option<u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).one(Instant::now())
    }
}

impl Told {
    fn one(&mut self, now: Instant) -> Option<u64> {
        self.events = self.events.saturating_add(1);
        if self.last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.events))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_at_once_and_the_others_once_a_minute() {
        let (mut told, begun) = (Told::default(), Instant::now());
        let mut at = |seconds| told.one(begun + Duration::from_secs(seconds));
        assert_eq!(at(0), Some(1));
        assert_eq!((at(1), at(59)), (None, None));
        assert_eq!(at(60), Some(3));
        assert_eq!(at(61), None);
        assert_eq!(at(600), Some(2));
    }
}
