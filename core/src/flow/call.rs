//! A call, from the request to the send or the answer.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::bound::{LAST_MOMENT_MS, LONGEST_PAUSE_MS, LOOK_AGAIN_MS, NEVER, SETTLE_MS};
use super::note::Note;
use super::state::{Flow, Head, Settling, State, Then};
use super::step::{Advance, Input, Step};
use super::turn::{Turn, merge};
use crate::admit::{Admitted, Refusal, Verdict};
use crate::crypto::Entropy;
use crate::ledger::{Assignment, Change, Decision, Outcome, Row, WORK_PREFIX, Write, settlement_keys};
use crate::reason::ReasonCode;
use crate::request::Request;
use crate::seller::Seller;

impl Seller {
    /// Judges one HTTP request and begins its flow; see [`Seller::admit`](crate::Seller::admit) for the arguments.
    #[must_use]
    pub fn begin(&self, request: &Request<'_>, request_id: &[u8; 16], now: u64) -> Advance {
        match self.admit(request, request_id, now) {
            Verdict::Refused(refusal) => {
                let Refusal { reason, dialect, product, answer, authenticated: _ } = refusal;
                let note = Note::Refused { reason, dialect: dialect.map(Cow::into_owned), product };
                Advance {
                    flow: Vec::new(),
                    step: Step::Answer(answer),
                    notes: Vec::from([note]),
                    promoted: false,
                    detached: None,
                }
            }
            Verdict::Admitted(admitted) => {
                let notes = Vec::from([admitted_note(&admitted)]);
                let Admitted { admission, keys, answer_by, .. } = admitted;
                let head = Head { admission, keys: keys.clone(), answer_by, ..Head::unanswered() };
                let until = answer_by.saturating_sub(LAST_MOMENT_MS);
                let step = Step::Load { keys, watch: Vec::new(), until };
                let flow = Flow::encode(&head, &State::Deciding { rows: Vec::new() }, self);
                Advance { flow, step, notes, promoted: false, detached: None }
            }
        }
    }
}

fn admitted_note(admitted: &Admitted) -> Note {
    let event = &admitted.event;
    Note::Admitted {
        dialect: admitted.dialect.to_string(),
        product: admitted.product.clone(),
        event: event.kind.name().to_string(),
        test: admitted.test,
        order: event.text("order_id").unwrap_or_default().to_string(),
        instance: match event.list("instance_ids") {
            [] => event.text("instance_id").or(event.text("license")).unwrap_or_default().to_string(),
            ids => ids.join(","),
        },
    }
}

impl Turn<'_> {
    /// Rows have come for a decision.
    pub(super) fn decide(mut self, mut rows: Vec<Row>, input: Input) -> Result<Advance, ReasonCode> {
        match input {
            Input::Loaded(loaded) => merge(&mut rows, loaded),
            Input::Failed(code) => return self.decline(&code),
            Input::Late => return self.late(None),
            _ => return Err(ReasonCode::MalformedFrame),
        }
        let decision = match self.seller.decide(&self.head.admission, &rows, self.now, self.entropy) {
            Ok(decision) => decision,
            Err(ReasonCode::ForeignAdmission) => return Err(ReasonCode::ForeignAdmission),
            Err(code) => return self.decline(code.code()),
        };
        match decision {
            Decision::Need { keys } => self.load(keys, Vec::new(), rows),
            // The rows may have changed between the load and now: the first time the flow only begins to watch.
            Decision::Wait { keys, until: _ } if self.is_first_wait(&keys) => {
                self.notes.push(Note::Waited);
                self.head.watching.clone_from(&keys);
                let first = self.head.keys.clone();
                self.load(first, keys, Vec::new())
            }
            Decision::Wait { keys, until } => {
                self.notes.push(Note::Waited);
                let until = self.now.saturating_add(LOOK_AGAIN_MS).min(until);
                self.go(&State::Pausing { watch: keys }, Step::Wait { until })
            }
            Decision::Answer(mut answered) => {
                let writes = core::mem::take(&mut answered.commit);
                let owes = writes.iter().any(is_new_work);
                self.reserve(Then::Answer { answered, owes }, writes)
            }
            Decision::Perform(mut work) => {
                let writes = core::mem::take(&mut work.commit);
                self.reserve(Then::Perform(work), writes)
            }
            Decision::Ask(mut question) => {
                let writes = core::mem::take(&mut question.commit);
                self.reserve(Then::Ask(question), writes)
            }
        }
    }

    fn is_first_wait(&self, keys: &[String]) -> bool {
        self.head.watching != keys
    }

    fn reserve(self, then: Then, writes: Vec<Write>) -> Result<Advance, ReasonCode> {
        if writes.is_empty() {
            return self.proceed(then);
        }
        let until = self.deadline();
        self.go(&State::Reserving { then: Box::new(then) }, Step::Commit { writes, until })
    }

    /// The commit of the decision is over.
    pub(super) fn reserved(mut self, then: Then, input: Input) -> Result<Advance, ReasonCode> {
        match input {
            Input::Committed => self.proceed(then),
            // A claim: whoever was faster has it, and a lease that nobody knows of runs out.
            Input::Conflicted if self.head.admission.is_empty() => self.end(Step::Done(None)),
            Input::Uncertain(code) if self.head.admission.is_empty() => {
                self.notes.push(Note::Uncertain { code });
                self.end(Step::Done(None))
            }
            Input::Conflicted => {
                self.notes.push(Note::Conflicted);
                self.head.cause = None;
                self.pause()
            }
            Input::Uncertain(code) => match self.uncertain(code) {
                Some(code) => self.decline(&code),
                None => self.pause(),
            },
            Input::Failed(code) => self.decline(&code),
            // The reservation may hold yet: then the work is sent, although its call was told to come again.
            Input::Late => {
                let goes_on =
                    matches!(then, Then::Perform(_)).then(|| State::Reserving { then: Box::new(then) });
                self.late(goes_on)
            }
            _ => Err(ReasonCode::MalformedFrame),
        }
    }

    /// A short pause of varying length before the rows are loaded anew.
    fn pause(self) -> Result<Advance, ReasonCode> {
        let [draw] = Entropy::new(self.entropy).bytes::<1>("pause");
        let pause = u64::from(draw).checked_rem(LONGEST_PAUSE_MS).unwrap_or_default();
        let until = self.now.saturating_add(pause).min(self.head.answer_by);
        self.go(&State::Pausing { watch: Vec::new() }, Step::Wait { until })
    }

    /// The wait or the pause is over.
    pub(super) fn woken(mut self, watch: Vec<String>, input: &Input) -> Result<Advance, ReasonCode> {
        match input {
            Input::Woken if self.now < self.deadline() => {}
            Input::Woken => {
                let code = self.give_up();
                return self.decline(&code);
            }
            Input::Failed(code) => return self.decline(code),
            _ => return Err(ReasonCode::MalformedFrame),
        }
        self.head.watching.clone_from(&watch);
        let keys = self.head.keys.clone();
        self.load(keys, watch, Vec::new())
    }

    fn load(mut self, keys: Vec<String>, watch: Vec<String>, rows: Vec<Row>) -> Result<Advance, ReasonCode> {
        if let Some(code) = self.next_round() {
            return self.decline(&code);
        }
        let until = self.deadline();
        self.go(&State::Deciding { rows }, Step::Load { keys, watch, until })
    }

    /// What a decision comes to, once it is durable.
    fn proceed(mut self, then: Then) -> Result<Advance, ReasonCode> {
        match then {
            Then::Answer { answered, owes } => {
                self.alarms(&answered.alarms);
                self.notes.push(Note::Answered { instance: answered.instance, reason: answered.reason });
                let advance = self.end(Step::Answer(answered.answer))?;
                // Answered first; whoever looks for what is owed then finds it at once.
                Ok(Advance { promoted: owes, ..advance })
            }
            Then::Perform(work) => {
                self.notes.push(performed(&work));
                self.send(work, false)
            }
            Then::Ask(question) => {
                self.notes.push(Note::Asked { effect: question.effect.id.clone() });
                self.send(question, true)
            }
        }
    }

    pub(super) fn send(mut self, work: Assignment, question: bool) -> Result<Advance, ReasonCode> {
        self.alarms(&work.alarms);
        let Assignment { work, effect, answer_by, give_up_at, .. } = work;
        let keys = settlement_keys(&work);
        let until = match (self.head.admission.is_empty(), question) {
            (true, _) => NEVER,
            (false, true) => give_up_at.saturating_sub(SETTLE_MS),
            (false, false) => answer_by.saturating_sub(SETTLE_MS),
        };
        let state = State::Sending { work, effect: effect.id.clone(), keys, question };
        self.go(&state, Step::Send { effect, until, give_up_at })
    }

    /// The send is over, or the answer cannot wait for it any longer.
    pub(super) fn sent(
        mut self,
        work: Vec<u8>,
        effect: String,
        keys: Vec<String>,
        question: bool,
        input: Input,
    ) -> Result<Advance, ReasonCode> {
        match input {
            Input::Sent(outcome) => self.begin_settling(work, effect, keys, outcome, None),
            Input::Failed(code) => self.decline(&code),
            Input::Late => {
                self.notes.push(Note::OutOfTime);
                let detached = (!question).then(|| {
                    let (work, effect, keys) = (work.clone(), effect.clone(), keys.clone());
                    let state = State::Sending { work, effect, keys, question };
                    Flow::encode(&Head::unanswered(), &state, self.seller)
                });
                self.begin_settling(work, effect, keys, Outcome::Running, detached)
            }
            _ => Err(ReasonCode::MalformedFrame),
        }
    }

    fn begin_settling(
        self,
        work: Vec<u8>,
        effect: String,
        keys: Vec<String>,
        outcome: Outcome,
        detached: Option<Vec<u8>>,
    ) -> Result<Advance, ReasonCode> {
        let entropy = Vec::from(*self.entropy);
        let settling = Settling { work, effect, keys, outcome, entropy, rows: Vec::new() };
        let advance = self.load_for_settlement(settling)?;
        Ok(Advance { detached, ..advance })
    }
}

/// A call that is answered leaves its work to whoever looks for what is owed.
fn is_new_work(write: &Write) -> bool {
    write.key.starts_with(WORK_PREFIX) && write.expect.is_none() && matches!(write.change, Change::Put { .. })
}

pub(super) fn performed(work: &Assignment) -> Note {
    Note::Performed {
        effect: work.effect.id.clone(),
        instance: work.instance.clone(),
        order: work.order.clone(),
        attempt: work.attempt,
    }
}
