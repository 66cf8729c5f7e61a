//! Carries out what a flow asks for: loads, commits, sends, waits. It knows no rule and no order of steps; the core does.

use std::future::ready;
use std::mem::take;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::flow::{Advance, Changed, Input, Note, Step as FlowStep};
use countersign_core::ledger::{Effect, Outcome, Settling, Write};
use countersign_core::{Answer, EventKind};
use countersign_ledger::{Outcome as Commit, Store, StoreError, Subscription};
use countersign_runtime::SellerError;

use super::deliver::Patience;
use super::rounds::LedgerError;
use super::sent::Sent;
use super::step::{Step, Subject};
use super::terms::Terms;
use super::time::{Clock, between};
use super::{Gate, unavailable};

/// A flow under way.
pub(super) struct Drive {
    gate: Arc<Gate>,
    terms: Arc<Terms>,
    pub(super) subject: Subject,
    /// The path of the request, for the log; empty where there is none.
    path: String,
    /// Owed works have places of their own, which the schedule keeps.
    is_owed: bool,
    /// A claim or a reservation held, and its effect was sent.
    pub(super) is_performed: bool,
    watching: Option<Subscription>,
    /// Why the last send did not end its effect.
    cause: Option<&'static str>,
    /// What went wrong last, in its own words.
    error: Option<LedgerError>,
}

/// The end of a flow.
pub(super) enum End {
    /// To be sent to the platform.
    Answer(Answer),
    /// Nobody waits; a change says what it did.
    Done(Option<Changed>),
}

/// Both clocks at the same moment.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub(super) now: u64,
    since: u64,
}

impl Moment {
    pub(super) fn of(clock: &dyn Clock) -> Self {
        Self { now: clock.now(), since: clock.monotonic() }
    }

    /// How long it is from now to a time of the wall clock that was given for this moment; `None`: for ever.
    fn until(self, time: u64, clock: &dyn Clock) -> Option<Duration> {
        let passed = Duration::from_millis(clock.monotonic().saturating_sub(self.since));
        (time < u64::MAX).then(|| between(self.now, time).saturating_sub(passed))
    }
}

/// What became of a step.
struct Told {
    input: Input,
    cause: Option<&'static str>,
    error: Option<LedgerError>,
}

impl From<Input> for Told {
    fn from(input: Input) -> Self {
        Self { input, cause: None, error: None }
    }
}

impl From<StoreError> for Told {
    fn from(error: StoreError) -> Self {
        let is_unknown = matches!(error, StoreError::Unknown { .. });
        let error = LedgerError::from(error);
        let code = error.code().to_owned();
        let input = if is_unknown { Input::Uncertain(code) } else { Input::Failed(code) };
        Self { input, cause: None, error: Some(error) }
    }
}

impl From<Sent> for Told {
    fn from(Sent { outcome, cause }: Sent) -> Self {
        Self { input: Input::Sent(outcome), cause, error: None }
    }
}

type UnderWay = Pin<Box<dyn Future<Output = Told> + Send>>;

impl Drive {
    pub(super) fn new(gate: &Arc<Gate>, terms: &Arc<Terms>, subject: Subject) -> Self {
        let (gate, terms) = (Arc::clone(gate), Arc::clone(terms));
        Self {
            gate,
            terms,
            subject,
            path: String::new(),
            is_owed: false,
            is_performed: false,
            watching: None,
            cause: None,
            error: None,
        }
    }

    pub(super) fn on_path(self, path: String) -> Self {
        Self { path, ..self }
    }

    pub(super) fn of_owed(self, accepted: Option<bool>) -> Self {
        let cause = accepted.map(|accepted| if accepted { "accepted" } else { "failed" });
        Self { is_owed: true, cause, ..self }
    }

    /// From the first step, given at this moment, to the end.
    pub(super) async fn run(&mut self, mut advance: Advance, mut at: Moment) -> End {
        loop {
            take(&mut advance.notes).into_iter().for_each(|note| self.note(note));
            if advance.promoted {
                self.gate.owed.notify_one();
            }
            let (mut under_way, until): (UnderWay, u64) = match advance.step {
                FlowStep::Answer(answer) => return End::Answer(answer),
                FlowStep::Done(changed) => return End::Done(changed),
                FlowStep::Load { keys, watch, until } => (self.load(keys, &watch), until),
                FlowStep::Commit { writes, until } => (self.commit(writes), until),
                FlowStep::Send { effect, until, give_up_at } => (self.send(effect, give_up_at, at), until),
                FlowStep::Wait { until } => (self.wait(until, at), u64::MAX),
            };
            let told = match at.until(until, &*self.gate.clock) {
                None => under_way.as_mut().await,
                Some(patience) => tokio::select! {
                    biased;
                    told = under_way.as_mut() => told,
                    () = self.gate.clock.sleep(patience) => {
                        Told { error: Some(LedgerError::Late), ..Input::Late.into() }
                    }
                },
            };
            let is_late = told.input == Input::Late;
            (advance, at) = match self.advance(&advance.flow, told) {
                Ok(next) => next,
                Err(error) => {
                    self.failed(&error.into());
                    return End::Answer(unavailable());
                }
            };
            if is_late {
                self.detach(take(&mut advance.detached), under_way);
            }
        }
    }

    /// Goes on with what became of the last step. What the engine cannot judge it can still decline.
    fn advance(&mut self, flow: &[u8], told: Told) -> Result<(Advance, Moment), SellerError> {
        let Told { input, cause, error } = told;
        self.cause = cause.or(self.cause);
        self.error = error.or(self.error.take());
        let about = match &input {
            Input::Sent(Outcome::Done(answer)) => answer.as_slice(),
            _ => &[],
        };
        let entropy = self.gate.entropy.draw(about);
        let at = Moment::of(&*self.gate.clock);
        let seller = &self.terms.seller;
        let advance = seller.advance(flow, &input, at.now, &entropy).or_else(|error| {
            let failed = Input::Failed(error.code().to_owned());
            self.error = Some(error.into());
            seller.advance(flow, &failed, at.now, &entropy)
        })?;
        Ok((advance, at))
    }

    /// What is under way goes on, although its flow did not wait for it.
    fn detach(&self, flow: Option<Vec<u8>>, under_way: UnderWay) {
        let mut rest = Self::new(&self.gate, &self.terms, self.subject.clone());
        rest.is_owed = self.is_owed;
        self.gate.tasks.spawn(async move {
            let told = under_way.await;
            let Some(flow) = flow else { return };
            match rest.advance(&flow, told) {
                Ok((advance, at)) => {
                    Box::pin(rest.run(advance, at)).await;
                }
                // The lease runs out and the same effect is sent again: nothing is lost.
                Err(error) => rest.failed(&error.into()),
            }
        });
    }

    fn load(&mut self, keys: Vec<String>, watch: &[String]) -> UnderWay {
        if !watch.is_empty() {
            self.watching = Some(self.gate.watch.subscribe(watch));
        }
        let store = Arc::clone(&self.gate.store);
        Box::pin(async move {
            match store.load(keys).await {
                Ok(rows) => Input::Loaded(rows).into(),
                Err(error) => error.into(),
            }
        })
    }

    fn commit(&self, writes: Vec<Write>) -> UnderWay {
        let store: Arc<dyn Store> = Arc::clone(&self.gate.store);
        Box::pin(async move {
            match store.commit(writes).await {
                Ok(Commit::Committed) => Input::Committed.into(),
                Ok(Commit::Conflict) => Input::Conflicted.into(),
                Err(error) => error.into(),
            }
        })
    }

    fn send(&self, effect: Effect, give_up_at: u64, at: Moment) -> UnderWay {
        let (gate, terms, subject) = (Arc::clone(&self.gate), Arc::clone(&self.terms), self.subject.clone());
        let patience = Patience { total: between(at.now, give_up_at), since: at.since };
        if self.is_owed {
            return Box::pin(
                async move { terms.backend.send(&subject, effect, patience.total).await.into() },
            );
        }
        Box::pin(async move { gate.deliver(&terms, &subject, effect, patience).await.into() })
    }

    fn wait(&mut self, until: u64, at: Moment) -> UnderWay {
        let sleep = match at.until(until, &*self.gate.clock) {
            Some(patience) => self.gate.clock.sleep(patience),
            None => Box::pin(ready(())),
        };
        match self.watching.take() {
            Some(mut subscription) => Box::pin(async move {
                subscription.changed_or(sleep).await;
                Input::Woken.into()
            }),
            None => Box::pin(async move {
                sleep.await;
                Input::Woken.into()
            }),
        }
    }

    fn step(&self, step: &Step) {
        self.gate.observer.step(&self.subject, step);
    }

    pub(super) fn failed(&self, error: &LedgerError) {
        self.step(&Step::Failed { code: error.code().to_string(), cause: error.to_string() });
    }

    /// Tells the observer, and learns from each note what the flow is about.
    fn note(&mut self, note: Note) {
        let step = match note {
            Note::Refused { reason, dialect, product } => {
                self.subject.dialect = dialect.unwrap_or_default();
                self.subject.product = product.unwrap_or_default();
                Step::Refused { reason, path: self.path.clone() }
            }
            Note::Admitted { dialect, product, event, test, order, instance } => {
                let request = take(&mut self.subject.request);
                self.subject = Subject { request, dialect, product, order, instance };
                Step::Admitted { event: EventKind::from_name(&event).map_or("", EventKind::name), test }
            }
            Note::Waited => Step::Waited,
            Note::Conflicted => Step::Conflicted,
            Note::Uncertain { code } => {
                let cause = self.error.as_ref().map(ToString::to_string).unwrap_or_default();
                Step::Uncertain { code, cause }
            }
            Note::Answered { instance, reason } => {
                self.learn(instance);
                Step::Answered { reason }
            }
            Note::Performed { effect, instance, order, attempt } => {
                self.is_performed = true;
                self.learn(Some(instance));
                self.subject.order = order;
                let last = self.gate.causes.last(&effect).or(self.cause.take());
                Step::Performed { effect, attempt, last }
            }
            Note::Asked { effect } => Step::Asked { effect },
            Note::OutOfTime => Step::OutOfTime,
            Note::Settled { effect, instance, settling, outcome, reason } => {
                self.learn(instance.filter(|_| self.subject.instance.is_empty()));
                let cause = self.cause.take();
                let outcome = name_of(&outcome);
                match settling {
                    Settling::Owed if outcome == Outcome::Running.name() => {}
                    Settling::Owed => {
                        let reason = reason.as_ref().map(|reason| reason.code.code());
                        self.gate.causes.failed(&effect, cause.or(reason).unwrap_or(outcome));
                    }
                    _ => self.gate.causes.ended(&effect),
                }
                Step::Settled { effect, outcome, cause, reason }
            }
            Note::Failed { code } => {
                let cause = self.error.as_ref().map_or_else(|| code.clone(), ToString::to_string);
                Step::Failed { code, cause }
            }
            Note::Alarm { code, instance, tenant } => {
                let subject = Subject { instance, ..self.subject.clone() };
                let alarm = Step::Alarm { code, detail: tenant };
                return self.gate.observer.step(&subject, &alarm);
            }
        };
        self.step(&step);
    }

    /// The instance that a decision names and the call did not.
    fn learn(&mut self, instance: Option<String>) {
        if let Some(instance) = instance.filter(|instance| !instance.is_empty()) {
            self.subject.instance = instance;
        }
    }

    /// What went wrong in a change that failed with this code.
    pub(super) fn error(&mut self, code: &str) -> LedgerError {
        self.error.take().filter(|error| error.code() == code).unwrap_or(LedgerError::Conflicts)
    }
}

/// The name of an outcome as the core has it.
fn name_of(outcome: &str) -> &'static str {
    let ended = [Outcome::Done(Vec::new()), Outcome::Accepted, Outcome::Failed, Outcome::Running];
    let known = ended.iter().map(Outcome::name).find(|name| *name == outcome);
    known.unwrap_or("refused")
}
