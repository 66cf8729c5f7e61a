//! Test traffic (`testFlag` 1): the platform's debugging page, and its probes twice a day for as long as the product is
//! on sale. A space of its own, in which creates happen once and nothing else has a state; every well-formed call
//! succeeds, also after a release.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::assignment;
use super::context::DecisionContext;
use super::create;
use super::row::{FORMAT, OrderRow};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::dialect::{AppInfo, InstanceInfo, Reply};
use crate::event::{Datum, Event, EventKind, InstanceEvent};

pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let event = &context.admission.call.event;
    let (id, changes) = if event.opens_instance() {
        instance_id(context)?
    } else {
        (context.admission.instance_id().to_string(), Changes::default())
    };
    if context.admission.route.policy.test_effects {
        let data = marked(event, &id).to_json();
        let subject = match event.kind {
            EventKind::Instance(_) => Subject::Instance(id),
            // Nothing marks an account as one of a test.
            EventKind::Account(_) => return Ok(Ruling::reply(Reply::success())),
            EventKind::Order(_) => Subject::Order(context.admission.text("order_id").to_string()),
            EventKind::Directory(_) => {
                Subject::Tenant { tenant: context.admission.text("tenant_id").to_string(), instance: id }
            }
        };
        let deadline_ms = context.settings.effect_deadline_ms;
        let question = assignment::of_question(context, &subject, &data, deadline_ms);
        return Ok(Ruling::ask(question).changing(changes));
    }
    Ok(Ruling::reply(reply(context, &id, None, None)).changing(changes))
}

/// The id that the order got the first time.
pub(super) fn instance_id(context: &DecisionContext<'_>) -> Result<(String, Changes), Stop> {
    let mut changes = Changes::default();
    let key = context.admission.order_key()?;
    if let Some(order) = context.snapshot.get::<OrderRow>(&key)? {
        return Ok((order.instance, changes));
    }
    let id = create::free_id(context)?.map(ToString::to_string);
    let order = OrderRow { format: FORMAT, instance: id.unwrap_or_else(|| context.entropy.uuid("instance")) };
    // Marks the id as taken among test instances.
    changes.put(context.admission.instance_key(&order.instance), &order);
    changes.put(key, &order);
    Ok((order.instance, changes))
}

/// What a probe expects. `access` and `license` are what a backend said, where test effects are sent.
pub(super) fn reply(
    context: &DecisionContext<'_>,
    instance_id: &str,
    access: Option<AppInfo>,
    license: Option<String>,
) -> Reply {
    let route = context.admission.route;
    let address = || {
        let front_end_url = route.policy.test_front_end_url.clone()?;
        Some(AppInfo { front_end_url, ..AppInfo::default() })
    };
    let event = &context.admission.call.event;
    match event.kind {
        EventKind::Instance(InstanceEvent::Subscribe) => Reply::created(instance_id, access.or_else(address)),
        EventKind::Instance(InstanceEvent::IssueLicense) if event.opens_instance() => {
            let test_license = || route.endpoint.test_license().unwrap_or_default().to_string();
            Reply::licensed(instance_id, license.unwrap_or_else(test_license))
        }
        EventKind::Instance(InstanceEvent::QueryInstances) => {
            let item =
                |id: &String| InstanceInfo { instance_id: id.clone(), app: address(), usage: Vec::new() };
            let items = event.list("instance_ids").iter().map(item).collect();
            Reply::listed(items)
        }
        EventKind::Instance(
            InstanceEvent::Renew
            | InstanceEvent::IssueLicense
            | InstanceEvent::Upgrade
            | InstanceEvent::CheckChange
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release,
        )
        | EventKind::Order(_)
        | EventKind::Directory(_)
        | EventKind::Account(_) => Reply::success(),
    }
}

/// The event as a backend gets it: marked as a test.
fn marked(event: &Event, instance_id: &str) -> Event {
    let mut event = event.clone();
    if !instance_id.is_empty() {
        event.set("instance_id", Datum::Text(instance_id.to_string()));
    }
    event.set("test", Datum::Flag(true));
    event
}
