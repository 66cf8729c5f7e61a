//! Steps 9 and 10: the plan, its features, its limits, and who has a seat.

use alloc::string::ToString;

use super::evaluation::{Evaluation, Wanted};
use super::member::text_of;
use super::report::{Report, named, said};
use crate::entitlement::check::{Subject, Target};
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::{Datum, Used};
use crate::entitlement::json::Json;
use crate::entitlement::policy::compiled::Purchase;
use crate::entitlement::store::member::Record;
use crate::entitlement::store::slot::{Application, Binding, Instance, Tenant};
use crate::entitlement::world::Bought;

/// What was found before.
#[derive(Clone, Copy, Default)]
pub(super) struct Found<'a> {
    pub(super) instance: Option<&'a Instance>,
    pub(super) tenant: Option<&'a Tenant>,
    pub(super) binding: Option<&'a Binding>,
    pub(super) application: Option<&'a Application>,
    pub(super) member: Option<(u32, &'a Record)>,
}

/// A plan, how much was bought, and by what the plan was looked for.
struct Chosen<'a> {
    plan: Option<u32>,
    bought: Bought,
    by: Option<&'a str>,
}

impl<'a, R: Report> Evaluation<'a, R> {
    pub(super) fn plan_and_limits(&mut self, found: &Found<'a>) {
        let policy = self.policy;
        let unknown = match (self.check.target, self.wanted) {
            (Target::Feature(name), Wanted::Feature(None)) => Some((CheckCode::FeatureUnknown, name)),
            (Target::Limit(name), Wanted::Limit(None)) => Some((CheckCode::LimitUnknown, name)),
            _ => None,
        };
        if let Some((code, name)) = unknown {
            self.report.fail(code, || said(Some(&text_of(name)), Datum::None, Datum::None));
        }
        let Some(Chosen { plan, bought, by }) = self.choose(found) else { return };
        self.plan = plan;
        let is_change = matches!(self.wanted, Wanted::Change);
        let seated = found.member.filter(|(_, member)| member.is_seated());
        let Some(plan) = plan else {
            let needs_plan = self.wanted.feature().is_some()
                || self.wanted.limit().is_some()
                || is_change
                || policy.seats.is_some() && seated.is_some();
            if needs_plan {
                let by = || said(None, Datum::None, by.map_or(Datum::None, Datum::from));
                self.report.fail(CheckCode::PlanUnknown, by);
            }
            return;
        };
        self.report.note(|notes| notes.facts.plan = Some(policy.plan_name(plan).to_string()));
        if let Some(feature) = self.wanted.feature().filter(|feature| !policy.has_feature(plan, *feature)) {
            self.report.fail(CheckCode::FeatureNotInPlan, || {
                let having = named(&policy.source.plans, |plan| policy.has_feature(plan, feature));
                said(policy.feature_name(feature), having, policy.plan_name(plan))
            });
        }
        if is_change {
            for limit in policy.limits_in_order() {
                self.limit(found, plan, limit, 0, bought);
            }
            return;
        }
        if let Some(limit) = self.wanted.limit() {
            self.limit(found, plan, limit, self.check.amount, bought);
        }
        if let (Some(seats), Some((number, _))) = (policy.seats, seated) {
            self.seat(found, number, plan, seats, bought);
        }
    }

    /// Nothing without an instance or a binding. A change is to no trial.
    fn choose(&self, found: &Found<'a>) -> Option<Chosen<'a>> {
        let policy = self.policy;
        let Some(instance) = found.instance else {
            let binding = found.binding.filter(|binding| binding.instance.is_none())?;
            let plan = policy.plan_of_origin(self.store.origin(binding));
            return Some(Chosen { plan, bought: Bought::default(), by: None });
        };
        let row = instance.row.as_ref()?;
        let (mut product_id, mut sku_code) = (row.product_id.as_deref(), row.sku_code.as_deref());
        let Target::Change(change) = self.check.target else {
            return Some(Chosen { plan: instance.plan, bought: row.bought, by: product_id.or(sku_code) });
        };
        product_id = change.product_id.or(product_id);
        sku_code = change.sku_code.or(sku_code);
        let purchase = Purchase { instance_id: &instance.id, is_trial: false, product_id, sku_code };
        let bought = change.over(row.bought);
        Some(Chosen { plan: policy.plan_of(&purchase), bought, by: product_id.or(sku_code) })
    }

    /// The value of a limit; `None` if an attribute is not known, which fails.
    fn value(&mut self, plan: u32, limit: u32, bought: Bought) -> Option<Option<u64>> {
        let policy = self.policy;
        match policy.value(plan, limit, bought) {
            Ok(value) => Some(value),
            Err(attribute) => {
                let missing = || said(policy.limit_name(limit), attribute.name(), Datum::None);
                self.report.fail(CheckCode::AttributeUnknown, missing);
                None
            }
        }
    }

    fn limit(&mut self, found: &Found<'_>, plan: u32, limit: u32, amount: u64, bought: Bought) {
        let Some(value) = self.value(plan, limit, bought) else { return };
        let policy = self.policy;
        let used = self.used(found, limit);
        let is_change = matches!(self.wanted, Wanted::Change);
        self.report.note(|notes| {
            let name = policy.limit_name(limit).unwrap_or_default();
            notes.usage.push((name.into(), used.into()));
            if !is_change {
                notes.facts.limit = Some(Used { name: name.into(), limit: value, used });
            }
        });
        let wanted = used.saturating_add(amount);
        let Some(value) = value.filter(|value| wanted > *value) else { return };
        let values = || said(policy.limit_name(limit), Datum::Number(value), Datum::Number(wanted));
        if policy.is_soft(limit) {
            self.report.warn(CheckCode::OverSoftLimit, values);
        } else {
            self.report.fail(CheckCode::LimitExceeded, values);
        }
    }

    fn used(&self, found: &Found<'_>, limit: u32) -> u64 {
        let is_seats = self.policy.seats == Some(limit);
        let name = self.policy.limit_name(limit).unwrap_or_default();
        match (self.check.subject, found.instance, found.tenant) {
            (Subject::Instance(_), Some(instance), _) if is_seats => self.store.seats_of_instance(instance),
            (Subject::User { .. }, ..) if is_seats => {
                found.application.map_or(0, |application| u64::from(application.seats.taken()))
            }
            (_, Some(instance), _) => instance.usage.get(name),
            (_, None, Some(tenant)) => tenant.usage.get(name),
            _ => 0,
        }
    }

    fn seat(&mut self, found: &Found<'_>, member: u32, plan: u32, seats: u32, bought: Bought) {
        let (policy, store) = (self.policy, self.store);
        let Some(application) = found.application else { return };
        let count = u64::from(application.seats.taken());
        let before = || application.seats.before(member, &store.members);
        self.report.note(|notes| {
            notes.seats = Json::object([("used", count.into()), ("before", before().into())]);
        });
        let Some(value) = self.value(plan, seats, bought) else { return };
        let name = policy.limit_name(seats);
        self.report.note(|notes| {
            let name = name.unwrap_or_default().into();
            notes.facts.seats = Some(Used { name, limit: value, used: count });
        });
        let Some(value) = value else { return };
        if count > value {
            let counts = || said(name, Datum::Number(value), Datum::Number(count));
            self.report.warn(CheckCode::OverSeats, counts);
        }
        if store.has_no_seat(application, member) {
            self.report.fail(CheckCode::NoSeat, || {
                said(name, Datum::Number(value), Datum::Number(before().saturating_add(1)))
            });
        }
    }
}
