//! One call of the platform: admitted, decided, carried out, settled, answered.

use std::sync::Arc;

use countersign_core::ledger::{Alarm, Assignment, Decision, Outcome, Write};
use countersign_core::wire::hex;
use countersign_core::{Answer, Event, Verdict};
use countersign_ledger::Subscription;

use super::entropy::fresh;
use super::request::OwnedRequest;
use super::rounds::{self, LedgerError};
use super::sent::Sent;
use super::step::{Step, Subject, path_of};
use super::terms::Terms;
use super::{Gate, unavailable};

/// One call on its way through the gate.
pub(super) struct Call {
    gate: Arc<Gate>,
    terms: Arc<Terms>,
    request_id: [u8; 16],
    subject: Subject,
}

/// Rounds of one call before it is declined: each is a load and a decision.
const MAX_ROUNDS: usize = 64;

/// Another process wakes nobody here: a waiter looks again after so many milliseconds.
const LOOK_AGAIN_MS: u64 = 200;

/// So long before the deadline an answer is settled and committed.
const SETTLE_MS: u64 = 100;

impl Call {
    pub(super) fn new(gate: Arc<Gate>, request_id: [u8; 16]) -> Self {
        let terms = gate.terms();
        Self { gate, terms, request_id, subject: Subject::of(&hex::encode(&request_id)) }
    }

    fn note(&self, step: &Step) {
        self.gate.observer.step(&self.subject, step);
    }

    fn failed(&self, error: &LedgerError) {
        self.note(&Step::Failed { code: error.code().to_string(), cause: error.to_string() });
    }

    pub(super) async fn run(mut self, request: &OwnedRequest) -> Answer {
        let now = self.gate.clock.now();
        match request.read(|request| self.terms.seller.admit(request, &self.request_id, now)) {
            Ok(Verdict::Refused(refusal)) => {
                self.subject.product = refusal.product.unwrap_or_default();
                let path = path_of(&request.target);
                self.note(&Step::Refused { reason: refusal.reason, path });
                refusal.answer
            }
            Ok(Verdict::Admitted(admitted)) => {
                self.subject.dialect = admitted.dialect.to_string();
                self.subject.product.clone_from(&admitted.product);
                name(&mut self.subject, &admitted.event);
                self.note(&Step::Admitted { event: admitted.event.kind.name(), test: admitted.test });
                self.decide(&admitted.admission, &admitted.keys, admitted.answer_by).await
            }
            Err(error) => {
                self.failed(&error.into());
                unavailable()
            }
        }
    }

    async fn decide(&mut self, admission: &[u8], keys: &[String], answer_by: u64) -> Answer {
        let mut rows = Vec::new();
        let mut wanted = keys.to_vec();
        let mut watching = None;
        for _ in 0..MAX_ROUNDS {
            if let Err(error) = rounds::load(&*self.gate.store, wanted, &mut rows).await {
                return self.decline(admission, &error.into());
            }
            let now = self.gate.clock.now();
            let decision = match self.terms.seller.decide(admission, &rows, now, &self.gate.entropy.draw(&[]))
            {
                Ok(decision) => decision,
                Err(error) => return self.decline(admission, &error.into()),
            };
            match decision {
                Decision::Need { keys } => {
                    wanted = keys;
                    continue;
                }
                Decision::Wait { keys, until } => {
                    self.wait(&keys, until, &mut watching).await;
                }
                Decision::Answer(answered) => {
                    match rounds::commit(&*self.gate.store, answered.commit).await {
                        Ok(true) => {
                            self.alarms(&answered.alarms);
                            self.note(&Step::Answered { reason: answered.reason });
                            return answered.answer;
                        }
                        Ok(false) => self.conflicted(now, answer_by).await,
                        Err(error) => return self.decline(admission, &error.into()),
                    }
                }
                Decision::Perform(mut work) => match rounds::commit(&*self.gate.store, take(&mut work)).await
                {
                    Ok(true) => {
                        self.subject.learn(&work.effect);
                        self.note(&self.gate.performed(&work.effect.id));
                        return self.perform(admission, work, false).await;
                    }
                    Ok(false) => self.conflicted(now, answer_by).await,
                    Err(error) => return self.decline(admission, &error.into()),
                },
                Decision::Ask(mut question) => {
                    match rounds::commit(&*self.gate.store, take(&mut question)).await {
                        Ok(true) => {
                            self.note(&Step::Asked { effect: question.effect.id.clone() });
                            return self.perform(admission, question, true).await;
                        }
                        Ok(false) => self.conflicted(now, answer_by).await,
                        Err(error) => return self.decline(admission, &error.into()),
                    }
                }
            }
            rows.clear();
            wanted = keys.to_vec();
        }
        self.decline(admission, &LedgerError::Conflicts)
    }

    /// Sends, and settles with what came back in time; what comes later is settled without this call.
    async fn perform(&self, admission: &[u8], work: Assignment, question: bool) -> Answer {
        self.alarms(&work.alarms);
        let wait_until = if question { work.give_up_at } else { work.answer_by };
        let effect = work.effect.id.clone();
        let mut sending = self.terms.backend.send(&self.subject, work.effect, work.give_up_at);
        let sent = tokio::select! {
            biased;
            sent = &mut sending => sent,
            () = self.gate.clock.sleep_until(wait_until.saturating_sub(SETTLE_MS)) => {
                self.note(&Step::OutOfTime);
                if !question {
                    let (gate, subject) = (Arc::clone(&self.gate), self.subject.clone());
                    let (handle, effect) = (work.work.clone(), effect.clone());
                    self.gate.tasks.spawn(async move {
                        gate.finish(&handle, &effect, sending.await, &subject).await;
                    });
                }
                Sent::from(Outcome::Running)
            }
        };
        match self.gate.settle(&self.terms, &work.work, Some(admission), &effect, &sent, &self.subject).await
        {
            Ok(Some(answer)) => answer,
            Ok(None) => self.decline(admission, &LedgerError::Defect),
            Err(error) => self.decline(admission, &error),
        }
    }

    /// Waits for a change of one of these rows. The first time it only begins to watch: the rows may have changed
    /// between the load and now.
    async fn wait(&self, keys: &[String], until: u64, watching: &mut Option<Subscription>) {
        self.note(&Step::Waited);
        match watching.take() {
            None => *watching = Some(self.gate.watch.subscribe(keys)),
            Some(mut subscription) => {
                let look_again = self.gate.clock.now().saturating_add(LOOK_AGAIN_MS).min(until);
                subscription.changed_or(self.gate.clock.sleep_until(look_again)).await;
                *watching = Some(self.gate.watch.subscribe(keys));
            }
        }
    }

    /// Somebody else changed the rows: a short pause of varying length, so that rivals do not stay in step.
    async fn conflicted(&self, now: u64, answer_by: u64) {
        self.note(&Step::Conflicted);
        let [pause] = fresh::<1>();
        self.gate.clock.sleep_until(now.saturating_add(u64::from(pause % 8)).min(answer_by)).await;
    }

    fn alarms(&self, alarms: &[Alarm]) {
        self.gate.alarms(&self.subject, alarms);
    }

    fn decline(&self, admission: &[u8], error: &LedgerError) -> Answer {
        self.failed(error);
        self.terms.seller.decline(admission).unwrap_or_else(|error| {
            self.failed(&error.into());
            unavailable()
        })
    }
}

fn take(work: &mut Assignment) -> Vec<Write> {
    std::mem::take(&mut work.commit)
}

/// What the call itself names.
fn name(subject: &mut Subject, event: &Event) {
    subject.order = event.text("order_id").unwrap_or_default().to_owned();
    subject.instance = match event.list("instance_ids") {
        [] => event.text("instance_id").unwrap_or_default().to_owned(),
        ids => ids.join(","),
    };
}
