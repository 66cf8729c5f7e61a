//! Time, as the gate knows it: milliseconds since the epoch, UTC.

use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that can be waited on.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> u64;
    /// Until this time; at once when it is over.
    fn sleep_until(&self, time: u64) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep_until(&self, time: u64) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let wait = Duration::from_millis(time.saturating_sub(self.now()));
        Box::pin(tokio::time::sleep(wait))
    }
}
