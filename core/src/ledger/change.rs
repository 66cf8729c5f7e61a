//! Calls that change an instance: renewals and upgrades happen once, status and release set a state.

use alloc::string::{String, ToString};

use super::decide::{Scene, Verdict};
use super::queue::Queue;
use super::row::{Create, InstanceRow, Queued, Status};
use super::snapshot::{Changes, Stop};
use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::{Event, EventKind};
use crate::lifecycle;
use crate::reason::ReasonCode;
use crate::wire::hex;

pub(super) fn decide(scene: &Scene<'_>) -> Result<Verdict, Stop> {
    let kind = scene.admission.call.event.kind;
    let Some(instance) = known_or_adopted(scene)? else {
        return Ok(Verdict::refuse(ReasonCode::UnknownInstance));
    };
    let refused = matches!(instance.create, Create::Refused { .. });
    match kind {
        EventKind::Release => release(scene, instance),
        _ if instance.released.is_some() => Ok(Verdict::refuse(ReasonCode::InstanceReleased)),
        // The seller refused to open it: it never was.
        _ if refused => Ok(Verdict::refuse(ReasonCode::UnknownInstance)),
        EventKind::Renew | EventKind::Upgrade => once(scene, instance, kind),
        EventKind::Freeze => status(scene, instance, Status::Freeze),
        EventKind::Unfreeze => status(scene, instance, Status::Unfreeze),
        EventKind::Subscribe | EventKind::CheckChange | EventKind::QueryInstances => {
            Err(ReasonCode::Internal.into())
        }
    }
}

/// The instance that the call names. Where the route adopts, one that the ledger never saw gets a row that stays hidden
/// until the backend says that it knows it; every call for it stands in the queue of that one row.
fn known_or_adopted(scene: &Scene<'_>) -> Result<Option<InstanceRow>, Stop> {
    let id = scene.admission.text("instance_id");
    let route = scene.admission.route;
    let adopts = route.policy.adopts_unknown;
    Ok(match scene.instance(id)? {
        Some(instance) => Some(instance).filter(|known| adopts || known.create != Create::Adopting),
        None if adopts => Some(InstanceRow::new(route, id, Create::Adopting, scene.now)),
        None => None,
    })
}

/// Renewals and upgrades: once per instance, order, scene and expiry.
fn once(scene: &Scene<'_>, mut instance: InstanceRow, kind: EventKind) -> Result<Verdict, Stop> {
    let event = &scene.admission.call.event;
    let once = identity(event);
    if instance.done.contains(&once) {
        return Ok(Verdict::success());
    }
    if instance.queue.iter().any(|queued| queued.once == once) {
        let queue = Queue::load(instance, scene.snapshot)?;
        return join(scene, &queue, |queued| queued.once == once);
    }
    if let Some(refusal) = instance.refused.iter().find(|refusal| refusal.once == once)
        && refusal.at > scene.admission.received_at
    {
        let reply = Reply::said(&refusal.code, &refusal.message);
        return Ok(Verdict::refuse_with(reply, ReasonCode::BackendRefused));
    }
    let recorded = match kind {
        EventKind::Renew => &mut instance.times.expiry,
        _ => &mut instance.times.plan,
    };
    if !is_newer(scene, recorded) {
        return Ok(Verdict::success());
    }
    instance.refused.retain(|refusal| refusal.once != once);
    let queue = Queue { instance, works: alloc::vec::Vec::new() };
    Ok(perform(scene, queue, once, Changes::default()))
}

/// FREEZE and UNFREEZE set the state as soon as they are taken in; the effect follows.
fn status(scene: &Scene<'_>, mut instance: InstanceRow, target: Status) -> Result<Verdict, Stop> {
    if instance.requested == Some(target) {
        if !instance.queue.iter().any(Queued::is_status) {
            return Ok(Verdict::success());
        }
        let queue = Queue::load(instance, scene.snapshot)?;
        return join(scene, &queue, Queued::is_status);
    }
    if !is_newer(scene, &mut instance.times.status) {
        return Ok(Verdict::success());
    }
    instance.requested = Some(target);
    instance.frozen = (target == Status::Freeze).then_some(instance.times.status);
    let mut queue = Queue::load(instance, scene.snapshot)?;
    let mut changes = Changes::default();
    queue.remove_idle(scene.now, &mut changes, Queued::is_status);
    Ok(perform(scene, queue, String::new(), changes))
}

/// Terminal. Whatever nobody runs yet will never run.
fn release(scene: &Scene<'_>, mut instance: InstanceRow) -> Result<Verdict, Stop> {
    let is_release = |queued: &Queued| queued.is(EventKind::Release);
    if instance.released.is_some() {
        if !instance.queue.iter().any(is_release) {
            return Ok(Verdict::success());
        }
        let queue = Queue::load(instance, scene.snapshot)?;
        return join(scene, &queue, is_release);
    }
    instance.released = Some(scene.now);
    if matches!(instance.create, Create::Refused { .. }) {
        let mut changes = Changes::default();
        changes.put(scene.instance_key(&instance), &instance);
        return Ok(Verdict::success().changing(changes));
    }
    let mut queue = Queue::load(instance, scene.snapshot)?;
    let mut changes = Changes::default();
    queue.remove_idle(scene.now, &mut changes, |_| true);
    Ok(perform(scene, queue, String::new(), changes))
}

fn join(scene: &Scene<'_>, queue: &Queue, is: impl Fn(&Queued) -> bool) -> Result<Verdict, Stop> {
    match queue.find(is) {
        Some(work) => Ok(scene.join(&queue.instance, work, unfinished(scene))),
        None => Err(ReasonCode::CorruptRow.into()),
    }
}

fn perform(scene: &Scene<'_>, queue: Queue, once: String, changes: Changes) -> Verdict {
    let call = &scene.admission.call;
    let phase = queue.instance.phase_after(&call.event, call.signed_at, scene.now);
    let work = scene.new_work(&queue.instance.id, phase);
    scene.append(queue, work, once, changes, unfinished(scene))
}

fn unfinished(scene: &Scene<'_>) -> Verdict {
    let code = scene.admission.route.dialect.unfinished().change;
    Verdict::refuse_with(Reply::code(code), ReasonCode::InProgress)
}

/// A call signed before the last one that was reserved for the same field is stale; an equal time is not. What is
/// recorded is never later than now, so that a clock ahead does not make honest calls stale.
fn is_newer(scene: &Scene<'_>, recorded: &mut u64) -> bool {
    let signed_at = scene.admission.call.signed_at;
    if signed_at < *recorded {
        return false;
    }
    *recorded = signed_at.min(scene.now).max(*recorded);
    true
}

/// What makes two renewals or upgrades the same.
pub(super) fn identity(event: &Event) -> String {
    let expiry = event.millis("expire_time").unwrap_or_default().to_le_bytes();
    let digest = hmac_sha256(
        &[b"once"],
        &[
            event.kind.name().as_bytes(),
            &[0],
            event.text("order_id").unwrap_or_default().as_bytes(),
            &[0],
            lifecycle::scene(event).as_bytes(),
            &[0],
            &expiry,
        ],
    );
    hex::encode(digest.get(..16).unwrap_or_default()).to_string()
}

/// What a work that is done leaves in the row of its instance.
pub(super) fn apply(instance: &mut InstanceRow, event: &Event, once: &str, signed_at: u64, now: u64) {
    let text = |name: &str| event.text(name).map(ToString::to_string);
    match event.kind {
        EventKind::Renew => {
            if instance.is_lifted_by(event, signed_at, now) {
                instance.frozen = None;
                // Whatever status comes next is news again.
                instance.requested = None;
            }
            instance.expire_time = event.millis("expire_time").or(instance.expire_time);
            instance.product_id = text("product_id").or(instance.product_id.take());
            instance.trial = instance.trial && lifecycle::scene(event) != lifecycle::TRIAL_TO_FORMAL;
        }
        EventKind::Upgrade => {
            instance.product_id = text("product_id").or(instance.product_id.take());
            instance.sku_code = text("sku_code").or(instance.sku_code.take());
        }
        _ => {}
    }
    if !once.is_empty() && !instance.done.iter().any(|done| done == once) {
        instance.done.push(once.to_string());
        instance.refused.retain(|refusal| refusal.once != once);
    }
}
