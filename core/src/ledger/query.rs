//! Reads: queryInstance from the ledger, changeInstanceCheck from the seller's backend.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::access;
use super::decide::{Scene, Verdict, effect_event};
use super::decision::Assignment;
use super::effect;
use super::row::{Create, InstanceRow};
use super::snapshot::{Changes, Stop};
use super::work::Handle;
use crate::dialect::{InstanceInfo, Reply, SUCCESS};
use crate::event::{Datum, EventKind};
use crate::reason::ReasonCode;

/// Answers from the ledger; where the route says so, the backend is asked for usage first.
pub(super) fn decide(scene: &Scene<'_>) -> Result<Verdict, Stop> {
    let verdict = look_up(scene)?;
    let listed = matches!(&verdict, Verdict::Reply { reply: Reply::Instances { .. }, .. });
    if listed && scene.admission.route.policy.usage {
        let data = scene.admission.call.event.to_json();
        return Ok(ask(scene, "", &data, scene.settings.usage_deadline_ms));
    }
    Ok(verdict)
}

/// What the ledger says about the instances. Unknown, released, refused and unfinished ones are not listed, and those
/// that are not adopted yet count as unknown; another product's are not even looked for.
pub(crate) fn look_up(scene: &Scene<'_>) -> Result<Verdict, Stop> {
    let ids = scene.admission.call.event.list("instance_ids");
    let mut items = Vec::new();
    let mut unfinished = false;
    let mut refusal = None;
    for id in ids {
        match scene.instance(id)? {
            Some(instance) if instance.is_listed() => items.push(InstanceInfo {
                instance_id: instance.id.clone(),
                app: instance.access.as_ref().map(access::app_info),
                usage: Vec::new(),
            }),
            Some(InstanceRow { create: Create::Reserved, released: None, .. }) => unfinished = true,
            Some(InstanceRow { create: Create::Refused { code, message, .. }, released: None, .. }) => {
                refusal = Some(Reply::said(&code, &message));
            }
            _ => {}
        }
    }
    Ok(if !items.is_empty() {
        Verdict::reply(Reply::Instances { code: SUCCESS.to_string(), items })
    } else if unfinished {
        let code = scene.admission.rules().unfinished().query;
        Verdict::refuse_with(Reply::code(code), ReasonCode::InProgress)
    } else if let (Some(reply), 1) = (refusal, ids.len()) {
        Verdict::refuse_with(reply, ReasonCode::BackendRefused)
    } else {
        Verdict::refuse(ReasonCode::UnknownInstance)
    })
}

/// May this instance change to that product? The backend knows what is in use.
pub(super) fn check_change(scene: &Scene<'_>) -> Result<Verdict, Stop> {
    let Some(instance) = scene.instance(scene.admission.text("instance_id"))? else {
        return Ok(Verdict::refuse(ReasonCode::UnknownInstance));
    };
    match (&instance.create, instance.released) {
        (Create::Adopting, _) => Ok(Verdict::refuse(ReasonCode::UnknownInstance)),
        (_, Some(_)) => Ok(Verdict::refuse(ReasonCode::InstanceReleased)),
        (Create::Refused { .. }, None) => Ok(Verdict::refuse(ReasonCode::UnknownInstance)),
        (Create::Reserved, None) => Ok(Verdict::refuse_with(
            Reply::code(ReasonCode::InProgress.result_code()),
            ReasonCode::InProgress,
        )),
        (Create::Completed, None) => {
            let mut event = effect_event(&scene.admission.call.event, &instance.id);
            event.set("phase", Datum::Text(instance.phase().name().to_string()));
            Ok(ask(scene, &instance.id, &event.to_json(), scene.settings.effect_deadline_ms))
        }
    }
}

/// A question: nothing is reserved, and it may be asked again.
pub(super) fn ask(scene: &Scene<'_>, subject: &str, data: &str, deadline_ms: u64) -> Verdict {
    let kind: EventKind = scene.admission.call.event.kind;
    let id = scene.entropy.uuid("effect");
    let answer_by = scene.answer_by();
    Verdict::Ask {
        assignment: Assignment {
            work: Handle::Question.encode(),
            effect: effect::of_question(scene.admission.route, id, kind.name(), subject, data, scene.now),
            instance: subject.to_string(),
            order: scene.admission.text("order_id").to_string(),
            attempt: 1,
            commit: Vec::new(),
            answer_by,
            give_up_at: scene.now.saturating_add(deadline_ms).min(answer_by),
            alarms: Vec::new(),
        },
        changes: Changes::default(),
    }
}
