//! Updates and deletes: in the order of the id that the backend gave.

use alloc::string::{String, ToString};

use super::message::{data_of, digest_of, is_refusal};
use crate::detail::Detail;
use crate::dialect::Reply;
use crate::event::{AccountEvent, Datum, Event, EventKind};
use crate::ledger::admission::Admission;
use crate::ledger::context::DecisionContext;
use crate::ledger::decision::{Outcome, cut};
use crate::ledger::ending::{self, Fate, Sent, SubjectRow};
use crate::ledger::lane::{Lane, LaneRow, Queued};
use crate::ledger::queue::{Reservation, Works};
use crate::ledger::row::{AccountRow, End, EndedCall, NamedRow, RefusedCall, SECOND_FORMAT, TakenIn};
use crate::ledger::ruling::Ruling;
use crate::ledger::snapshot::{Changes, Snapshot, Stop};
use crate::ledger::subject::Subject;
use crate::ledger::{instant, key, reserve};
use crate::reason::{Reason, ReasonCode};
use crate::wire::json;

/// How many ends are remembered for those who were waiting for them.
const REMEMBERED: usize = 8;

/// Sent with the message as it came, also about an id that the ledger does not know.
pub(super) fn update(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let mut row = AccountRow::of(context)?;
    let operation_id = digest_of(&admission.call.event, "");
    let is_same = |queued: &Queued| queued.operation_id == operation_id;
    if row.lane.has(is_same) {
        let works = Works::load(&row.lane, context.snapshot)?;
        let Some(work) = works.find(&row.lane, is_same) else { return Err(ReasonCode::CorruptRow.into()) };
        return reserve::join(context, &row, work, unfinished());
    }
    let ended = row.ended.iter().find(|ended| ended.operation_id == operation_id);
    if let Some(ended) = ended.filter(|ended| instant::is_since(ended.at, admission.received_at, context.now))
    {
        return Ok(match &ended.refused {
            Some(RefusedCall { code, message, .. }) => {
                Ruling::refuse_with(Reply::refusal(code, message), ReasonCode::BackendRefused)
            }
            None => Ruling::reply(data_of(&row.id)),
        });
    }
    if row.is_overtaken(context) {
        return Ok(Ruling::reply(data_of(&row.id)));
    }
    row.note_time(context);
    let mut event = admission.call.event.clone();
    if is_disabled(&event) {
        row.end_sessions(&mut event);
    }
    let reservation = Reservation { operation_id, ..Reservation::default() };
    Ok(reserve::append(
        context,
        &mut row,
        Works::default(),
        reservation,
        event,
        Changes::default(),
        unfinished(),
    ))
}

/// The account is gone as soon as the call is taken in; the backend is told after the answer.
pub(super) fn delete(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let mut row = AccountRow::of(context)?;
    if row.deleted == Some(true) || row.is_overtaken(context) {
        return Ok(Ruling::success());
    }
    row.note_time(context);
    row.deleted = Some(true);
    let mut changes = Changes::default();
    if let Some(name) = &row.name {
        let key = key::named(&row.product, row.organization, name);
        if let Some(mut named) = context.snapshot.get::<NamedRow>(&key)?
            && named.id.as_ref() == Some(&row.id)
        {
            named.deleted = Some(true);
            changes.put(key, &named);
        }
    }
    let mut event = context.admission.call.event.clone();
    row.end_sessions(&mut event);
    reserve::owe(context, &mut row, Reservation::default(), event, &mut changes);
    row.put(&mut changes);
    Ok(Ruling::success().changing(changes))
}

fn unfinished() -> Ruling {
    Ruling::refuse(ReasonCode::InProgress)
}

fn is_disabled(event: &Event) -> bool {
    let Some(Datum::Json(message)) = event.get("message") else { return false };
    let document = json::read_own(message.as_bytes());
    let disabled = document.as_ref().ok().and_then(|document| document.value().get("disabled"));
    disabled.is_some_and(|value| value.as_bool() == Some(true) || value.as_str() == Some("true"))
}

impl AccountRow {
    /// The row of an id, or one of which nothing is known.
    pub(super) fn load(
        snapshot: &Snapshot<'_>,
        product: &str,
        id: &str,
        organization: bool,
    ) -> Result<Self, Stop> {
        let subject = Subject::of_account(id, organization);
        let found = snapshot.get(&subject.key(product))?;
        Ok(found.unwrap_or_else(|| Self {
            format: SECOND_FORMAT,
            product: product.into(),
            id: id.into(),
            organization,
            name: None,
            time: 0,
            deleted: None,
            lane: Lane::default(),
            ended: alloc::vec::Vec::new(),
        }))
    }

    /// The row of the id that the call names.
    fn of(context: &DecisionContext<'_>) -> Result<Self, Stop> {
        let admission = context.admission;
        let organization =
            matches!(admission.call.event.kind, EventKind::Account(kind) if kind.is_organization());
        Self::load(context.snapshot, &admission.route.product, admission.text("id"), organization)
    }

    /// Whether the call was signed before the last that is recorded. Of a call whose time nobody can judge that is never so.
    fn is_overtaken(&self, context: &DecisionContext<'_>) -> bool {
        let signed_at = context.admission.call.signed_at;
        let is_bogus =
            instant::is_future(self.time, context.now) && !instant::is_future(signed_at, context.now);
        signed_at != 0 && signed_at < self.time && !is_bogus
    }

    fn note_time(&mut self, context: &DecisionContext<'_>) {
        let signed_at = context.admission.call.signed_at;
        if signed_at != 0 {
            self.time = signed_at.min(context.now);
        }
    }

    /// Whoever works with the account now may not go on.
    fn end_sessions(&self, event: &mut Event) {
        if self.organization {
            return;
        }
        let mut out = alloc::vec::Vec::from(*br#"{"scope":"users","users":["#);
        json::push_string(&mut out, &self.id);
        out.extend_from_slice(b"]}");
        event.set("end_sessions", Datum::Json(String::from_utf8(out).unwrap_or_default()));
    }
}

impl LaneRow for AccountRow {
    fn subject(&self) -> Subject {
        Subject::of_account(&self.id, self.organization)
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

    /// The message says all that there is to say.
    fn complete(&self, _: &mut Event, _: TakenIn) {}

    fn put(&self, changes: &mut Changes) {
        changes.put(self.key(), self);
    }
}

impl SubjectRow for AccountRow {
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        let kind = sent.work.event.kind();
        let deletes =
            matches!(kind, EventKind::Account(AccountEvent::Delete | AccountEvent::OrganizationDelete));
        let refused = match sent.context.outcome {
            // Nobody is left to be deleted.
            Outcome::Refused { code, .. } if deletes && code == "404" => None,
            _ if deletes => return Ok(ending::of_outbox(self, sent)),
            Outcome::Done(_) => None,
            Outcome::Refused { code, message } if is_refusal(code) => {
                let (code, message) = (code.clone(), cut(message));
                Some(RefusedCall { code, message, at: sent.context.now })
            }
            Outcome::Refused { code, .. } => {
                let reason =
                    Reason::about(ReasonCode::BackendFailed, "code").with(Detail::cause("unknown-code"));
                return Ok(Fate::Failed(reason.with_any(Detail::found(code))));
            }
            Outcome::Accepted => return Ok(Fate::Accepted),
            Outcome::Failed => return Ok(Fate::Failed(ReasonCode::BackendFailed.into())),
            Outcome::Running => return Ok(Fate::Running),
        };
        let operation_id = self.lane.get(&sent.work.id).map(|queued| queued.operation_id.clone());
        if refused.is_some() && !sent.is_awaited {
            sent.alarm("effect-refused");
        }
        let end = if refused.is_some() { End::Refused } else { End::Done };
        sent.finish(self, end);
        if !deletes {
            let at = sent.context.now;
            self.ended.push(EndedCall { operation_id: operation_id.unwrap_or_default(), at, refused });
            if self.ended.len() > REMEMBERED {
                self.ended.remove(0);
            }
        }
        self.put(&mut sent.changes);
        Ok(Fate::Over(None))
    }

    fn reply(&self, admission: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        let operation_id = digest_of(&admission.call.event, "");
        let ended = self.ended.iter().rev().find(|ended| ended.operation_id == operation_id);
        if self.lane.has(|queued| queued.operation_id == operation_id) {
            return (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress));
        }
        match ended.and_then(|ended| ended.refused.as_ref()) {
            Some(refused) => {
                (Reply::refusal(&refused.code, &refused.message), Some(ReasonCode::BackendRefused))
            }
            None => (data_of(&self.id), None),
        }
    }
}

impl Subject {
    fn of_account(id: &str, organization: bool) -> Self {
        if organization { Self::Organization(id.to_string()) } else { Self::Account(id.to_string()) }
    }
}
