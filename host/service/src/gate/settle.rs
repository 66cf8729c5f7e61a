//! What came back from the backend goes into the ledger.

use countersign_core::Answer;
use countersign_core::ledger::{Outcome, Settled, Settlement, Settling};

use super::Gate;
use super::rounds::{self, LedgerError, Rounds};
use super::sent::Sent;
use super::step::{Step, Subject};
use super::terms::Terms;

/// Rounds of one settlement: rivals are other calls of the same instance.
const MAX_ROUNDS: usize = 64;

impl Gate {
    /// Settles a work or a question, with the answer for the call that began it.
    pub(super) async fn settle(
        &self,
        terms: &Terms,
        work: &[u8],
        admission: Option<&[u8]>,
        effect: &str,
        sent: &Sent,
        subject: &Subject,
    ) -> Result<Option<Answer>, LedgerError> {
        let Sent { outcome, cause } = sent;
        let settled = self
            .settle_rounds(|gate, rows| {
                let entropy = gate.entropy.draw(said(outcome));
                terms.seller.settle(work, admission, rows, outcome, gate.clock.now(), &entropy)
            })
            .await?;
        Ok(self.told(effect, outcome, *cause, settled, subject))
    }

    /// What is said about a settlement that holds.
    pub(super) fn told(
        &self,
        effect: &str,
        outcome: &Outcome,
        cause: Option<&'static str>,
        settled: Settled,
        subject: &Subject,
    ) -> Option<Answer> {
        match settled.effect {
            Settling::Owed if *outcome == Outcome::Running => {}
            Settling::Owed => {
                let reason = settled.reason.as_ref().map(|reason| reason.code.code());
                self.causes.failed(effect, cause.or(reason).unwrap_or(outcome_name(outcome)));
            }
            _ => self.causes.ended(effect),
        }
        let known = settled.instance.filter(|_| subject.instance.is_empty());
        let subject = &Subject { instance: known.unwrap_or(subject.instance.clone()), ..subject.clone() };
        self.alarms(subject, &settled.alarms);
        let (effect, outcome) = (effect.to_owned(), outcome_name(outcome));
        self.observer.step(subject, &Step::Settled { effect, outcome, cause, reason: settled.reason });
        settled.answer
    }

    /// Settles a work whose call was answered long ago, or that the gate took up by itself.
    pub(super) async fn finish(&self, work: &[u8], effect: &str, sent: Sent, subject: &Subject) {
        if let Err(error) = self.settle(&self.terms(), work, None, effect, &sent, subject).await {
            // The lease runs out and the same effect is sent again: nothing is lost.
            let (code, cause) = (error.code().to_string(), error.to_string());
            self.observer.step(subject, &Step::Failed { code, cause });
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
        let (mut rows, mut rounds) = (Vec::new(), Rounds::of(MAX_ROUNDS));
        loop {
            rounds.next()?;
            match ask(self, &rows)? {
                Settlement::Need { keys } => rounds::load(&*self.store, keys, &mut rows).await?,
                Settlement::Settled(mut settled) => {
                    let commit = std::mem::take(&mut settled.commit);
                    if rounds.commit(&*self.store, commit).await? {
                        if settled.promoted {
                            self.owed.notify_one();
                        }
                        return Ok(settled);
                    }
                    rows.clear();
                }
            }
        }
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
