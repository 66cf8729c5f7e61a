//! What came back from the backend goes into the ledger.

use countersign_core::Answer;
use countersign_core::ledger::{Outcome, Settled, Settlement};

use super::rounds::{self, LedgerError};
use super::{Gate, Step, code_of};

/// Rounds of one settlement: rivals are other calls of the same instance.
const MAX_ROUNDS: usize = 64;

impl Gate {
    /// Settles a work or a question, with the answer for the call that began it.
    pub(super) async fn settle(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        outcome: &Outcome,
        name: &str,
    ) -> Result<Option<Answer>, LedgerError> {
        let settled = self
            .settle_rounds(|gate, rows| {
                let entropy = gate.entropy.draw(said(outcome));
                gate.seller.settle(work, admission, rows, outcome, gate.clock.now(), &entropy)
            })
            .await?;
        self.alarms(name, &settled.alarms);
        let step = Step::Settled { outcome: outcome_name(outcome), reason: code_of(settled.reason.as_ref()) };
        self.observer.step(name, &step);
        Ok(settled.answer)
    }

    /// Settles a work whose call was answered long ago, or that the gate took up by itself.
    pub(super) async fn finish(&self, work: &[u8], outcome: Outcome, name: &str) {
        if let Err(error) = self.settle(work, None, &outcome, name).await {
            // The lease runs out and the same effect is sent again: nothing is lost.
            self.observer.step(name, &Step::Failed(error.code().to_string()));
        }
    }

    /// Loads, asks the core, commits, until it holds.
    pub(super) async fn settle_rounds(
        &self,
        ask: impl Fn(
            &Self,
            &[countersign_core::ledger::Row],
        ) -> Result<Settlement, countersign_runtime::SellerError>,
    ) -> Result<Settled, LedgerError> {
        let mut rows = Vec::new();
        for _ in 0..MAX_ROUNDS {
            match ask(self, &rows)? {
                Settlement::Need { keys } => rounds::load(&*self.store, keys, &mut rows).await?,
                Settlement::Settled(mut settled) => {
                    let commit = std::mem::take(&mut settled.commit);
                    if rounds::commit(&*self.store, commit).await? {
                        if settled.promoted {
                            self.owed.notify_one();
                        }
                        return Ok(settled);
                    }
                    rows.clear();
                }
            }
        }
        Err(LedgerError::Conflicts)
    }
}

/// What the backend said, in its own bytes.
pub(super) fn said(outcome: &Outcome) -> &[u8] {
    match outcome {
        Outcome::Done(answer) => answer,
        _ => &[],
    }
}

/// The outcome's name in steps, logs and metrics.
pub(crate) const fn outcome_name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::Accepted => "accepted",
        Outcome::Refused { .. } => "refused",
        Outcome::Failed => "failed",
        Outcome::Running => "running",
    }
}
