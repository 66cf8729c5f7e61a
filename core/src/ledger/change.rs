//! Calls that change an instance: renewals and upgrades happen once, status and release set a state.

use alloc::string::{String, ToString};

use super::decide::{Reservation, Scene, Verdict};
use super::instant;
use super::queue::Queue;
use super::row::{Create, InstanceRow, Queued, Status, WorkRow};
use super::snapshot::{Changes, Stop};
use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::{Event, EventKind};
use crate::lifecycle::{self, State};
use crate::reason::ReasonCode;
use crate::wire::hex;

pub(super) fn decide(scene: &Scene<'_>) -> Result<Verdict, Stop> {
    let kind = scene.admission.call.event.kind;
    let Some(mut instance) = known_or_adopted(scene)? else {
        return Ok(Verdict::refuse(ReasonCode::UnknownInstance));
    };
    if !instant::is_future(scene.admission.call.signed_at, scene.now) {
        instance.forget_future(scene.now);
    }
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
        None if adopts => {
            let token = scene.first_token(id)?;
            Some(InstanceRow { token, ..InstanceRow::new(route, id, Create::Adopting, scene.now) })
        }
        None => None,
    })
}

/// Renewals and upgrades: once per instance, order, scene and expiry.
fn once(scene: &Scene<'_>, mut instance: InstanceRow, kind: EventKind) -> Result<Verdict, Stop> {
    let call = &scene.admission.call;
    let once = identity(&call.event);
    if instance.done.contains(&once) {
        return Ok(Verdict::success());
    }
    if instance.queue.iter().any(|queued| queued.once == once) {
        let queue = Queue::load(instance, scene.snapshot)?;
        return join(scene, &queue, |queued| queued.once == once, Changes::default());
    }
    let before = *instance.time_of(kind);
    if let Some(refusal) = instance.refused.iter().find(|refusal| refusal.once == once) {
        // Whoever was waiting takes the outcome of the attempt that it joined; so does a call that others have overtaken,
        // be it that they were refused as well. Any other call runs again.
        let overtaken = instance.refused.iter().map(|refusal| refusal.recorded_at).fold(before, u64::max);
        if instant::is_since(refusal.at, scene.admission.received_at, scene.now) || call.signed_at < overtaken
        {
            let reply = Reply::said(&refusal.code, &refusal.message);
            return Ok(Verdict::refuse_with(reply, ReasonCode::BackendRefused));
        }
    }
    let Some(recorded_at) = recorded(call.signed_at, scene.now, before) else {
        return Ok(Verdict::success());
    };
    *instance.time_of(kind) = recorded_at;
    instance.refused.retain(|refusal| refusal.once != once);
    let mut reservation = Reservation { once, before: Some(before), recorded_at: Some(recorded_at) };
    if lifecycle::revives(&call.event, scene.now) {
        // It is the status's as well, from now on: no freeze that was signed before comes back, whenever it arrives.
        reservation.recorded_at = recorded(call.signed_at, scene.now, instance.times.status);
        instance.times.status = reservation.recorded_at.unwrap_or(instance.times.status);
    }
    let queue = Queue { instance, works: alloc::vec::Vec::new() };
    Ok(perform(scene, queue, reservation, Changes::default()))
}

/// FREEZE and UNFREEZE set the state as soon as they are taken in; the effect follows.
fn status(scene: &Scene<'_>, mut instance: InstanceRow, target: Status) -> Result<Verdict, Stop> {
    if instance.requested == Some(target) {
        if !instance.queue.iter().any(Queued::is_status) {
            return Ok(Verdict::success());
        }
        let mut queue = Queue::load(instance, scene.snapshot)?;
        let mut changes = Changes::default();
        // One that was running when this was asked for the first time may have failed since.
        let last = queue.find(Queued::is_status).map(|work| work.id.clone());
        let is_void = |queued: &Queued| queued.is_status() && last.as_ref() != Some(&queued.id);
        queue.remove_idle(scene.now, scene.settings, &mut changes, is_void);
        return join(scene, &queue, Queued::is_status, changes);
    }
    let signed_at = scene.admission.call.signed_at;
    let Some(recorded_at) = recorded(signed_at, scene.now, instance.times.status) else {
        return Ok(Verdict::success());
    };
    instance.times.status = recorded_at;
    instance.requested = Some(target);
    instance.frozen = (target == Status::Freeze).then_some(recorded_at);
    let mut queue = Queue::load(instance, scene.snapshot)?;
    let mut changes = Changes::default();
    queue.remove_idle(scene.now, scene.settings, &mut changes, Queued::is_status);
    let reservation = Reservation { recorded_at: Some(recorded_at), ..Reservation::default() };
    Ok(perform(scene, queue, reservation, changes))
}

/// Terminal. Whatever nobody runs yet will never run.
fn release(scene: &Scene<'_>, mut instance: InstanceRow) -> Result<Verdict, Stop> {
    let is_release = |queued: &Queued| queued.is(EventKind::Release);
    if instance.released.is_some() {
        if !instance.queue.iter().any(is_release) {
            return Ok(Verdict::success());
        }
        let mut queue = Queue::load(instance, scene.snapshot)?;
        let mut changes = Changes::default();
        queue.remove_idle(scene.now, scene.settings, &mut changes, |queued| !is_release(queued));
        return join(scene, &queue, is_release, changes);
    }
    instance.released = Some(scene.now);
    if matches!(instance.create, Create::Refused { .. }) {
        let mut changes = Changes::default();
        changes.put(scene.instance_key(&instance), &instance);
        return Ok(Verdict::success().changing(changes));
    }
    let mut queue = Queue::load(instance, scene.snapshot)?;
    let mut changes = Changes::default();
    queue.remove_idle(scene.now, scene.settings, &mut changes, |_| true);
    Ok(perform(scene, queue, Reservation::default(), changes))
}

fn join(
    scene: &Scene<'_>,
    queue: &Queue,
    is: impl Fn(&Queued) -> bool,
    mut changes: Changes,
) -> Result<Verdict, Stop> {
    let Some(work) = queue.find(is) else { return Err(ReasonCode::CorruptRow.into()) };
    if !changes.is_empty() {
        changes.put(scene.instance_key(&queue.instance), &queue.instance);
    }
    Ok(scene.join(&queue.instance, work, unfinished(scene)).changing(changes))
}

fn perform(scene: &Scene<'_>, queue: Queue, reservation: Reservation, changes: Changes) -> Verdict {
    scene.append(queue, reservation, changes, unfinished(scene))
}

fn unfinished(scene: &Scene<'_>) -> Verdict {
    let code = scene.admission.rules().unfinished().change;
    Verdict::refuse_with(Reply::code(code), ReasonCode::InProgress)
}

/// The time under which a call counts that sets a field; `None`: it is stale, since it was signed before the last one that
/// was reserved for the field. An equal time is not. What is recorded is the lesser of signed time and now, so that a
/// platform's clock ahead does not make later calls stale; a clock of ours that has fallen behind what it recorded before is
/// no bound for anything.
fn recorded(signed_at: u64, now: u64, before: u64) -> Option<u64> {
    let bound = if now < before { u64::MAX } else { now };
    (signed_at >= before).then(|| signed_at.min(bound))
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
pub(super) fn apply(instance: &mut InstanceRow, event: &Event, once: &str, work: &WorkRow) {
    let text = |name: &str| event.text(name).map(ToString::to_string);
    let State { trial, frozen, .. } = instance.state().after(work.as_move(event));
    if instance.frozen.is_some() && frozen.is_none() {
        // Whatever status comes next is news again.
        instance.requested = None;
    }
    instance.trial = trial;
    instance.frozen = frozen;
    match event.kind {
        EventKind::Renew => {
            instance.expire_time = event.millis("expire_time").or(instance.expire_time);
            instance.product_id = text("product_id").or(instance.product_id.take());
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
