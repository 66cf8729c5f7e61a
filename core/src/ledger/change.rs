//! Calls that change an instance: renewals and upgrades happen once, status and release set a state.

use alloc::string::{String, ToString};

use super::context::DecisionContext;
use super::effect;
use super::instant;
use super::lane::{Lane, LaneRow, Queued};
use super::license;
use super::queue::{Reservation, Works};
use super::reserve;
use super::row::{Create, InstanceRow, Status};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::{Datum, Event, EventKind, InstanceEvent};
use crate::lifecycle::{self, Move, State};
use crate::reason::ReasonCode;
use crate::wire::hex;

pub(super) fn decide(context: &DecisionContext<'_>, kind: InstanceEvent) -> Result<Ruling, Stop> {
    let Some(mut instance) = known_or_adopted(context)? else {
        return Ok(Ruling::refuse(ReasonCode::UnknownInstance));
    };
    if !instant::is_future(context.admission.call.signed_at, context.now) {
        instance.forget_future(context.now);
    }
    let refused = matches!(instance.create, Create::Refused { .. });
    match kind {
        InstanceEvent::Release => release(context, instance),
        _ if instance.released.is_some() => Ok(Ruling::refuse(ReasonCode::InstanceReleased)),
        // The seller refused to open it: it never was.
        _ if refused => Ok(Ruling::refuse(ReasonCode::UnknownInstance)),
        InstanceEvent::Renew | InstanceEvent::Upgrade => operation(context, instance, kind),
        InstanceEvent::IssueLicense => license::decide(context, instance),
        InstanceEvent::Freeze => status(context, instance, Status::Freeze),
        InstanceEvent::Unfreeze => status(context, instance, Status::Unfreeze),
        InstanceEvent::Subscribe | InstanceEvent::CheckChange | InstanceEvent::QueryInstances => {
            Err(ReasonCode::Internal.into())
        }
    }
}

/// The instance that the call names. Where the route adopts, one that the ledger never saw gets a row that stays hidden
/// until the backend says that it knows it; every call for it stands in the queue of that one row.
fn known_or_adopted(context: &DecisionContext<'_>) -> Result<Option<InstanceRow>, Stop> {
    let id = context.admission.instance_id();
    let route = context.admission.route;
    let adopts = route.policy.adopts_unknown;
    Ok(match context.instance(id)? {
        Some(instance) => Some(instance).filter(|known| adopts || known.create != Create::Adopting),
        None if adopts => {
            let token = context.first_token(id)?;
            Some(InstanceRow {
                lane: Lane::from_token(token),
                ..InstanceRow::new(route, id, Create::Adopting, context.now)
            })
        }
        None => None,
    })
}

/// Renewals and upgrades: once per instance, order, scene and expiry.
fn operation(
    context: &DecisionContext<'_>,
    mut instance: InstanceRow,
    kind: InstanceEvent,
) -> Result<Ruling, Stop> {
    let call = &context.admission.call;
    let operation_id = identity(&call.event);
    if instance.done.contains(&operation_id) {
        return Ok(Ruling::success());
    }
    let is_same = |queued: &Queued| queued.operation_id == operation_id;
    if instance.lane.has(is_same) {
        let works = Works::load(&instance.lane, context.snapshot)?;
        return join(context, &instance, &works, is_same, Changes::default());
    }
    let before = *instance.time_of(kind);
    if let Some(refusal) = instance.refused.iter().find(|refusal| refusal.operation_id == operation_id) {
        // Whoever was waiting takes the outcome of the attempt that it joined; so does a call that others have overtaken,
        // be it that they were refused as well. Any other call runs again.
        let overtaken = instance.refused.iter().map(|refusal| refusal.recorded_at).fold(before, u64::max);
        let has_waited = instant::is_since(refusal.at, context.admission.received_at, context.now);
        if has_waited || call.signed_at < overtaken {
            let reply = Reply::refusal(&refusal.code, &refusal.message);
            return Ok(Ruling::refuse_with(reply, ReasonCode::BackendRefused));
        }
    }
    let Some(recorded_at) = recorded(call.signed_at, context.now, before) else {
        return Ok(Ruling::success());
    };
    *instance.time_of(kind) = recorded_at;
    instance.refused.retain(|refusal| refusal.operation_id != operation_id);
    let mut reservation = Reservation { operation_id, before: Some(before), recorded_at: Some(recorded_at) };
    if lifecycle::revives(&call.event, context.now) {
        // It is the status's as well, from now on: no freeze that was signed before comes back, whenever it arrives.
        reservation.recorded_at = recorded(call.signed_at, context.now, instance.times.status);
        instance.times.status = reservation.recorded_at.unwrap_or(instance.times.status);
    }
    // The works before it are not even loaded: a reservation of this kind is in the phase of none of them.
    Ok(perform(context, instance, Works::default(), reservation, Changes::default()))
}

/// FREEZE and UNFREEZE set the state as soon as they are taken in; the effect follows.
fn status(context: &DecisionContext<'_>, mut instance: InstanceRow, target: Status) -> Result<Ruling, Stop> {
    let (now, settings) = (context.now, context.settings);
    if instance.requested == Some(target) {
        if !instance.lane.has(Queued::is_status) {
            return Ok(Ruling::success());
        }
        let mut works = Works::load(&instance.lane, context.snapshot)?;
        let mut changes = Changes::default();
        // One that was running when this was asked for the first time may have failed since.
        let last = works.find(&instance.lane, Queued::is_status).map(|work| work.id.clone());
        let is_void = |queued: &Queued| queued.is_status() && last.as_ref() != Some(&queued.id);
        works.remove_idle(&mut instance, now, settings, &mut changes, is_void);
        return join(context, &instance, &works, Queued::is_status, changes);
    }
    let signed_at = context.admission.call.signed_at;
    let Some(recorded_at) = recorded(signed_at, now, instance.times.status) else {
        return Ok(Ruling::success());
    };
    instance.times.status = recorded_at;
    instance.requested = Some(target);
    instance.frozen = (target == Status::Freeze).then_some(recorded_at);
    let mut works = Works::load(&instance.lane, context.snapshot)?;
    let mut changes = Changes::default();
    works.remove_idle(&mut instance, now, settings, &mut changes, Queued::is_status);
    let reservation = Reservation { recorded_at: Some(recorded_at), ..Reservation::default() };
    Ok(perform(context, instance, works, reservation, changes))
}

/// A release is terminal. Whatever nobody runs yet will never run.
fn release(context: &DecisionContext<'_>, mut instance: InstanceRow) -> Result<Ruling, Stop> {
    let (now, settings) = (context.now, context.settings);
    let is_release = |queued: &Queued| queued.is(InstanceEvent::Release);
    if instance.released.is_some() {
        if !instance.lane.has(is_release) {
            return Ok(Ruling::success());
        }
        let mut works = Works::load(&instance.lane, context.snapshot)?;
        let mut changes = Changes::default();
        works.remove_idle(&mut instance, now, settings, &mut changes, |queued| !is_release(queued));
        return join(context, &instance, &works, is_release, changes);
    }
    instance.released = Some(now);
    let mut changes = Changes::default();
    if matches!(instance.create, Create::Refused { .. }) {
        instance.put(&mut changes);
        return Ok(Ruling::success().changing(changes));
    }
    let mut works = Works::load(&instance.lane, context.snapshot)?;
    works.remove_idle(&mut instance, now, settings, &mut changes, |_| true);
    Ok(perform(context, instance, works, Reservation::default(), changes))
}

fn join(
    context: &DecisionContext<'_>,
    instance: &InstanceRow,
    works: &Works,
    is: impl Fn(&Queued) -> bool,
    mut changes: Changes,
) -> Result<Ruling, Stop> {
    let Some(work) = works.find(&instance.lane, is) else { return Err(ReasonCode::CorruptRow.into()) };
    if !changes.is_empty() {
        instance.put(&mut changes);
    }
    Ok(reserve::join(context, instance, work, Ruling::refuse(ReasonCode::InProgress))?.changing(changes))
}

fn perform(
    context: &DecisionContext<'_>,
    mut instance: InstanceRow,
    works: Works,
    reservation: Reservation,
    changes: Changes,
) -> Ruling {
    let mut event = effect::event_of(&context.admission.call.event, &instance.id);
    if matches!(event.kind, EventKind::Instance(InstanceEvent::Freeze | InstanceEvent::Release)) {
        // Whoever works with the instance now may not go on.
        event.set("end_sessions", Datum::Json(effect::ALL_SESSIONS.to_string()));
    }
    reserve::append(
        context,
        &mut instance,
        works,
        reservation,
        event,
        changes,
        Ruling::refuse(ReasonCode::InProgress),
    )
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

/// What a call that is done leaves in the row of its instance.
pub(super) fn apply(instance: &mut InstanceRow, call: Move<'_>, operation_id: &str) {
    let event = call.event;
    let text = |name: &str| event.text(name).map(ToString::to_string);
    let State { trial, frozen, .. } = instance.state().after(call);
    if instance.frozen.is_some() && frozen.is_none() {
        // Whatever status comes next is news again.
        instance.requested = None;
    }
    instance.trial = trial;
    instance.frozen = frozen;
    match event.kind {
        EventKind::Instance(InstanceEvent::Renew) => {
            instance.expire_time = event.millis("expire_time").or(instance.expire_time);
            instance.product_id = text("product_id").or(instance.product_id.take());
        }
        EventKind::Instance(InstanceEvent::Upgrade) => {
            instance.product_id = text("product_id").or(instance.product_id.take());
            instance.sku_code = text("sku_code").or(instance.sku_code.take());
        }
        EventKind::Instance(
            InstanceEvent::Subscribe
            | InstanceEvent::CheckChange
            | InstanceEvent::IssueLicense
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release
            | InstanceEvent::QueryInstances,
        )
        | EventKind::Order(_)
        | EventKind::Directory(_)
        | EventKind::Account(_) => {}
    }
    if !operation_id.is_empty() && !instance.done.iter().any(|done| done == operation_id) {
        instance.done.push(operation_id.to_string());
        instance.refused.retain(|refusal| refusal.operation_id != operation_id);
    }
}
