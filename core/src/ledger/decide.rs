//! The decision about an admitted call, over the rows that the host loaded.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::admission::Admission;
use super::contract::Row;
use super::decision::{Alarm, Answered, Assignment, Decision};
use super::key;
use super::queue::{self, Join, Owner, Queue, Waiter};
use super::row::{FORMAT, InstanceRow, Queued, ReplayRow, TokenRow, WorkRow};
use super::snapshot::{Changes, Snapshot, Stop};
use super::{change, create, probe, query};
use crate::answer::Answer;
use crate::crypto::Entropy;
use crate::dialect::Reply;
use crate::event::{Datum, Event, EventKind};
use crate::reason::{Reason, ReasonCode};
use crate::seller::{Seller, Settings};

/// What one decision is about.
pub(crate) struct Scene<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) admission: &'a Admission<'a>,
    pub(crate) snapshot: &'a Snapshot<'a>,
    pub(crate) now: u64,
    pub(crate) entropy: &'a Entropy,
    /// Whether an instance of the product may have had a row before, which a failed adoption took away again.
    pub(crate) adopts: bool,
    /// The id that somebody else gave the instance which this call opens.
    pub(crate) given_id: Option<&'a str>,
}

/// What a decision comes to, before it is made an answer.
pub(crate) enum Verdict {
    Reply { reply: Reply, changes: Changes, reason: Option<Reason>, alarms: Vec<Alarm> },
    Wait { keys: Vec<String>, until: u64 },
    Perform { assignment: Assignment, changes: Changes },
    Ask { assignment: Assignment, changes: Changes },
}

impl Verdict {
    /// A success without any change.
    pub(crate) fn success() -> Self {
        Self::reply(Reply::success())
    }

    pub(crate) fn reply(reply: Reply) -> Self {
        Self::Reply { reply, changes: Changes::default(), reason: None, alarms: Vec::new() }
    }

    /// A result code and the operator's reason for it.
    pub(crate) fn refuse(reason: ReasonCode) -> Self {
        Self::refuse_with(Reply::code(reason.result_code()), reason)
    }

    pub(crate) fn refuse_with(reply: Reply, reason: ReasonCode) -> Self {
        Self::Reply { reply, changes: Changes::default(), reason: Some(reason.into()), alarms: Vec::new() }
    }

    /// The same with these changes before its own. A wait changes nothing.
    pub(crate) fn changing(mut self, mut before: Changes) -> Self {
        match &mut self {
            Self::Reply { changes, .. } | Self::Perform { changes, .. } | Self::Ask { changes, .. } => {
                before.extend(core::mem::take(changes));
                *changes = before;
            }
            Self::Wait { .. } => {}
        }
        self
    }

    pub(crate) fn alarm(mut self, more: Option<Alarm>) -> Self {
        match &mut self {
            Self::Reply { alarms, .. } => alarms.extend(more),
            Self::Perform { assignment, .. } | Self::Ask { assignment, .. } => assignment.alarms.extend(more),
            Self::Wait { .. } => {}
        }
        self
    }
}

impl Seller {
    /// Decides what is to be done with an admitted call.
    ///
    /// `rows` are the rows that were loaded so far, with the admission's keys among them; a key of the admission that
    /// is missing counts as absent. `entropy` is 32 fresh bytes.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`], [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`]; the host then declines the
    /// call.
    pub fn decide(
        &self,
        admission: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Decision, ReasonCode> {
        let admission = Admission::decode(self, admission)?;
        let first = admission.keys();
        let snapshot = Snapshot::new(rows, &first);
        let entropy = Entropy::new(entropy);
        let scene = Scene {
            settings: &self.settings,
            admission: &admission,
            snapshot: &snapshot,
            now,
            entropy: &entropy,
            adopts: self.adopts(&admission.route.product),
            given_id: None,
        };
        match scene.decide() {
            Ok(decision) => Ok(decision),
            Err(Stop::Need(keys)) => Ok(Decision::Need { keys }),
            Err(Stop::Fail(code)) => Err(code),
        }
    }

    /// The answer when nothing else can be said: the platform will call again.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`].
    pub fn decline(&self, admission: &[u8]) -> Result<Answer, ReasonCode> {
        let admission = Admission::decode(self, admission)?;
        Ok(admission.route.endpoint.refuse(Some(admission.call.context), ReasonCode::Internal))
    }
}

/// The bytes of a reply, signed and encrypted as the call was.
pub(crate) fn answer(admission: &Admission<'_>, reply: &Reply, entropy: &Entropy) -> Answer {
    admission.route.endpoint.answer(admission.call.context, reply, entropy)
}

impl Scene<'_> {
    fn decide(&self) -> Result<Decision, Stop> {
        let mut replay = Changes::default();
        if let Some(refusal) = self.check_replay(&mut replay)? {
            return Ok(refusal);
        }
        let verdict = self.verdict()?;
        let commit = |mut changes: Changes| {
            changes.extend(replay);
            self.snapshot.commit(changes)
        };
        Ok(match verdict {
            Verdict::Wait { keys, until } => Decision::Wait { keys, until },
            Verdict::Reply { reply, changes, reason, alarms } => Decision::Answer(Answered {
                answer: answer(self.admission, &reply, self.entropy),
                instance: self.named(&reply),
                commit: commit(changes),
                reason,
                alarms,
            }),
            Verdict::Perform { assignment, changes } => {
                Decision::Perform(Assignment { commit: commit(changes), ..assignment })
            }
            Verdict::Ask { assignment, changes } => {
                Decision::Ask(Assignment { commit: commit(changes), ..assignment })
            }
        })
    }

    /// The verdict alone, without regard to replays: a settlement that came too late answers from it.
    pub(crate) fn verdict(&self) -> Result<Verdict, Stop> {
        if self.admission.call.test {
            return probe::decide(self);
        }
        match self.admission.call.event.kind {
            EventKind::Subscribe => create::decide(self),
            EventKind::QueryInstances => query::decide(self),
            EventKind::CheckChange => query::check_change(self),
            _ => change::decide(self),
        }
    }

    /// Signed bytes are taken once. The request that wrote the row recognises it after an uncertain commit.
    pub(crate) fn check_replay(&self, changes: &mut Changes) -> Result<Option<Decision>, Stop> {
        let Some(replay) = self.admission.call.replay else { return Ok(None) };
        let key = key::replay(&replay.signature);
        match self.snapshot.get::<ReplayRow>(&key)? {
            Some(row) if row.request == self.admission.request => return Ok(None),
            // Not compared with the clock: a signature is made once, and a clock that steps makes no bytes new.
            Some(_) => {
                let reply = Reply::code(self.admission.result_code(ReasonCode::Replayed));
                return Ok(Some(Decision::Answer(Answered {
                    answer: answer(self.admission, &reply, self.entropy),
                    instance: self.named(&reply),
                    commit: Vec::new(),
                    reason: Some(ReasonCode::Replayed.into()),
                    alarms: Vec::new(),
                })));
            }
            None => {}
        }
        let until = replay.fresh_until.saturating_add(REPLAY_MARGIN_MS);
        let row = ReplayRow { format: FORMAT, request: self.admission.request.clone(), until };
        changes.put_until(key, &row, until);
        Ok(None)
    }

    /// The instance that an answer names, or else the call.
    pub(crate) fn named(&self, reply: &Reply) -> Option<String> {
        let named = match reply {
            Reply::Created { instance_id, .. } => instance_id,
            _ => self.admission.text("instance_id"),
        };
        Some(named).filter(|id| !id.is_empty()).map(ToString::to_string)
    }

    /// When the answer must have left.
    pub(crate) fn answer_by(&self) -> u64 {
        self.admission.received_at.saturating_add(self.admission.route.policy.answer_within_ms)
    }

    pub(crate) fn instance(&self, instance_id: &str) -> Result<Option<InstanceRow>, Stop> {
        self.snapshot.get(&self.admission.instance_key(instance_id))
    }

    /// Where the fencing tokens of an instance begin that has no row.
    pub(crate) fn first_token(&self, instance_id: &str) -> Result<u64, Stop> {
        if !self.adopts {
            return Ok(0);
        }
        let left: Option<TokenRow> =
            self.snapshot.get(&key::token(&self.admission.route.product, instance_id))?;
        Ok(left.map_or(0, |left| left.token))
    }

    pub(crate) fn instance_key(&self, instance: &InstanceRow) -> String {
        self.admission.instance_key(&instance.id)
    }

    /// A work for this call; what it says is put into it with its place in the queue.
    fn new_work(&self, instance_id: &str, recorded_at: Option<u64>) -> WorkRow {
        let route = self.admission.route;
        WorkRow {
            format: FORMAT,
            id: self.entropy.uuid("effect"),
            product: route.product.clone(),
            path: route.path.clone(),
            dialect: route.dialect.name().to_string(),
            instance: instance_id.to_string(),
            event: Default::default(),
            signed_at: self.admission.call.signed_at,
            created_at: self.now,
            recorded_at,
            queued: false,
            token: 0,
            owner: None,
            leased_until: None,
            sends: 0,
            next_at: self.now,
            last: None,
        }
    }

    /// Appends a work for this call and either has it performed at once or answers that it is not finished.
    pub(crate) fn append(
        &self,
        mut queue: Queue,
        reservation: Reservation,
        mut changes: Changes,
        unfinished: Verdict,
    ) -> Verdict {
        let Reservation { once, before, recorded_at } = reservation;
        let work = self.new_work(&queue.instance.id, recorded_at);
        let event = effect_event(&self.admission.call.event, &queue.instance.id);
        let queued = Queued { id: work.id.clone(), kind: event.kind.name().to_string(), once, before };
        let owner = Owner { request: &self.admission.request, now: self.now, settings: self.settings };
        let leased = queue.append(work, event, queued, &owner, &mut changes);
        changes.put(self.instance_key(&queue.instance), &queue.instance);
        match leased {
            Some(work) => Verdict::Perform {
                assignment: queue::assignment(&work, self.now, self.answer_by(), self.settings),
                changes,
            },
            None => unfinished.changing(changes),
        }
    }

    /// What a call gets whose work exists already.
    pub(crate) fn join(&self, instance: &InstanceRow, work: &WorkRow, unfinished: Verdict) -> Verdict {
        let admission = self.admission;
        let waiter = Waiter {
            request: &admission.request,
            received_at: admission.received_at,
            answer_by: self.answer_by(),
        };
        match queue::join(work, &waiter, self.now, self.settings) {
            Join::Mine => Verdict::Perform {
                assignment: queue::assignment(work, self.now, self.answer_by(), self.settings),
                changes: Changes::default(),
            },
            Join::Wait(until) => {
                Verdict::Wait { keys: Vec::from([key::work(&work.id), self.instance_key(instance)]), until }
            }
            Join::Unfinished => unfinished,
            Join::Failed => Verdict::refuse(ReasonCode::BackendFailed),
            Join::TakeUp => {
                let mut work = work.clone();
                queue::claim(&mut work, &admission.request, self.now, self.settings);
                let mut changes = Changes::default();
                changes.put(key::work(&work.id), &work);
                let assignment = queue::assignment(&work, self.now, self.answer_by(), self.settings);
                Verdict::Perform { assignment, changes }
            }
        }
    }
}

/// How a call stands among those of its instance.
#[derive(Debug, Default)]
pub(crate) struct Reservation {
    /// The identity of a renewal or an upgrade.
    pub(crate) once: String,
    /// The time of its field before.
    pub(crate) before: Option<u64>,
    /// The time under which it counts; by default the lesser of signed time and now.
    pub(crate) recorded_at: Option<u64>,
}

/// A replay row outlives the window by ten minutes: no row is deleted sooner, and clocks of several hosts differ.
const REPLAY_MARGIN_MS: u64 = 600_000;

/// The event as the backend gets it: with the ledger's instance id.
pub(crate) fn effect_event(event: &Event, instance_id: &str) -> Event {
    let mut event = event.clone();
    event.set("instance_id", Datum::Text(instance_id.to_string()));
    event
}
