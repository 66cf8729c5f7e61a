//! Works that nobody runs: taken up at start, on a timer, and whenever one comes to the front of its queue.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::WORK_PREFIX;
use tokio::sync::Semaphore;

use super::Gate;
use super::rounds::{self, LedgerError};
use super::step::{Step, Subject};

/// Works sent at the same time by the timer; calls of the platform are not counted.
const AT_ONCE: usize = 64;
/// Rows of one look.
const PAGE: usize = 500;
/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// Names the gate's own steps.
const NAME: &str = "owed";
/// Rows that one purge deletes at most.
const PURGE: usize = 1_000;

impl Gate {
    /// Takes up owed works until the gate closes; run it in a task of its own.
    pub async fn run_owed(self: Arc<Self>) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        let mut purged = 0;
        while !self.tasks.is_closing() {
            if let Err(error) = self.take_up(&places).await {
                self.stumbled(&error);
            }
            let now = self.clock.now();
            if now.saturating_sub(purged) > 60_000 {
                purged = now;
                if let Err(error) = self.purge(now).await {
                    self.stumbled(&error);
                }
            }
            tokio::select! {
                () = self.owed.notified() => {}
                () = tokio::time::sleep(PAUSE) => {}
                () = self.tasks.closed() => {}
            }
        }
    }

    /// A look or a purge failed; the next one comes by itself.
    fn stumbled(&self, error: &LedgerError) {
        let (code, cause) = (error.code().to_string(), error.to_string());
        self.observer.step(&Subject::of(NAME), &Step::Failed { code, cause });
    }

    /// Deletes what has expired, a piece at a time, so that calls get in between.
    async fn purge(&self, now: u64) -> Result<(), LedgerError> {
        while self.store.purge(now, PURGE).await?.more && !self.tasks.is_closing() {}
        Ok(())
    }

    /// One look at all works.
    async fn take_up(self: &Arc<Self>, places: &Arc<Semaphore>) -> Result<(), LedgerError> {
        let mut after: Option<String> = None;
        let mut works: usize = 0;
        let terms = self.terms();
        loop {
            let rows = self.store.scan(WORK_PREFIX, after.as_deref(), PAGE).await?;
            works = works.saturating_add(rows.len());
            let Some(last) = rows.last() else { break };
            after = Some(last.key.clone());
            let full = rows.len() == PAGE;
            let now = self.clock.now();
            let due = terms.seller.due(&rows, now)?;
            for row in &rows {
                if !due.works.iter().any(|work| work.key == row.key && work.at <= now) {
                    continue;
                }
                let Ok(place) = Arc::clone(places).acquire_owned().await else { return Ok(()) };
                if self.tasks.is_closing() {
                    return Ok(());
                }
                let entropy = self.entropy.draw(&[]);
                let Some(mut claim) = terms.seller.claim(row, self.clock.now(), &entropy)? else { continue };
                if !terms.backend.takes(&claim.effect) {
                    continue;
                }
                if !rounds::commit(&*self.store, std::mem::take(&mut claim.commit)).await? {
                    continue;
                }
                let (gate, terms) = (Arc::clone(self), Arc::clone(&terms));
                self.tasks.spawn(async move {
                    let subject = Subject::of_effect(NAME, &claim.effect);
                    let effect = claim.effect.id.clone();
                    gate.observer.step(&subject, &gate.performed(&effect));
                    let sent = terms.backend.send(&subject, claim.effect, claim.give_up_at).await;
                    gate.finish(&claim.work, &effect, sent, &subject).await;
                    drop(place);
                });
            }
            if !full {
                break;
            }
        }
        self.observer.owed(works);
        Ok(())
    }
}
