//! An instance as a subject: what its works say to the backend, and what their ends mean for it.

use alloc::string::{String, ToString};

use super::access;
use super::admission::Admission;
use super::change;
use super::create;
use super::decision::{Outcome, cut};
use super::ending::{Fate, Sent, SubjectRow};
use super::key;
use super::lane::{Lane, LaneRow, Queued};
use super::row::{Access, Create, End, FORMAT, InstanceRow, RefusedOperation, TakenIn, Times, TokenRow};
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::detail::Detail;
use crate::dialect::{self, Reply};
use crate::event::{Datum, Event, EventKind, InstanceEvent};
use crate::lifecycle::Move;
use crate::reason::{Reason, ReasonCode};

impl LaneRow for InstanceRow {
    fn subject(&self) -> Subject {
        Subject::Instance(self.id.clone())
    }

    fn product(&self) -> &str {
        &self.product
    }

    fn lane(&self) -> &Lane {
        &self.lane
    }

    fn lane_mut(&mut self) -> &mut Lane {
        &mut self.lane
    }

    /// The phase in which the ledger will be when the work is carried out, and, where the instance is not adopted yet, that
    /// the backend is asked whether it knows it. Works behind it need not ask: once they are sent it does.
    fn complete(&self, event: &mut Event, taken_in: TakenIn) {
        let phase = self.state().after(as_move(event, taken_in)).phase();
        event.set("phase", Datum::Text(phase.name().to_string()));
        if self.create == Create::Adopting {
            event.set("adopted", Datum::Flag(true));
        }
    }

    fn put(&self, changes: &mut Changes) {
        changes.put(self.key(), self);
    }
}

fn as_move(event: &Event, taken_in: TakenIn) -> Move<'_> {
    Move { event, taken_in_at: taken_in.at, recorded_at: taken_in.recorded_at }
}

/// What an outcome means for an instance.
enum Judgement {
    /// It is done, with access data where the event brings them.
    Done(Option<Access>),
    Refused {
        code: String,
        message: String,
    },
    /// The backend does not know the instance either: it will not be adopted.
    Unknown,
    /// The work stays owed.
    Owed(Fate),
}

impl SubjectRow for InstanceRow {
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        match judge(self, sent) {
            Judgement::Owed(fate) => return Ok(fate),
            Judgement::Done(access) => done(self, sent, access)?,
            Judgement::Refused { code, message } => refuse(self, sent, code, message),
            Judgement::Unknown => {
                forget(self, sent)?;
                return Ok(Fate::Over(Some(ReasonCode::UnknownInstance.into())));
            }
        }
        self.put(&mut sent.changes);
        Ok(Fate::Over(None))
    }

    fn reply(&self, admission: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        let EventKind::Instance(kind) = admission.call.event.kind else {
            return (Reply::failure(ReasonCode::Internal), Some(ReasonCode::Internal));
        };
        match (kind, &self.create) {
            (InstanceEvent::Subscribe, Create::Completed) => (create::completed(self), None),
            (InstanceEvent::Subscribe, Create::Refused { code, message, .. }) => {
                (Reply::refusal(code, message), Some(ReasonCode::BackendRefused))
            }
            (InstanceEvent::Subscribe, Create::Reserved | Create::Adopting) => {
                (Reply::creating(&self.id), Some(ReasonCode::InProgress))
            }
            (InstanceEvent::Renew | InstanceEvent::Upgrade, _) => {
                let operation_id = change::identity(&admission.call.event);
                let refusal = self.refused.iter().find(|refusal| refusal.operation_id == operation_id);
                if let Some(refusal) = refusal {
                    (Reply::refusal(&refusal.code, &refusal.message), Some(ReasonCode::BackendRefused))
                } else if self.done.contains(&operation_id) {
                    (Reply::success(), None)
                } else {
                    (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress))
                }
            }
            (InstanceEvent::Freeze | InstanceEvent::Unfreeze | InstanceEvent::Release, _)
                if self.lane.has(|queued| queued.is(kind)) =>
            {
                (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress))
            }
            (InstanceEvent::Freeze | InstanceEvent::Unfreeze | InstanceEvent::Release, _) => {
                (Reply::success(), None)
            }
            // Nobody owes a read.
            (InstanceEvent::CheckChange | InstanceEvent::QueryInstances, _) => {
                (Reply::failure(ReasonCode::Internal), Some(ReasonCode::Internal))
            }
        }
    }
}

/// An answer that the platform would not take is a failure, and so is a refusal where the protocol has none.
fn judge(instance: &InstanceRow, sent: &Sent<'_>) -> Judgement {
    let (context, work) = (sent.context, sent.work);
    let EventKind::Instance(kind) = work.event.kind() else { return Judgement::Unknown };
    match context.outcome {
        Outcome::Running => Judgement::Owed(Fate::Running),
        Outcome::Accepted => Judgement::Owed(Fate::Accepted),
        Outcome::Failed => Judgement::Owed(Fate::Failed(ReasonCode::BackendFailed.into())),
        Outcome::Refused { code, .. }
            if instance.create == Create::Adopting && code == ReasonCode::UnknownInstance.result_code() =>
        {
            Judgement::Unknown
        }
        Outcome::Refused { code, message } => {
            let may = matches!(kind, InstanceEvent::Subscribe | InstanceEvent::Upgrade);
            let known = dialect::by_name(&work.dialect)
                .and_then(|dialect| dialect.instances())
                .is_some_and(|rules| rules.takes_refusal(code));
            if context.observed || may && known {
                Judgement::Refused { code: code.clone(), message: cut(message) }
            } else {
                let cause = Detail::cause(if may { "unknown-code" } else { "no-refusal-here" });
                let reason = Reason::about(ReasonCode::BackendFailed, "code").with(cause);
                Judgement::Owed(Fate::Failed(reason.with_any(Detail::found(code))))
            }
        }
        Outcome::Done(_) if !brings_access(kind, instance) => Judgement::Done(None),
        Outcome::Done(body) => {
            let revision = instance.access.as_ref().map_or(0, |access| access.revision);
            let encrypts = context.seller.encrypts_credentials(&work.product, Some(&work.dialect));
            match access::read(body, encrypts, revision, context.entropy) {
                Ok(access) => Judgement::Done(Some(access)),
                Err(_) if context.observed => Judgement::Done(None),
                Err(reason) => Judgement::Owed(Fate::Failed(reason)),
            }
        }
    }
}

/// Whether the backend's 200 carries access data: when it opened the instance, and when it says that it knows one that
/// is to be adopted. One that it released has none any more.
fn brings_access(kind: InstanceEvent, instance: &InstanceRow) -> bool {
    match instance.create {
        Create::Adopting => kind != InstanceEvent::Release,
        _ => kind == InstanceEvent::Subscribe,
    }
}

fn done(instance: &mut InstanceRow, sent: &mut Sent<'_>, access: Option<Access>) -> Result<(), Stop> {
    let event = sent.work.event.parse()?;
    let operation_id =
        instance.lane.get(&sent.work.id).map(|queued| queued.operation_id.clone()).unwrap_or_default();
    if event.kind == InstanceEvent::Subscribe || instance.create == Create::Adopting {
        instance.create = Create::Completed;
        instance.access = access;
    }
    // Before the next work comes to the front: the phase that it names counts from here.
    change::apply(instance, as_move(&event, sent.work.taken_in()), &operation_id);
    sent.finish(instance, End::Done);
    Ok(())
}

fn refuse(instance: &mut InstanceRow, sent: &mut Sent<'_>, code: String, message: String) {
    let at = sent.context.now;
    let EventKind::Instance(kind) = sent.work.event.kind() else { return };
    if kind == InstanceEvent::Subscribe {
        if !sent.is_awaited {
            sent.alarm("refused-after-pending");
        }
        instance.create = Create::Refused { code, message, at };
        // Calls that came for an instance that will not be: none of them happened, and none overtakes another.
        sent.finish(instance, End::Refused);
        sent.clear(instance);
        instance.frozen = None;
        instance.requested = None;
        instance.times = Times::default();
        return;
    }
    let place = instance.lane.get(&sent.work.id).cloned();
    sent.finish(instance, End::Refused);
    let Some(Queued { operation_id, before, .. }) = place else { return };
    if let Some(before) = before {
        instance.take_back(kind, before);
    }
    let recorded_at = sent.work.taken_in().recorded_at;
    instance.refused.retain(|refusal| refusal.operation_id != operation_id);
    instance.refused.push(RefusedOperation { operation_id, code, message, at, recorded_at });
}

/// An adoption failed: the row goes, as if nobody had ever called. Its tokens stay, since a backend may remember the highest
/// that it saw, and a later instance of the same id must not begin below it.
fn forget(instance: &mut InstanceRow, sent: &mut Sent<'_>) -> Result<(), Stop> {
    sent.finish(instance, End::Refused);
    sent.clear(instance);
    sent.changes.delete(instance.key());
    let key = key::token(&instance.product, &instance.id);
    let before = sent.snapshot.get::<TokenRow>(&key)?.map_or(0, |left| left.token);
    let left = TokenRow { format: FORMAT, token: instance.lane.token.max(before) };
    sent.changes.put(key, &left);
    Ok(())
}
