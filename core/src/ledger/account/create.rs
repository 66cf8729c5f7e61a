//! Creates: one account for a username, one organisation for a code, whatever nonce the call has.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::message::{data_of, digest_of, is_refusal};
use crate::detail::Detail;
use crate::dialect::Reply;
use crate::event::{Datum, EventKind};
use crate::ledger::access::{Fault, document, misspelt};
use crate::ledger::admission::Admission;
use crate::ledger::context::{DecisionContext, SettlementContext};
use crate::ledger::contract::Row;
use crate::ledger::decision::{Alarm, Assignment, Outcome, Settled, Settling, cut};
use crate::ledger::lane::LaneRow;
use crate::ledger::row::{AccountRow, Last, NamedRow, Pending, RefusedCall, SECOND_FORMAT};
use crate::ledger::ruling::Ruling;
use crate::ledger::snapshot::{Changes, Snapshot, Stop};
use crate::ledger::work::Handle;
use crate::ledger::{effect, instant, key};
use crate::reason::{Reason, ReasonCode};
use crate::wire::json::Value;

/// The longest id of a backend, characters (workbench C.5: String(50)).
pub(in crate::ledger) const ID: usize = 50;

pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let key = admission.named_key();
    let found: Option<NamedRow> = context.snapshot.get(&key)?;
    let row = found.unwrap_or_else(|| NamedRow {
        format: SECOND_FORMAT,
        product: admission.route.product.clone(),
        name: admission.account_name().to_string(),
        id: None,
        digest: None,
        deleted: None,
        pending: None,
        token: 0,
        refused: None,
    });
    let digest = digest_of(&admission.call.event, "password");
    if let Some(pending) = &row.pending {
        return Ok(join(context, key, &row, pending.clone(), digest));
    }
    // Whoever was waiting takes the outcome of the create that it joined; any other call runs again.
    let is_news = |at: u64| instant::is_since(at, admission.received_at, context.now);
    if let Some(refused) = row.refused.as_ref().filter(|refused| is_news(refused.at)) {
        let reply = Reply::refusal(&refused.code, &refused.message);
        return Ok(Ruling::refuse_with(reply, ReasonCode::BackendRefused));
    }
    match &row.id {
        Some(id) if row.deleted != Some(true) && row.digest.as_ref() == Some(&digest) => {
            Ok(Ruling::reply(data_of(id)))
        }
        _ => {
            let pending = Pending {
                effect: context.entropy.uuid("effect"),
                digest,
                created_at: context.now,
                owner: None,
                leased_until: None,
                sends: 0,
                last: None,
            };
            Ok(send(context, key, row, pending))
        }
    }
}

/// A call that meets a create under its name that has not ended.
fn join(
    context: &DecisionContext<'_>,
    key: String,
    row: &NamedRow,
    pending: Pending,
    digest: String,
) -> Ruling {
    let (admission, now) = (context.admission, context.now);
    let until = pending.leased_until.map(|until| instant::end(until, context.settings.lease_ms, now));
    if let Some(until) = until.filter(|until| *until > now) {
        let waits = admission.received_at.saturating_add(context.settings.duplicate_wait_ms);
        let patience = waits.min(context.answer_by());
        return if pending.owner.as_ref() == Some(&admission.request) {
            // Its own reservation: an earlier commit of it held.
            perform(context, key, row, &pending, Changes::default())
        } else if now < patience && !instant::is_future(admission.received_at, now) {
            Ruling::Wait { keys: Vec::from([key]), until: until.min(patience) }
        } else {
            Ruling::refuse(ReasonCode::InProgress)
        };
    }
    match pending.last {
        // The send that the call was waiting for did not end the create.
        Some(last) if instant::is_since(last.at, admission.received_at, now) => {
            Ruling::refuse(if last.accepted { ReasonCode::InProgress } else { ReasonCode::BackendFailed })
        }
        // The same effect, with the message that this call brings.
        _ => send(context, key, row.clone(), Pending { digest, ..pending }),
    }
}

/// Leases the create to this call; the lease is durable before anything is sent.
fn send(context: &DecisionContext<'_>, key: String, mut row: NamedRow, mut pending: Pending) -> Ruling {
    pending.owner = Some(context.admission.request.clone());
    pending.leased_until = Some(context.now.saturating_add(context.settings.lease_ms));
    pending.sends = pending.sends.saturating_add(1);
    row.token = row.token.saturating_add(1);
    row.refused = None;
    row.pending = Some(pending.clone());
    let mut changes = Changes::default();
    changes.put(key.clone(), &row);
    perform(context, key, &row, &pending, changes)
}

fn perform(
    context: &DecisionContext<'_>,
    key: String,
    row: &NamedRow,
    pending: &Pending,
    changes: Changes,
) -> Ruling {
    let admission = context.admission;
    let mut event = admission.call.event.clone();
    match &row.id {
        Some(id) if row.deleted == Some(true) => event.set("previous_id", Datum::Text(id.clone())),
        Some(id) => event.set("id", Datum::Text(id.clone())),
        None => {}
    }
    let effect = effect::of_event(
        admission.route,
        &pending.effect,
        event.kind.name(),
        &row.name,
        &event.to_json(),
        pending.created_at,
        row.token,
    );
    let assignment = Assignment {
        work: Handle::Named { key, effect_id: pending.effect.clone(), token: row.token }.encode(),
        effect,
        instance: String::new(),
        order: String::new(),
        attempt: pending.sends,
        commit: Vec::new(),
        answer_by: context.answer_by(),
        give_up_at: context.now.saturating_add(context.settings.effect_deadline_ms),
        alarms: Vec::new(),
    };
    Ruling::Perform { assignment, changes }
}

/// How one send of a create ended.
struct Ended {
    reply: Reply,
    reason: Option<Reason>,
    effect: Settling,
    alarm: Option<&'static str>,
}

impl Ended {
    /// It did not: the next call sends it again.
    fn not(reason: impl Into<Reason>) -> Self {
        let reason = reason.into();
        let alarm = (reason.code == ReasonCode::BackendAnswerInvalid).then_some("backend-answer-invalid");
        Self { reply: Reply::failure(reason.code), reason: Some(reason), effect: Settling::Asked, alarm }
    }
}

/// Settles a create that was sent under this effect id and token.
pub(crate) fn settle(
    context: &SettlementContext<'_>,
    key: &str,
    effect_id: &str,
    token: u64,
    admission: Option<&Admission<'_>>,
    rows: &[Row],
) -> Result<Settled, Stop> {
    let snapshot = Snapshot::new(rows, &[]);
    let found: Option<NamedRow> = snapshot.get(key)?;
    let current = found.filter(|row| {
        row.token == token && row.pending.as_ref().is_some_and(|pending| pending.effect == effect_id)
    });
    let Some(mut row) = current else { return too_late(context, admission, rows) };
    let mut changes = Changes::default();
    let ended = end(context, &snapshot, &mut row, key, &mut changes)?;
    changes.put(key.to_string(), &row);
    let is_running = matches!(context.outcome, Outcome::Running);
    let alarm =
        |code: &'static str| Alarm { code: code.into(), instance: String::new(), tenant: String::new() };
    Ok(Settled {
        answer: admission.map(|admission| admission.answer(&ended.reply, context.entropy)),
        instance: None,
        commit: if is_running { Vec::new() } else { snapshot.commit(changes) },
        effect: ended.effect,
        promoted: false,
        reason: ended.reason,
        alarms: ended.alarm.map(alarm).into_iter().collect(),
    })
}

fn end(
    context: &SettlementContext<'_>,
    snapshot: &Snapshot<'_>,
    row: &mut NamedRow,
    key: &str,
    changes: &mut Changes,
) -> Result<Ended, Stop> {
    let is_over = match context.outcome {
        Outcome::Running => return Ok(Ended::not(ReasonCode::InProgress)),
        Outcome::Accepted => Err(Reason::from(ReasonCode::InProgress)),
        Outcome::Failed => Err(ReasonCode::BackendFailed.into()),
        Outcome::Refused { code, .. } if !is_refusal(code) => {
            let reason = Reason::about(ReasonCode::BackendFailed, "code").with(Detail::cause("unknown-code"));
            Err(reason.with_any(Detail::found(code)))
        }
        Outcome::Refused { code, message } => {
            let (code, message) = (code.clone(), cut(message));
            row.pending = None;
            row.refused = Some(RefusedCall { code: code.clone(), message: message.clone(), at: context.now });
            return Ok(Ended {
                reply: Reply::refusal(&code, &message),
                reason: Some(ReasonCode::BackendRefused.into()),
                effect: Settling::Ended,
                alarm: None,
            });
        }
        Outcome::Done(body) => read_id(body),
    };
    let given = match is_over {
        Ok(id) => id,
        Err(reason) => {
            if let Some(pending) = &mut row.pending {
                pending.owner = None;
                pending.leased_until = None;
                let accepted = matches!(context.outcome, Outcome::Accepted);
                pending.last = Some(Last { at: context.now, accepted });
            }
            return Ok(Ended::not(reason));
        }
    };
    let kept = row.id.clone().filter(|_| row.deleted != Some(true));
    let alarm = kept.as_ref().is_some_and(|kept| *kept != given).then_some("account-id-differs");
    let id = kept.unwrap_or(given);
    let organization = key::is_organization(key);
    let mut account = AccountRow::load(snapshot, &row.product, &id, organization)?;
    account.name = Some(row.name.clone());
    account.deleted = None;
    account.put(changes);
    row.digest = row.pending.take().map(|pending| pending.digest);
    row.deleted = None;
    row.id = Some(id.clone());
    Ok(Ended { reply: data_of(&id), reason: None, effect: Settling::Ended, alarm })
}

/// `{"id": text of 1 to 50 characters without control characters}`.
fn read_id(body: &[u8]) -> Result<String, Reason> {
    let document = document(body)?;
    let document = document.value();
    misspelt(document, &["id"]).map_or(Ok(()), Err)?;
    match document.get("id") {
        Some(Value::String(id)) if id.chars().count() > ID => Err(Fault::OverLimit("id", ID).into()),
        Some(Value::String(id)) if id.chars().any(char::is_control) => Err(Fault::Malformed("id").into()),
        Some(Value::String(id)) if !id.is_empty() => Ok(id.to_string()),
        None | Some(Value::Null | Value::String(_)) => Err(Fault::Missing("id").into()),
        Some(_) => Err(Fault::WrongType("id").into()),
    }
}

/// Somebody else took the create up: who waits is answered from the rows.
fn too_late(
    context: &SettlementContext<'_>,
    admission: Option<&Admission<'_>>,
    rows: &[Row],
) -> Result<Settled, Stop> {
    let snapshot = Snapshot::new(rows, &[]);
    let answered = match admission {
        None => None,
        Some(admission) => match decide(&context.decision(admission, &snapshot))? {
            Ruling::Reply { reply, reason, .. } => Some((admission.answer(&reply, context.entropy), reason)),
            _ => {
                let reply = Reply::failure(ReasonCode::InProgress);
                Some((admission.answer(&reply, context.entropy), Some(ReasonCode::InProgress.into())))
            }
        },
    };
    let (answer, reason) = answered.unzip();
    Ok(Settled {
        answer,
        instance: None,
        commit: Vec::new(),
        effect: Settling::Superseded,
        promoted: false,
        reason: reason.flatten(),
        alarms: Vec::new(),
    })
}

impl Admission<'_> {
    /// The username, or the code of the organisation, that a create is about.
    pub(crate) fn account_name(&self) -> &str {
        let EventKind::Account(kind) = self.call.event.kind else { return "" };
        kind.identified_by().map_or("", |name| self.text(name))
    }

    /// The row of that name.
    pub(crate) fn named_key(&self) -> String {
        let is_organization =
            matches!(self.call.event.kind, EventKind::Account(kind) if kind.is_organization());
        key::named(&self.route.product, is_organization, self.account_name())
    }
}
