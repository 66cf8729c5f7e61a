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
use super::license::{self, Issued};
use super::row::{Access, Create, End, FORMAT, InstanceRow, RefusedOperation, TakenIn, Times, TokenRow};
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::detail::Detail;
use crate::dialect::{self, Delivery, InstanceReply, InstanceRules, Reply};
use crate::event::{Datum, Event, InstanceEvent};
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

/// What a backend's success brings with it.
enum Brought {
    Nothing,
    Access(Option<Access>),
    /// The licence of the order.
    License(String),
    /// A licence of the instance.
    Issued(Issued),
}

/// What an outcome means for an instance.
enum Judgement {
    /// It is done, with what the event brings.
    Done(Brought),
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
        // No other works stand in the lane of an instance.
        let kind = sent.work.event.kind().about_instances().ok_or(ReasonCode::CorruptRow)?;
        match judge(self, kind, sent) {
            Judgement::Owed(fate) => return Ok(fate),
            Judgement::Done(brought) => done(self, sent, brought)?,
            Judgement::Refused { code, message } => refuse(self, kind, sent, code, message),
            Judgement::Unknown => {
                forget(self, sent)?;
                return Ok(Fate::Over(Some(ReasonCode::UnknownInstance.into())));
            }
        }
        self.put(&mut sent.changes);
        Ok(Fate::Over(None))
    }

    fn reply(&self, admission: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        // Nobody waits for a work of an instance who did not call about one.
        let Some(kind) = admission.call.event.kind.about_instances() else {
            return (Reply::failure(ReasonCode::Internal), Some(ReasonCode::Internal));
        };
        if admission.call.event.opens_instance() {
            return match &self.create {
                Create::Completed => (create::completed(self), None),
                Create::Refused { code, message, .. } => {
                    (Reply::refusal(code, message), Some(ReasonCode::BackendRefused))
                }
                Create::Reserved | Create::Adopting => {
                    (Reply::creating(&self.id), Some(ReasonCode::InProgress))
                }
            };
        }
        match kind {
            InstanceEvent::Renew | InstanceEvent::Upgrade | InstanceEvent::IssueLicense => {
                let is_license = kind == InstanceEvent::IssueLicense;
                let event = &admission.call.event;
                let operation_id =
                    if is_license { license::identity(event) } else { change::identity(event) };
                let refusal = self.refused.iter().find(|refusal| refusal.operation_id == operation_id);
                if let Some(refusal) = refusal {
                    (Reply::refusal(&refusal.code, &refusal.message), Some(ReasonCode::BackendRefused))
                } else if self.done.contains(&operation_id) {
                    (Reply::success(), None)
                } else if is_license {
                    (Reply::Instance(InstanceReply::NoneYet), Some(ReasonCode::InProgress))
                } else {
                    (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress))
                }
            }
            InstanceEvent::Freeze | InstanceEvent::Unfreeze | InstanceEvent::Release
                if self.lane.has(|queued| queued.is(kind)) =>
            {
                (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress))
            }
            InstanceEvent::Freeze | InstanceEvent::Unfreeze | InstanceEvent::Release => {
                (Reply::success(), None)
            }
            // Nobody owes a read, and whoever opens an instance has been answered above.
            InstanceEvent::Subscribe | InstanceEvent::CheckChange | InstanceEvent::QueryInstances => {
                (Reply::failure(ReasonCode::Internal), Some(ReasonCode::Internal))
            }
        }
    }
}

/// An answer that the platform would not take is a failure, and so is a refusal where the protocol has none.
fn judge(instance: &InstanceRow, kind: InstanceEvent, sent: &Sent<'_>) -> Judgement {
    let (context, work) = (sent.context, sent.work);
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
            let may = matches!(
                kind,
                InstanceEvent::Subscribe | InstanceEvent::Upgrade | InstanceEvent::IssueLicense
            );
            let known = dialect::by_name(&work.dialect)
                .and_then(|dialect| dialect.instances())
                .is_some_and(|rules| rules.takes_refusal(kind, code));
            if context.observed || may && known {
                Judgement::Refused { code: code.clone(), message: cut(message) }
            } else {
                let cause = Detail::cause(if may { "unknown-code" } else { "no-refusal-here" });
                let reason = Reason::about(ReasonCode::BackendFailed, "code").with(cause);
                Judgement::Owed(Fate::Failed(reason.with_any(Detail::found(code))))
            }
        }
        Outcome::Done(body) => match brought(instance, kind, sent, body) {
            Ok(brought) => Judgement::Done(brought),
            Err(_) if context.observed => Judgement::Done(Brought::Nothing),
            Err(reason) => Judgement::Owed(Fate::Failed(reason)),
        },
    }
}

/// What the backend's 200 carries: when it opened the instance, when it says that it knows one that is to be adopted, and
/// when it issued a licence. One that it released has no access data any more.
fn brought(
    instance: &InstanceRow,
    kind: InstanceEvent,
    sent: &Sent<'_>,
    body: &[u8],
) -> Result<Brought, Reason> {
    let (context, work) = (sent.context, sent.work);
    let opens = opens(instance, kind);
    if kind == InstanceEvent::IssueLicense && !opens {
        return Ok(Brought::Issued(license::read_issued(body)?));
    }
    let adopts = instance.create == Create::Adopting && kind != InstanceEvent::Release;
    if !opens && !adopts {
        return Ok(Brought::Nothing);
    }
    let rules = dialect::by_name(&work.dialect).and_then(|dialect| dialect.instances());
    let revision = instance.access.as_ref().map_or(0, |access| access.revision);
    let encrypts = context.seller.encrypts_credentials(&work.product, Some(&work.dialect));
    Ok(match rules.map_or(Delivery::Access, InstanceRules::delivers) {
        Delivery::Access => Brought::Access(Some(access::read(body, encrypts, revision, context.entropy)?)),
        Delivery::AccessIfAny => {
            Brought::Access(access::read_any(body, encrypts, revision, context.entropy)?)
        }
        Delivery::License if opens => Brought::License(license::read(body)?),
        Delivery::License | Delivery::Nothing => Brought::Nothing,
    })
}

/// Whether a work of this kind opens the instance: until it has, no other licence than that of its order is issued.
fn opens(instance: &InstanceRow, kind: InstanceEvent) -> bool {
    kind == InstanceEvent::Subscribe
        || kind == InstanceEvent::IssueLicense && instance.create == Create::Reserved
}

fn done(instance: &mut InstanceRow, sent: &mut Sent<'_>, brought: Brought) -> Result<(), Stop> {
    let event = sent.work.event.parse()?;
    let operation_id =
        instance.lane.get(&sent.work.id).map(|queued| queued.operation_id.clone()).unwrap_or_default();
    if event.opens_instance() || instance.create == Create::Adopting {
        instance.create = Create::Completed;
    }
    match brought {
        Brought::Nothing => {}
        Brought::Access(access) => instance.access = access,
        Brought::License(license) => instance.license = Some(license),
        Brought::Issued(issued) => {
            license::record(instance, &event, &operation_id, issued, sent)?;
        }
    }
    // Before the next work comes to the front: the phase that it names counts from here.
    change::apply(instance, as_move(&event, sent.work.taken_in()), &operation_id);
    sent.finish(instance, End::Done);
    Ok(())
}

fn refuse(
    instance: &mut InstanceRow,
    kind: InstanceEvent,
    sent: &mut Sent<'_>,
    code: String,
    message: String,
) {
    let at = sent.context.now;
    if opens(instance, kind) {
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
