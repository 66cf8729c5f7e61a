//! Reads: queryInstance from the ledger, changeInstanceCheck from the seller's backend.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::access;
use super::assignment;
use super::context::DecisionContext;
use super::effect;
use super::lane::LaneRow;
use super::row::{Create, InstanceRow};
use super::ruling::Ruling;
use super::snapshot::Stop;
use super::subject::Subject;
use crate::dialect::{InstanceInfo, InstanceReply, Reply};
use crate::event::Datum;
use crate::reason::ReasonCode;

/// Answers from the ledger; where the route says so, the backend is asked for usage first.
pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let ruling = look_up(context)?;
    let listed = matches!(&ruling, Ruling::Reply { reply: Reply::Instance(InstanceReply::Listed(_)), .. });
    if listed && context.admission.route.policy.usage {
        let data = context.admission.call.event.to_json();
        // About several, and so about none.
        let several = Subject::Instance(String::new());
        let deadline_ms = context.settings.usage_deadline_ms;
        let question = assignment::of_question(context, &several, &data, deadline_ms);
        return Ok(Ruling::ask(question));
    }
    Ok(ruling)
}

/// What the ledger says about the instances. Unknown, released, refused and unfinished ones are not listed, and those
/// that are not adopted yet count as unknown; another product's are not even looked for.
pub(crate) fn look_up(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let ids = context.admission.call.event.list("instance_ids");
    let mut items = Vec::new();
    let mut unfinished = false;
    let mut refusal = None;
    for id in ids {
        match context.instance(id)? {
            Some(instance) if instance.is_listed() => items.push(InstanceInfo {
                instance_id: instance.id.clone(),
                app: instance.access.as_ref().map(access::app_info),
                usage: Vec::new(),
            }),
            Some(InstanceRow { create: Create::Reserved, released: None, .. }) => unfinished = true,
            Some(InstanceRow { create: Create::Refused { code, message, .. }, released: None, .. }) => {
                refusal = Some(Reply::refusal(&code, &message));
            }
            _ => {}
        }
    }
    Ok(if !items.is_empty() {
        Ruling::reply(Reply::listed(items))
    } else if unfinished {
        Ruling::refuse_with(Reply::Instance(InstanceReply::NoneYet), ReasonCode::InProgress)
    } else if let (Some(reply), 1) = (refusal, ids.len()) {
        Ruling::refuse_with(reply, ReasonCode::BackendRefused)
    } else {
        Ruling::refuse(ReasonCode::UnknownInstance)
    })
}

/// May this instance change to that product? The backend knows what is in use.
pub(super) fn check_change(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let Some(instance) = context.instance(context.admission.instance_id())? else {
        return Ok(Ruling::refuse(ReasonCode::UnknownInstance));
    };
    match (&instance.create, instance.released) {
        (Create::Adopting, _) => Ok(Ruling::refuse(ReasonCode::UnknownInstance)),
        (_, Some(_)) => Ok(Ruling::refuse(ReasonCode::InstanceReleased)),
        (Create::Refused { .. }, None) => Ok(Ruling::refuse(ReasonCode::UnknownInstance)),
        (Create::Reserved, None) => Ok(Ruling::refuse(ReasonCode::InProgress)),
        (Create::Completed, None) => {
            let mut event = effect::event_of(&context.admission.call.event, &instance.id);
            event.set("phase", Datum::Text(instance.phase().name().to_string()));
            let (data, deadline_ms) = (event.to_json(), context.settings.effect_deadline_ms);
            let question = assignment::of_question(context, &instance.subject(), &data, deadline_ms);
            Ok(Ruling::ask(question))
        }
    }
}
