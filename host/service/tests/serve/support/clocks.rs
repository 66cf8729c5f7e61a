//! Clocks that a test moves: the wall clock alone, as somebody who sets it, or both, as time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use countersign::gate::{Clock, Sleep, SystemClock};

/// The machine's clocks, moved. Clones move together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clocks {
    wall: Arc<AtomicI64>,
    passed: Arc<AtomicU64>,
}

impl Clocks {
    /// Somebody sets the wall clock, by so many milliseconds.
    pub(crate) fn step(&self, milliseconds: i64) {
        self.wall.fetch_add(milliseconds, Ordering::SeqCst);
    }

    /// So much time passes at once, for both.
    pub(crate) fn pass(&self, duration: Duration) {
        self.passed.fetch_add(duration.as_millis() as u64, Ordering::SeqCst);
    }
}

impl Clock for Clocks {
    fn now(&self) -> u64 {
        let passed = self.passed.load(Ordering::SeqCst);
        (SystemClock.now() + passed).saturating_add_signed(self.wall.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> u64 {
        SystemClock.monotonic() + self.passed.load(Ordering::SeqCst)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let clocks = self.clone();
        let until = self.monotonic() + duration.as_millis() as u64;
        Box::pin(async move {
            loop {
                let left = until.saturating_sub(clocks.monotonic());
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left.min(5))).await;
            }
        })
    }
}
