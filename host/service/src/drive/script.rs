//! A world without chance for `handle`: the clock stands still until somebody waits, and the backend answers what the
//! line says.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_core::ledger::{Effect, Outcome};

use countersign_core::crypto::hmac_sha256;

use crate::gate::{Backend, Clock, Entropy, Observer, Sending, Sleep, Step, Subject};

/// One `handle`: clock, backend and observer.
#[derive(Debug, Default)]
pub(super) struct Script {
    now: Arc<AtomicU64>,
    outcomes: Mutex<VecDeque<Outcome>>,
    effects: Mutex<Vec<Effect>>,
    steps: Mutex<Vec<Step>>,
    /// What the line gave, or what was drawn for it; every draw after it is derived.
    entropy: [u8; 32],
    drawn: AtomicU64,
}

impl Script {
    pub(super) fn new(now: u64, outcomes: Vec<Outcome>, entropy: [u8; 32]) -> Arc<Self> {
        let (now, outcomes) = (Arc::new(AtomicU64::new(now)), Mutex::new(outcomes.into()));
        Arc::new(Self { now, outcomes, entropy, ..Self::default() })
    }

    /// Whether the backend would answer another effect.
    pub(super) fn has_outcome(&self) -> bool {
        !self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    pub(super) fn effects(&self) -> Vec<Effect> {
        std::mem::take(&mut *self.effects.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        std::mem::take(&mut *self.steps.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for Script {
    fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> u64 {
        self.now()
    }

    /// Nothing else happens meanwhile, so waiting is moving the clock; but only once somebody really waits.
    fn sleep(&self, duration: Duration) -> Sleep {
        let now = Arc::clone(&self.now);
        let time = self.now().saturating_add(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        Box::pin(async move {
            now.fetch_max(time, Ordering::Relaxed);
        })
    }
}

impl Backend for Script {
    /// Once the outcomes are used up there is no answer in time.
    fn send(&self, _subject: &Subject, effect: Effect, _patience: Duration) -> Sending {
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).push(effect);
        let outcome = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Box::pin(std::future::ready(outcome.unwrap_or(Outcome::Running).into()))
    }
}

impl Entropy for Script {
    fn draw(&self, _about: &[u8]) -> [u8; 32] {
        let number = self.drawn.fetch_add(1, Ordering::Relaxed);
        hmac_sha256(&[&self.entropy], &[&number.to_le_bytes()])
    }
}

impl Observer for Script {
    fn step(&self, _subject: &Subject, step: &Step) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(step.clone());
    }
}
