//! What an outcome changes, and what is answered for it.

use alloc::string::String;
use alloc::vec::Vec;

use super::access;
use super::admission::Admission;
use super::change;
use super::contract::Row;
use super::create;
use super::decide::{Scene, Verdict, answer};
use super::decision::{Alarm, Outcome, Settled, Settlement, Settling};
use super::key::{self, Space};
use super::queue::{self, Queue};
use super::row::{
    Access, Create, End, EndedWork, FORMAT, InstanceRow, Queued, RefusedOnce, Times, TokenRow, WorkRow,
};
use super::snapshot::{Changes, Snapshot, Stop};
use super::work::Handle;
use crate::crypto::Entropy;
use crate::detail::Detail;
use crate::dialect::{self, Dialect, Reply};
use crate::event::{Event, EventKind};
use crate::reason::{Reason, ReasonCode};
use crate::seller::Seller;

impl Seller {
    /// Settles a work or a question: what is to be committed and, with an admission, answered.
    ///
    /// A worker whose fencing token is no longer the row's settles nothing and answers from the rows.
    ///
    /// # Errors
    /// [`ReasonCode::MalformedWork`], [`ReasonCode::ForeignAdmission`], [`ReasonCode::NewerRow`],
    /// [`ReasonCode::CorruptRow`]; a question without its admission is [`ReasonCode::ForeignAdmission`].
    pub fn settle(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, ReasonCode> {
        let entropy = &Entropy::new(entropy);
        Settle { seller: self, outcome, now, entropy, observed: false }.settle(work, admission, rows)
    }

    /// Settles what somebody else carried out: an instance may be open whose access data nobody has told yet.
    pub(crate) fn settle_observed(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &Entropy,
    ) -> Result<Settlement, ReasonCode> {
        Settle { seller: self, outcome, now, entropy, observed: true }.settle(work, admission, rows)
    }

    /// Settles a work by its effect id alone: the backend reports it by itself. An answer beyond the platform's limits
    /// changes nothing.
    ///
    /// # Errors
    /// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about, [`ReasonCode::MalformedOutcome`] for an outcome
    /// that ends nothing or a refusal where none is possible, [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
    pub fn report(
        &self,
        effect_id: &str,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, Reason> {
        if !matches!(outcome, Outcome::Done(_) | Outcome::Refused { .. }) {
            return Err(ReasonCode::MalformedOutcome.into());
        }
        let entropy = &Entropy::new(entropy);
        let settling = Settle { seller: self, outcome, now, entropy, observed: false };
        match settling.work(effect_id, None, None, rows) {
            Ok(Settled { effect: Settling::Owed, reason, .. }) => {
                Err(reason.unwrap_or(ReasonCode::MalformedOutcome.into()))
            }
            Ok(settled) => Ok(Settlement::Settled(settled)),
            Err(Stop::Need(keys)) => Ok(Settlement::Need { keys }),
            Err(Stop::Fail(code)) => Err(code.into()),
        }
    }
}

pub(super) struct Settle<'a> {
    seller: &'a Seller,
    pub(super) outcome: &'a Outcome,
    now: u64,
    pub(super) entropy: &'a Entropy,
    /// Somebody else carried it out and said as much as he said.
    observed: bool,
}

/// What became of the work.
enum Fate {
    /// Over: done, with access data where the event brings them.
    Done(Option<Access>),
    Refused {
        code: String,
        message: String,
    },
    /// The backend does not know the instance either: it will not be adopted.
    Unknown,
    Accepted,
    Failed(Reason),
    Running,
}

impl Settle<'_> {
    fn settle(&self, work: &[u8], admission: Option<&[u8]>, rows: &[Row]) -> Result<Settlement, ReasonCode> {
        let handle = Handle::decode(work)?;
        let admission = admission.map(|bytes| Admission::decode(self.seller, bytes)).transpose()?;
        let settled = match (&handle, &admission) {
            (Handle::Question, Some(admission)) => self.question(admission, rows),
            (Handle::Question, None) => Err(ReasonCode::ForeignAdmission.into()),
            (Handle::Work { effect_id, token }, admission) => {
                self.work(effect_id, *token, admission.as_ref(), rows)
            }
        };
        match settled {
            Ok(settled) => Ok(Settlement::Settled(settled)),
            Err(Stop::Need(keys)) => Ok(Settlement::Need { keys }),
            Err(Stop::Fail(code)) => Err(code),
        }
    }

    fn work(
        &self,
        effect_id: &str,
        token: Option<u64>,
        admission: Option<&Admission<'_>>,
        rows: &[Row],
    ) -> Result<Settled, Stop> {
        let snapshot = Snapshot::new(rows, &[]);
        let work_key = key::work(effect_id);
        let work = match snapshot.get::<WorkRow>(&work_key)? {
            Some(work) if !work.queued && token.is_none_or(|token| token == work.token) => work,
            found => return self.too_late(effect_id, found.is_some() || token.is_some(), admission, rows),
        };
        let instance_key = key::instance(Space::Production, &work.product, &work.instance);
        let Some(instance) = snapshot.get::<InstanceRow>(&instance_key)? else {
            return Err(snapshot.again(&[work_key, instance_key]));
        };
        let event = Event::from_json(work.event.get().as_bytes()).ok_or(ReasonCode::CorruptRow)?;
        let dialect = dialect::by_name(&work.dialect);
        let mut changes = Changes::default();
        let mut alarms = Vec::new();
        let fate = self.fate(&work, &event, dialect, &instance);
        let mut queue = Queue::load(instance, &snapshot)?;
        let (effect, verdict) = match fate {
            Fate::Running => (Settling::Owed, None),
            Fate::Accepted | Fate::Failed(_) => {
                let mut work = work;
                queue::postpone(&mut work, matches!(fate, Fate::Accepted), self.now, &self.seller.settings);
                changes.put(work_key, &work);
                let reason = match fate {
                    Fate::Failed(reason) => Some(reason),
                    _ => None,
                };
                if reason.as_ref().is_some_and(|reason| reason.code == ReasonCode::BackendAnswerInvalid) {
                    alarms.push(Alarm {
                        code: "backend-answer-invalid".into(),
                        instance: queue.instance.id.clone(),
                    });
                }
                (Settling::Owed, reason)
            }
            Fate::Refused { code, message } => {
                if admission.is_none() && event.kind == EventKind::Subscribe {
                    alarms.push(Alarm {
                        code: "refused-after-pending".into(),
                        instance: queue.instance.id.clone(),
                    });
                }
                self.refuse(&mut queue, &event, &work, (code, message), &mut changes);
                changes.put(instance_key, &queue.instance);
                (Settling::Ended, None)
            }
            Fate::Unknown => {
                queue.finish(effect_id, End::Refused, self.now, &mut changes);
                queue.clear(self.now, &mut changes);
                changes.delete(instance_key);
                let token_key = key::token(&queue.instance.product, &queue.instance.id);
                let before = snapshot.get::<TokenRow>(&token_key)?.map_or(0, |left| left.token);
                let left = TokenRow { format: FORMAT, token: queue.instance.token.max(before) };
                changes.put(token_key, &left);
                (Settling::Ended, Some(ReasonCode::UnknownInstance.into()))
            }
            Fate::Done(access) => {
                let once = queue.instance.queue.iter().find(|queued| queued.id == effect_id);
                let once = once.map(|queued| queued.once.clone()).unwrap_or_default();
                if event.kind == EventKind::Subscribe || queue.instance.create == Create::Adopting {
                    queue.instance.create = Create::Completed;
                    queue.instance.access = access;
                }
                change::apply(&mut queue.instance, &event, &once, &work);
                queue.finish(effect_id, End::Done, self.now, &mut changes);
                changes.put(instance_key, &queue.instance);
                (Settling::Ended, None)
            }
        };
        let commit =
            if matches!(self.outcome, Outcome::Running) { Vec::new() } else { snapshot.commit(changes) };
        let (reply, reason) = match (admission, effect) {
            (None, _) => (None, verdict),
            (Some(admission), _) => {
                let (reply, reason) = self.reply(admission, &queue.instance, verdict)?;
                (Some(answer(admission, &reply, self.entropy)), reason)
            }
        };
        let promoted = effect == Settling::Ended && !queue.instance.queue.is_empty();
        let instance = Some(queue.instance.id);
        Ok(Settled { answer: reply, instance, commit, effect, promoted, reason, alarms })
    }

    /// What the outcome means for this work: an answer that the platform would not take is a failure, and so is a
    /// refusal where the protocol has none.
    fn fate(
        &self,
        work: &WorkRow,
        event: &Event,
        dialect: Option<&dyn Dialect>,
        instance: &InstanceRow,
    ) -> Fate {
        match self.outcome {
            Outcome::Running => Fate::Running,
            Outcome::Accepted => Fate::Accepted,
            Outcome::Failed => Fate::Failed(ReasonCode::BackendFailed.into()),
            Outcome::Refused { code, .. }
                if instance.create == Create::Adopting
                    && code == ReasonCode::UnknownInstance.result_code() =>
            {
                Fate::Unknown
            }
            Outcome::Refused { code, message } => {
                let may = matches!(event.kind, EventKind::Subscribe | EventKind::Upgrade);
                let known = dialect.is_some_and(|dialect| dialect.instances().takes_refusal(code));
                if self.observed || may && known {
                    Fate::Refused { code: code.clone(), message: cut(message) }
                } else {
                    let cause = Detail::cause(if may { "unknown-code" } else { "no-refusal-here" });
                    let reason = Reason::about(ReasonCode::BackendFailed, "code").with(cause);
                    Fate::Failed(reason.with_any(Detail::found(code)))
                }
            }
            Outcome::Done(_) if !brings_access(event, instance) => Fate::Done(None),
            Outcome::Done(body) => {
                let revision = instance.access.as_ref().map_or(0, |access| access.revision);
                let encrypts = self.seller.encrypts_credentials(&work.product, Some(&work.dialect));
                match access::read(body, encrypts, revision, self.entropy) {
                    Ok(access) => Fate::Done(Some(access)),
                    Err(_) if self.observed => Fate::Done(None),
                    Err(reason) => Fate::Failed(reason),
                }
            }
        }
    }

    fn refuse(
        &self,
        queue: &mut Queue,
        event: &Event,
        work: &WorkRow,
        (code, message): (String, String),
        changes: &mut Changes,
    ) {
        let place = queue.instance.queue.iter().find(|queued| queued.id == work.id).cloned();
        if event.kind == EventKind::Subscribe {
            queue.instance.create = Create::Refused { code, message, at: self.now };
            // Calls that came for an instance that will not be: none of them happened, and none overtakes another.
            queue.finish(&work.id, End::Refused, self.now, changes);
            queue.clear(self.now, changes);
            queue.instance.frozen = None;
            queue.instance.requested = None;
            queue.instance.times = Times::default();
            return;
        }
        queue.finish(&work.id, End::Refused, self.now, changes);
        let Some(Queued { once, before, .. }) = place else { return };
        if let Some(before) = before {
            queue.instance.take_back(event.kind, before);
        }
        let recorded_at = work.recorded_at();
        queue.instance.refused.retain(|refusal| refusal.once != once);
        queue.instance.refused.push(RefusedOnce { once, code, message, at: self.now, recorded_at });
    }

    /// What the call that began the work gets.
    fn reply(
        &self,
        admission: &Admission<'_>,
        instance: &InstanceRow,
        failure: Option<Reason>,
    ) -> Result<(Reply, Option<Reason>), Stop> {
        if let Some(reason) = failure {
            return Ok((Reply::code(reason.code.result_code()), Some(reason)));
        }
        let unfinished = admission.rules().unfinished();
        let kind = admission.call.event.kind;
        let open = |is: &dyn Fn(&Queued) -> bool| instance.queue.iter().any(is);
        let (reply, code) = match (kind, &instance.create) {
            (EventKind::Subscribe, Create::Completed) => (create::completed(admission, instance), None),
            (EventKind::Subscribe, Create::Refused { code, message, .. }) => {
                (Reply::said(code, message), Some(ReasonCode::BackendRefused))
            }
            (EventKind::Subscribe, Create::Reserved | Create::Adopting) => {
                (create::unfinished(admission, instance), Some(ReasonCode::InProgress))
            }
            (EventKind::Renew | EventKind::Upgrade, _) => {
                let once = change::identity(&admission.call.event);
                if let Some(refusal) = instance.refused.iter().find(|refusal| refusal.once == once) {
                    (Reply::said(&refusal.code, &refusal.message), Some(ReasonCode::BackendRefused))
                } else if instance.done.contains(&once) {
                    (Reply::success(), None)
                } else {
                    (Reply::code(unfinished.change), Some(ReasonCode::InProgress))
                }
            }
            (kind, _) if open(&|queued| queued.is(kind)) => {
                (Reply::code(unfinished.change), Some(ReasonCode::InProgress))
            }
            _ => (Reply::success(), None),
        };
        Ok((reply, code.map(Reason::from)))
    }

    /// Somebody else settled the work, or another call made it void.
    fn too_late(
        &self,
        effect_id: &str,
        was_known: bool,
        admission: Option<&Admission<'_>>,
        rows: &[Row],
    ) -> Result<Settled, Stop> {
        if let Some(admission) = admission {
            return self.read_only(admission, rows);
        }
        let snapshot = Snapshot::new(rows, &[]);
        let ended = snapshot.get::<EndedWork>(&key::report(effect_id))?;
        let effect = match (ended.as_ref().map(|ended| ended.end), self.outcome) {
            (Some(End::Done), Outcome::Done(_)) | (Some(End::Refused), Outcome::Refused { .. }) => {
                Settling::Repeated
            }
            (Some(_), _) => Settling::Superseded,
            (None, _) if was_known => Settling::Superseded,
            (None, _) => Settling::Unknown,
        };
        Ok(Settled {
            answer: None,
            instance: ended.map(|ended| ended.instance),
            commit: Vec::new(),
            effect,
            promoted: false,
            reason: None,
            alarms: Vec::new(),
        })
    }

    /// Answers from the rows and changes nothing.
    fn read_only(&self, admission: &Admission<'_>, rows: &[Row]) -> Result<Settled, Stop> {
        let first: Vec<String> = Vec::new();
        let snapshot = Snapshot::new(rows, &first);
        let scene = self.scene(admission, &snapshot);
        let (reply, reason) = match scene.verdict()? {
            Verdict::Reply { reply, reason, .. } => (reply, reason),
            _ => {
                let code = admission.rules().unfinished().change;
                (Reply::code(code), Some(ReasonCode::InProgress.into()))
            }
        };
        let answer = Some(answer(admission, &reply, self.entropy));
        Ok(Settled {
            answer,
            instance: scene.named(&reply),
            commit: Vec::new(),
            effect: Settling::Superseded,
            promoted: false,
            reason,
            alarms: Vec::new(),
        })
    }

    pub(super) fn scene<'b>(&'b self, admission: &'b Admission<'b>, snapshot: &'b Snapshot<'b>) -> Scene<'b> {
        Scene {
            settings: &self.seller.settings,
            admission,
            snapshot,
            now: self.now,
            entropy: self.entropy,
            adopts: self.seller.adopts(&admission.route.product),
            given_id: None,
        }
    }
}

/// Whether the backend's 200 carries access data: when it opened the instance, and when it says that it knows one that
/// is to be adopted. One that it released has none any more.
fn brings_access(event: &Event, instance: &InstanceRow) -> bool {
    match instance.create {
        Create::Adopting => event.kind != EventKind::Release,
        _ => event.kind == EventKind::Subscribe,
    }
}

/// The longest message of the platform, characters.
const MESSAGE_LIMIT: usize = 255;

pub(super) fn cut(message: &str) -> String {
    message.chars().take(MESSAGE_LIMIT).collect()
}
