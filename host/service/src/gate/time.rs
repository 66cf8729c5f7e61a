//! Time, as the gate knows it. There are two clocks: the wall clock, which rows and the platform speak of and which may
//! step in both directions, and the monotonic one, by which everybody in this process waits.

use std::pin::Pin;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Both clocks, and how to wait.
pub trait Clock: Send + Sync {
    /// What the wall clock says: milliseconds since the epoch, UTC.
    fn now(&self) -> u64;

    /// Milliseconds since some moment of this process. Never steps and never goes back.
    fn monotonic(&self) -> u64;

    /// Until so much time has passed on the monotonic clock.
    fn sleep(&self, duration: Duration) -> Sleep;
}

/// A wait that is under way.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> u64 {
        static BEGIN: OnceLock<Instant> = OnceLock::new();
        u64::try_from(BEGIN.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// From one moment of a clock to another of the same; nothing if that is over.
pub(super) fn between(from: u64, to: u64) -> Duration {
    Duration::from_millis(to.saturating_sub(from))
}
