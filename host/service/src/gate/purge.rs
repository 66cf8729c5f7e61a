//! Deletes what has expired, by a clock that may be believed.

use std::sync::Arc;
use std::time::Duration;

use super::Gate;
use super::agreement::Agreement;
use super::step::{Step, Subject};

/// Between two looks at the clocks.
const LOOK: Duration = Duration::from_secs(1);
/// Between two purges, on the monotonic clock, milliseconds.
const EVERY_MS: u64 = 60_000;
/// Rows that one purge deletes at most: calls get in between.
const PIECE: usize = 1_000;
/// Names the gate's own steps.
const NAME: &str = "purge";

impl Gate {
    /// Deletes expired rows until the gate closes; run it in a task of its own: it waits for nobody's backend.
    pub async fn run_purge(self: Arc<Self>) {
        let mut agreement = Agreement::default();
        let mut next = 0;
        while !self.tasks.is_closing() {
            let (now, monotonic) = (self.clock.now(), self.clock.monotonic());
            // The very reading that was found good: the clock may step before the next one.
            if agreement.holds(now, monotonic) && monotonic >= next {
                match self.store.purge(now, PIECE).await {
                    Ok(purged) if purged.more => continue,
                    Ok(_) => {}
                    Err(error) => {
                        let (code, cause) = (error.code().to_string(), error.to_string());
                        self.observer.step(&Subject::of(NAME), &Step::Failed { code, cause });
                    }
                }
                next = monotonic.saturating_add(EVERY_MS);
            }
            tokio::select! {
                () = self.clock.sleep(LOOK) => {}
                () = self.tasks.closed() => {}
            }
        }
    }
}
