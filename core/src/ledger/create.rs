//! Creates: once per order, whatever happens. The instance id is fixed in the reserve step, before any effect.

use alloc::string::{String, ToString};

use super::context::DecisionContext;
use super::decision::Alarm;
use super::effect;
use super::instant;
use super::lane::Lane;
use super::queue::{Reservation, Works};
use super::reserve;
use super::row::{Create, FORMAT, InstanceRow, OrderRow};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::Event;
use crate::lifecycle;
use crate::reason::ReasonCode;
use crate::wire::hex;

pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    match context.snapshot.get::<OrderRow>(&context.admission.order_key()?)? {
        None => reserve(context),
        Some(order) => {
            let instance = context.instance(&order.instance)?;
            match instance {
                Some(instance) => repeat(context, instance),
                None => Err(context.snapshot.again(&[context.admission.instance_key(&order.instance)])),
            }
        }
    }
}

/// The first call of an order.
fn reserve(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let (id, token) = match free_id(context)? {
        Some(id) => (id.to_string(), context.first_token(id)?),
        None => (context.entropy.uuid("instance"), 0),
    };
    let event = &context.admission.call.event;
    let instance = InstanceRow {
        order_id: context.admission.text("order_id").to_string(),
        order_line_id: event.text("order_line_id").map(ToString::to_string),
        fingerprint: fingerprint(event),
        item: context.admission.order_item(),
        lane: Lane::from_token(token),
        ..InstanceRow::new(context.admission.route, &id, Create::Reserved, context.now)
    };
    let mut changes = Changes::default();
    changes.put(context.admission.order_key()?, &OrderRow { format: FORMAT, instance: id });
    Ok(run(context, instance, changes))
}

/// The businessId of the first call, as the platform advises. `None`: it is taken or cannot serve, and a UUID does instead.
pub(super) fn free_id<'s>(context: &DecisionContext<'s>) -> Result<Option<&'s str>, Stop> {
    let Some(id) = context.given_id.or(context.admission.proposed_id()) else { return Ok(None) };
    let is_taken = context.snapshot.is_taken(&context.admission.instance_key(id))?;
    Ok(Some(id).filter(|_| !is_taken))
}

/// Appends the work of the create. The instance is what the call says that is carried out, not one that was refused before.
fn run(context: &DecisionContext<'_>, mut instance: InstanceRow, changes: Changes) -> Ruling {
    let event = &context.admission.call.event;
    let text = |name: &str| event.text(name).map(ToString::to_string);
    instance.customer_id = text("customer_id");
    instance.trial = lifecycle::is_trial(event);
    instance.expire_time = event.millis("expire_time");
    instance.sku_code = text("sku_code");
    instance.product_id = text("product_id");
    instance.charging_mode = text("charging_mode");
    let unfinished = in_progress(&instance);
    let event = effect::event_of(event, &instance.id);
    let (works, reservation) = (Works::default(), Reservation::default());
    reserve::append(context, &mut instance, works, reservation, event, changes, unfinished)
}

/// Every later call of an order: the same instance, for ever.
fn repeat(context: &DecisionContext<'_>, mut instance: InstanceRow) -> Result<Ruling, Stop> {
    let known = !instance.fingerprint.is_empty();
    let alarm = (known && instance.fingerprint != fingerprint(&context.admission.call.event)).then(|| {
        Alarm { code: "fingerprint-differs".into(), instance: instance.id.clone(), tenant: String::new() }
    });
    let ruling = match &instance.create {
        Create::Completed => Ruling::reply(completed(&instance)),
        _ if instance.released.is_some() => {
            Ruling::refuse_with(Reply::failure(ReasonCode::Internal), ReasonCode::InstanceReleased)
        }
        // Whoever was waiting takes the outcome of the attempt that it joined; a later call runs again.
        Create::Refused { code, message, at }
            if instant::is_since(*at, context.admission.received_at, context.now) =>
        {
            Ruling::refuse_with(Reply::refusal(code, message), ReasonCode::BackendRefused)
        }
        Create::Refused { .. } => {
            instance.create = Create::Reserved;
            instance.attempt = instance.attempt.saturating_add(1);
            run(context, instance, Changes::default())
        }
        // No order names an instance before it is adopted.
        Create::Adopting => return Err(ReasonCode::CorruptRow.into()),
        Create::Reserved => {
            let works = Works::load(&instance.lane, context.snapshot)?;
            let unfinished = in_progress(&instance);
            let kind = context.admission.call.event.kind;
            match works.find(&instance.lane, |queued| queued.is(kind)) {
                Some(work) => reserve::join(context, &instance, work, unfinished)?,
                None => return Err(ReasonCode::CorruptRow.into()),
            }
        }
    };
    Ok(ruling.alarm(alarm))
}

/// The stored answer. The access data are those of today.
pub(super) fn completed(instance: &InstanceRow) -> Reply {
    match &instance.license {
        Some(license) => Reply::licensed(&instance.id, license.clone()),
        None => Reply::created(&instance.id, instance.access.as_ref().map(super::access::app_info)),
    }
}

fn in_progress(instance: &InstanceRow) -> Ruling {
    Ruling::refuse_with(Reply::creating(&instance.id), ReasonCode::InProgress)
}

/// Over what identifies a purchase, as far as the dialect sends it; never ciphertexts, times or contact data.
fn fingerprint(event: &Event) -> String {
    let parts = ["customer_id", "sku_code", "product_id", "charging_mode"];
    let parts = parts.map(|name| event.text(name).unwrap_or_default());
    let [customer, sku, product, mode] = parts.map(str::as_bytes);
    let digest = hmac_sha256(&[b"fingerprint"], &[customer, &[0], sku, &[0], product, &[0], mode]);
    hex::encode(digest.get(..16).unwrap_or_default())
}
