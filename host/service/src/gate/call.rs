//! One call of the platform: admitted, decided, carried out, settled, answered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use countersign_core::ledger::{Alarm, Assignment, Decision, Outcome, Write};
use countersign_core::wire::hex;
use countersign_core::{Admitted, Answer, Event, Verdict};
use countersign_ledger::Subscription;

use super::deliver::Patience;
use super::entropy::fresh;
use super::request::OwnedRequest;
use super::rounds::{self, LedgerError, Rounds};
use super::sent::Sent;
use super::step::{Step, Subject, path_of};
use super::terms::Terms;
use super::time::between;
use super::{Gate, unavailable};

/// One call on its way through the gate.
pub(super) struct Call {
    gate: Arc<Gate>,
    terms: Arc<Terms>,
    request_id: [u8; 16],
    subject: Mutex<Subject>,
    /// It waits for the store at this moment.
    in_store: AtomicBool,
}

/// Rounds of one call before it is declined: each is a load and a decision.
const MAX_ROUNDS: usize = 64;

/// Another process wakes nobody here: a waiter looks again after so long.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// So long before the deadline an answer is settled and committed.
const SETTLE: Duration = Duration::from_millis(100);

/// So long before the deadline an answer leaves whatever the store does.
const LAST_MOMENT: Duration = Duration::from_millis(20);

impl Call {
    pub(super) fn new(gate: Arc<Gate>, request_id: [u8; 16]) -> Self {
        let terms = gate.terms();
        let subject = Mutex::new(Subject::of(&hex::encode(&request_id)));
        Self { gate, terms, request_id, subject, in_store: AtomicBool::new(false) }
    }

    fn subject(&self) -> MutexGuard<'_, Subject> {
        self.subject.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, step: &Step) {
        let subject = self.subject().clone();
        self.gate.observer.step(&subject, step);
    }

    fn failed(&self, error: &LedgerError) {
        self.note(&Step::Failed { code: error.code().to_string(), cause: error.to_string() });
    }

    pub(super) async fn run(self, request: OwnedRequest) -> Answer {
        let now = self.gate.clock.now();
        match request.read(|request| self.terms.seller.admit(request, &self.request_id, now)) {
            Ok(Verdict::Refused(refusal)) => {
                {
                    let mut subject = self.subject();
                    subject.dialect = refusal.dialect.unwrap_or_default().into_owned();
                    subject.product = refusal.product.unwrap_or_default();
                }
                let path = path_of(&request.target);
                self.note(&Step::Refused { reason: refusal.reason, path });
                refusal.answer
            }
            Ok(Verdict::Admitted(admitted)) => {
                name(&mut self.subject(), &admitted);
                self.note(&Step::Admitted { event: admitted.event.kind.name(), test: admitted.test });
                Arc::new(self).answer_in_time(admitted, now).await
            }
            Err(error) => {
                self.failed(&error.into());
                unavailable()
            }
        }
    }

    /// The answer leaves by its deadline, whatever the store does: the platform is told to call again. What is under way
    /// goes on to its end: a commit may hold, a work may be sent and settled, and the next call finds them.
    async fn answer_in_time(self: Arc<Self>, admitted: Admitted, now: u64) -> Answer {
        let admission: Arc<[u8]> = admitted.admission.into();
        let patience = between(now, admitted.answer_by).saturating_sub(LAST_MOMENT);
        let deadline = self.gate.clock.sleep(patience);
        let (call, bytes) = (Arc::clone(&self), Arc::clone(&admission));
        let mut deciding = Box::pin(async move { call.decide(&bytes, &admitted.keys, patience).await });
        tokio::select! {
            biased;
            answer = &mut deciding => answer,
            () = deadline => {
                let in_store = self.in_store.load(Ordering::Relaxed);
                let error = if in_store { LedgerError::Late } else { LedgerError::Conflicts };
                let answer = self.decline(&admission, &error);
                self.gate.tasks.spawn(deciding);
                answer
            }
        }
    }

    async fn decide(&self, admission: &[u8], keys: &[String], patience: Duration) -> Answer {
        match self.rounds(admission, keys, patience).await {
            Ok(answer) => answer,
            Err(error) => self.decline(admission, &error),
        }
    }

    async fn rounds(
        &self,
        admission: &[u8],
        keys: &[String],
        patience: Duration,
    ) -> Result<Answer, LedgerError> {
        let (mut rows, mut rounds) = (Vec::new(), Rounds::of(MAX_ROUNDS));
        let mut wanted = keys.to_vec();
        let mut watching = None;
        loop {
            rounds.next()?;
            self.store(rounds::load(&*self.gate.store, wanted, &mut rows)).await?;
            let (now, since) = (self.gate.clock.now(), self.gate.clock.monotonic());
            let entropy = self.gate.entropy.draw(&[]);
            let (mut work, question) = match self.terms.seller.decide(admission, &rows, now, &entropy)? {
                Decision::Need { keys } => {
                    wanted = keys;
                    continue;
                }
                Decision::Wait { keys: changing, until } => {
                    self.wait(&changing, between(now, until), &mut watching).await;
                    (rows, wanted) = (Vec::new(), keys.to_vec());
                    continue;
                }
                Decision::Answer(mut answered) => {
                    if self.commit(&mut rounds, std::mem::take(&mut answered.commit)).await? {
                        self.learn(answered.instance);
                        self.alarms(&answered.alarms);
                        self.note(&Step::Answered { reason: answered.reason });
                        return Ok(answered.answer);
                    }
                    self.conflicted(patience).await;
                    (rows, wanted) = (Vec::new(), keys.to_vec());
                    continue;
                }
                Decision::Perform(work) => (work, false),
                Decision::Ask(work) => (work, true),
            };
            if self.commit(&mut rounds, std::mem::take(&mut work.commit)).await? {
                return self.perform(admission, work, question, (now, since)).await;
            }
            self.conflicted(patience).await;
            (rows, wanted) = (Vec::new(), keys.to_vec());
        }
    }

    /// Waits for the store, and says so while it does.
    async fn store<T>(&self, reply: impl Future<Output = T>) -> T {
        self.in_store.store(true, Ordering::Relaxed);
        let result = reply.await;
        self.in_store.store(false, Ordering::Relaxed);
        result
    }

    async fn commit(&self, rounds: &mut Rounds, writes: Vec<Write>) -> Result<bool, LedgerError> {
        Ok(self.store(rounds.commit(&*self.gate.store, writes)).await?)
    }

    /// Sends, and settles with what came back in time; what comes later is settled without this call. `now` and `since`
    /// are both clocks at the decision.
    async fn perform(
        &self,
        admission: &[u8],
        work: Assignment,
        question: bool,
        (now, since): (u64, u64),
    ) -> Result<Answer, LedgerError> {
        let Assignment { work: handle, effect, instance, attempt, answer_by, give_up_at, alarms, .. } = work;
        self.learn(Some(instance));
        self.alarms(&alarms);
        let id = effect.id.clone();
        self.note(&if question {
            Step::Asked { effect: id.clone() }
        } else {
            Step::Performed { effect: id.clone(), attempt, last: self.gate.causes.last(&id) }
        });
        let subject = self.subject().clone();
        let patience = Patience { total: between(now, give_up_at), since };
        let passed = Duration::from_millis(self.gate.clock.monotonic().saturating_sub(since));
        let until = between(now, if question { give_up_at } else { answer_by });
        let out_of_time = self.gate.clock.sleep(until.saturating_sub(SETTLE).saturating_sub(passed));
        let (gate, terms, about) = (Arc::clone(&self.gate), Arc::clone(&self.terms), subject.clone());
        let mut sending = Box::pin(async move { gate.deliver(&terms, &about, effect, patience).await });
        let sent = tokio::select! {
            biased;
            sent = &mut sending => sent,
            () = out_of_time => {
                self.note(&Step::OutOfTime);
                if !question {
                    let (gate, subject) = (Arc::clone(&self.gate), subject.clone());
                    let (handle, id) = (handle.clone(), id.clone());
                    self.gate.tasks.spawn(async move {
                        gate.finish(&handle, &id, sending.await, &subject).await;
                    });
                }
                Sent::from(Outcome::Running)
            }
        };
        let settling = self.gate.settle(&self.terms, &handle, Some(admission), &id, &sent, &subject);
        self.store(settling).await?.ok_or(LedgerError::Defect)
    }

    /// Waits for a change of one of these rows. The first time it only begins to watch: the rows may have changed
    /// between the load and now.
    async fn wait(&self, keys: &[String], until: Duration, watching: &mut Option<Subscription>) {
        self.note(&Step::Waited);
        if let Some(mut subscription) = watching.take() {
            subscription.changed_or(self.gate.clock.sleep(until.min(LOOK_AGAIN))).await;
        }
        *watching = Some(self.gate.watch.subscribe(keys));
    }

    /// Somebody else changed the rows: a short pause of varying length, so that rivals do not stay in step.
    async fn conflicted(&self, patience: Duration) {
        self.note(&Step::Conflicted);
        let [pause] = fresh::<1>();
        self.gate.clock.sleep(Duration::from_millis(u64::from(pause % 8)).min(patience)).await;
    }

    /// The instance that a decision names and the call did not.
    fn learn(&self, instance: Option<String>) {
        if let Some(instance) = instance.filter(|instance| !instance.is_empty()) {
            self.subject().instance = instance;
        }
    }

    fn alarms(&self, alarms: &[Alarm]) {
        let subject = self.subject().clone();
        self.gate.alarms(&subject, alarms);
    }

    fn decline(&self, admission: &[u8], error: &LedgerError) -> Answer {
        self.failed(error);
        self.terms.seller.decline(admission).unwrap_or_else(|error| {
            self.failed(&error.into());
            unavailable()
        })
    }
}

/// What the call itself names.
fn name(subject: &mut Subject, admitted: &Admitted) {
    let event: &Event = &admitted.event;
    subject.dialect = admitted.dialect.to_string();
    subject.product.clone_from(&admitted.product);
    subject.order = event.text("order_id").unwrap_or_default().to_owned();
    subject.instance = match event.list("instance_ids") {
        [] => event.text("instance_id").unwrap_or_default().to_owned(),
        ids => ids.join(","),
    };
}
