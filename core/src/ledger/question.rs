//! What the backend's answer to a question means for the call that asked it. Nothing is owed: a question whose answer nobody
//! hears is asked again by the next call. What an answer changes is committed before the call is answered.

use alloc::vec::Vec;

use super::access;
use super::admission::Admission;
use super::context::{DecisionContext, SettlementContext};
use super::contract::Row;
use super::decision::{Outcome, Settled, Settling, cut};
use super::license;
use super::query;
use super::ruling::Ruling;
use super::snapshot::{Changes, Snapshot, Stop};
use super::test_traffic;
use crate::dialect::{InstanceReply, Reply};
use crate::event::{EventKind, InstanceEvent};
use crate::reason::{Reason, ReasonCode};

/// What is made of an answer.
struct Taken {
    reply: Reply,
    reason: Option<Reason>,
    changes: Changes,
}

impl Taken {
    /// An answer from which the ledger learns nothing.
    fn reply(reply: Reply, reason: Option<Reason>) -> Self {
        Self { reply, reason, changes: Changes::default() }
    }
}

pub(super) fn settle(
    context: &SettlementContext<'_>,
    admission: &Admission<'_>,
    rows: &[Row],
) -> Result<Settled, Stop> {
    let first = admission.keys();
    let reads = admission.call.test || admission.call.event.kind == InstanceEvent::QueryInstances;
    // Hosts begin with no rows; what they looked for and did not find counts as absent from then on.
    if reads && rows.is_empty() && !first.is_empty() {
        return Err(Stop::Need(first));
    }
    let snapshot = Snapshot::new(rows, &first);
    let decision = context.decision(admission, &snapshot);
    let taken = match admission.call.event.kind {
        _ if admission.call.test => of_test(context, &decision)?,
        EventKind::Instance(InstanceEvent::QueryInstances) => usage(context, &decision)?,
        EventKind::Instance(InstanceEvent::CheckChange) => check(context, admission),
        EventKind::Instance(
            InstanceEvent::Subscribe
            | InstanceEvent::IssueLicense
            | InstanceEvent::Renew
            | InstanceEvent::Upgrade
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release,
        )
        | EventKind::Order(_)
        | EventKind::Directory(_)
        | EventKind::Account(_) => return Err(ReasonCode::MalformedWork.into()),
    };
    // Reads that change nothing need not hold until a commit, and what nobody has said yet changes nothing.
    let idle = taken.changes.is_empty() || matches!(context.outcome, Outcome::Running);
    Ok(Settled {
        answer: Some(admission.answer(&taken.reply, context.entropy)),
        instance: admission.named(&taken.reply),
        commit: if idle { Vec::new() } else { snapshot.commit(taken.changes) },
        effect: Settling::Asked,
        promoted: false,
        reason: taken.reason,
        alarms: Vec::new(),
    })
}

/// A test call succeeds whatever the backend said; what it said of the access is used where it fits.
fn of_test(context: &SettlementContext<'_>, decision: &DecisionContext<'_>) -> Result<Taken, Stop> {
    let (id, changes) = if decision.admission.call.event.opens_instance() {
        test_traffic::instance_id(decision)?
    } else {
        Default::default()
    };
    let encrypts = decision.admission.route.endpoint.encrypts_credentials();
    let (access, issued) = match context.outcome {
        Outcome::Done(body) => {
            (access::read(body, encrypts, 0, context.entropy).ok(), license::read(body).ok())
        }
        _ => (None, None),
    };
    let reply = test_traffic::reply(decision, &id, access.as_ref().map(access::app_info), issued);
    Ok(Taken { reply, reason: None, changes })
}

/// The instances with their usage; without it where the backend did not say.
fn usage(context: &SettlementContext<'_>, decision: &DecisionContext<'_>) -> Result<Taken, Stop> {
    let usage = match context.outcome {
        Outcome::Done(body) => access::read_usage(body),
        _ => Err(ReasonCode::BackendFailed.into()),
    };
    let (usage, reason) = match usage {
        Ok(usage) => (usage, None),
        Err(reason) => (Vec::new(), Some(reason)),
    };
    match query::look_up(decision)? {
        Ruling::Reply { reply: Reply::Instance(InstanceReply::Listed(mut items)), .. } => {
            for (id, figure) in usage {
                if let Some(item) = items.iter_mut().find(|item| item.instance_id == id) {
                    item.usage.push(figure);
                }
            }
            Ok(Taken::reply(Reply::listed(items), reason))
        }
        Ruling::Reply { reply, reason, .. } => Ok(Taken::reply(reply, reason)),
        _ => Err(ReasonCode::Internal.into()),
    }
}

fn check(context: &SettlementContext<'_>, admission: &Admission<'_>) -> Taken {
    match context.outcome {
        Outcome::Done(_) => Taken::reply(Reply::success(), None),
        Outcome::Refused { code, message } => {
            let takes =
                admission.rules().is_ok_and(|rules| rules.takes_refusal(InstanceEvent::CheckChange, code));
            let known = takes || matches!(code.as_str(), "000002" | "000005");
            let code = if known { code.as_str() } else { admission.route.endpoint.change_refusal_code() };
            let reply = Reply::refusal(code, &cut(message));
            Taken::reply(reply, Some(ReasonCode::BackendRefused.into()))
        }
        _ => {
            let reply = Reply::failure(ReasonCode::BackendFailed);
            Taken::reply(reply, Some(ReasonCode::BackendFailed.into()))
        }
    }
}
