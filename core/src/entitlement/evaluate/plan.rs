//! Steps 9 and 10: the plan, its features, its limits, and who has a seat.

use alloc::string::String;
use alloc::vec::Vec;

use super::evaluation::{Evaluation, Found};
use super::standing::Standing;
use crate::entitlement::code::CheckCode;
use crate::entitlement::decision::{Datum, Used};
use crate::entitlement::json::Json;
use crate::entitlement::policy::{Amount, Attribute, Plan, Policy, find};
use crate::entitlement::request::{Change, Request, Subject, Target};
use crate::entitlement::world::{Instance, Owner, Phase, World};

/// What the value of a limit is computed from.
#[derive(Clone, Copy)]
pub(in crate::entitlement) struct Attributes {
    quantity: Option<u64>,
    disk_size: Option<u64>,
    band_width: Option<u64>,
}

impl Attributes {
    pub(in crate::entitlement) fn of(instance: Option<&Instance>) -> Self {
        let of = |read: fn(&Instance) -> Option<u64>| instance.and_then(read);
        Self {
            quantity: of(|instance| instance.quantity),
            disk_size: of(|instance| instance.disk_size),
            band_width: of(|instance| instance.band_width),
        }
    }

    fn with(self, change: &Change) -> Self {
        Self {
            quantity: change.quantity.or(self.quantity),
            disk_size: change.disk_size.or(self.disk_size),
            band_width: change.band_width.or(self.band_width),
        }
    }

    fn get(self, attribute: Attribute) -> Option<u64> {
        match attribute {
            Attribute::Quantity => self.quantity,
            Attribute::DiskSize => self.disk_size,
            Attribute::BandWidth => self.band_width,
        }
    }
}

/// How much: `Ok(None)` is without limit, `Err` an attribute that nobody knows.
pub(in crate::entitlement) fn value_of(
    amount: Amount,
    attributes: Attributes,
) -> Result<Option<u64>, Attribute> {
    match amount {
        Amount::Unlimited => Ok(None),
        Amount::Fixed(value) => Ok(Some(value)),
        Amount::Per(attribute, times) => {
            let bought = attributes.get(attribute).ok_or(attribute)?;
            Ok(Some(bought.saturating_mul(times).min(super::super::shape::GREATEST)))
        }
    }
}

/// What chooses the plan of an instance.
pub(in crate::entitlement) struct Bought<'a> {
    pub(in crate::entitlement) id: &'a str,
    pub(in crate::entitlement) is_trial: bool,
    pub(in crate::entitlement) product_id: Option<&'a String>,
    pub(in crate::entitlement) sku_code: Option<&'a String>,
}

impl<'a> Bought<'a> {
    pub(in crate::entitlement) fn of(id: &'a str, instance: &'a Instance) -> Self {
        let is_trial = instance.phase == Phase::Trial;
        let (product_id, sku_code) = (instance.product_id.as_ref(), instance.sku_code.as_ref());
        Self { id, is_trial, product_id, sku_code }
    }

    pub(in crate::entitlement) fn plan<'p>(&self, policy: &'p Policy) -> Option<(&'p String, &'p Plan)> {
        let first = |fits: &dyn Fn(&Plan) -> bool| policy.plans.iter().find(|(_, plan)| fits(plan));
        first(&|plan| plan.instance_ids.iter().any(|id| id == self.id))
            .or_else(|| first(&|plan| self.is_trial && plan.trial))
            .or_else(|| first(&|plan| self.product_id.is_some_and(|id| plan.product_ids.contains(id))))
            .or_else(|| first(&|plan| self.sku_code.is_some_and(|code| plan.sku_codes.contains(code))))
            .or_else(|| first(&|plan| plan.is_default))
            .map(|(name, plan)| (name, plan))
    }
}

/// Everybody who takes a seat of an instance: in all of its bound tenants and all applications.
pub(in crate::entitlement) fn seats_of_instance(world: &World, id: &str) -> u64 {
    let is_bound =
        |tenant: &String| world.tenants.get(&(tenant.clone(), String::from(id))).is_some_and(|row| row.bound);
    let seated = world.members.iter().filter(|(((tenant, instance), ..), member)| {
        instance == id && member.is_seated() && is_bound(tenant)
    });
    u64::try_from(seated.count()).unwrap_or(u64::MAX)
}

pub(in crate::entitlement) fn usage_of(world: &World, owner: Owner, limit: &str) -> u64 {
    world.usage.get(&(owner, limit.into())).copied().unwrap_or(0)
}

impl<'a> Evaluation<'a> {
    /// `standing` of a user's binding without an instance says its origin.
    pub(super) fn plan_and_limits(&mut self, found: &Found<'_>, standing: Option<Standing<'_>>) {
        let (policy, request) = (self.policy, self.request);
        if let Target::Feature(feature) = &request.target
            && !policy.features.contains(feature)
        {
            self.fail(CheckCode::FeatureUnknown, Some(feature.as_str()), Datum::None, Datum::None);
        }
        if let Target::Limit(limit) = &request.target
            && find(&policy.limits, limit).is_none()
        {
            self.fail(CheckCode::LimitUnknown, Some(limit.as_str()), Datum::None, Datum::None);
        }
        let (plan, attributes, product_id, sku_code) = match (found.instance, standing, &request.target) {
            (Some((id, instance)), _, Target::Change(change)) => {
                let product_id = change.product_id.as_ref().or(instance.product_id.as_ref());
                let sku_code = change.sku_code.as_ref().or(instance.sku_code.as_ref());
                let bought = Bought { id, is_trial: false, product_id, sku_code };
                (bought.plan(policy), Attributes::of(Some(instance)).with(change), product_id, sku_code)
            }
            (Some((id, instance)), ..) => {
                let bought = Bought::of(id, instance);
                let (product_id, sku_code) = (bought.product_id, bought.sku_code);
                (bought.plan(policy), Attributes::of(Some(instance)), product_id, sku_code)
            }
            (None, Some(Standing::Binding(origin, _)), _) => {
                let of_origin = policy.plans.iter().find(|(_, plan)| plan.origins.contains(&origin));
                let plan = of_origin.or_else(|| policy.plans.iter().find(|(_, plan)| plan.is_default));
                (plan.map(|(name, plan)| (name, plan)), Attributes::of(None), None, None)
            }
            _ => return,
        };
        self.facts.plan = plan.map(|(name, _)| name.clone());
        let feature = match (&request.target, self.action()) {
            (Target::Feature(feature), _) => {
                Some(feature).filter(|feature| policy.features.contains(feature))
            }
            (_, Some((_, action))) => action.feature.as_ref(),
            _ => None,
        };
        let limit = match (&request.target, self.action()) {
            (Target::Limit(limit), _) => Some(limit).filter(|limit| find(&policy.limits, limit).is_some()),
            (_, Some((_, action))) => action.limit.as_ref(),
            _ => None,
        };
        let is_change = matches!(request.target, Target::Change(_));
        let is_seated = found.member.is_some_and(|member| member.is_seated());
        let Some((name, plan)) = plan else {
            let needs_plan =
                feature.is_some() || limit.is_some() || is_change || policy.seats.is_some() && is_seated;
            if needs_plan {
                let bought = Datum::from(product_id.or(sku_code));
                self.fail(CheckCode::PlanUnknown, None, Datum::None, bought);
            }
            return;
        };
        if let Some(feature) = feature.filter(|feature| !plan.features.contains(feature)) {
            let has = policy.plans.iter().filter(|(_, plan)| plan.features.contains(feature));
            let mut plans: Vec<String> = has.map(|(name, _)| name.clone()).collect();
            plans.sort_unstable();
            self.fail(CheckCode::FeatureNotInPlan, Some(feature.as_str()), Datum::List(plans), name.as_str());
        }
        if is_change {
            let mut limits: Vec<&String> = policy.limits.iter().map(|(name, _)| name).collect();
            limits.sort_unstable();
            for limit in limits {
                self.limit(found, plan, limit, 0, attributes);
            }
            return;
        }
        if let Some(limit) = limit {
            self.limit(found, plan, limit, request.amount, attributes);
        }
        if let (Some(seats), true) = (&policy.seats, is_seated) {
            self.seat(found, plan, seats, attributes);
        }
    }

    /// The value of a limit; `None` if an attribute is not known, which fails.
    fn value(&mut self, plan: &Plan, limit: &str, attributes: Attributes) -> Option<Option<u64>> {
        let amount = find(&plan.limits, limit).copied().unwrap_or(Amount::Unlimited);
        match value_of(amount, attributes) {
            Ok(value) => Some(value),
            Err(attribute) => {
                self.fail(CheckCode::AttributeUnknown, Some(limit), attribute.name(), Datum::None);
                None
            }
        }
    }

    fn limit(&mut self, found: &Found<'_>, plan: &Plan, limit: &str, amount: u64, attributes: Attributes) {
        let Some(value) = self.value(plan, limit, attributes) else { return };
        let used = self.used(found, limit);
        self.read.usage.push((limit.into(), used.into()));
        if !matches!(self.request.target, Target::Change(_)) {
            self.facts.limit = Some(Used { name: limit.into(), limit: value, used });
        }
        let wanted = used.saturating_add(amount);
        let Some(value) = value.filter(|value| wanted > *value) else { return };
        let is_soft = find(&self.policy.limits, limit).is_some_and(|limit| limit.is_soft);
        let (expected, wanted) = (Datum::Number(value), Datum::Number(wanted));
        if is_soft {
            self.warn(CheckCode::OverSoftLimit, Some(limit), expected, wanted);
        } else {
            self.fail(CheckCode::LimitExceeded, Some(limit), expected, wanted);
        }
    }

    fn used(&self, found: &Found<'_>, limit: &str) -> u64 {
        let (world, request): (&World, &Request) = (self.world, self.request);
        let is_seats = self.policy.seats.as_deref() == Some(limit);
        match (&request.subject, found.binding, found.instance) {
            (Subject::Instance(id), ..) if is_seats => seats_of_instance(world, id),
            (Subject::User { .. }, Some(_), _) if is_seats => self.order(found).0,
            (_, _, Some((id, _))) => usage_of(world, Owner::Instance(id.clone()), limit),
            (_, Some((binding, _)), None) => usage_of(world, Owner::Tenant(binding.0.clone()), limit),
            _ => 0,
        }
    }

    /// How many members of this binding and application take a seat, and how many of them stand before this one.
    fn order(&self, found: &Found<'_>) -> (u64, u64) {
        let (Subject::User { app, user, .. }, Some((binding, _))) = (&self.request.subject, found.binding)
        else {
            return (0, 0);
        };
        let own = found.member.map(|member| (member.authorised_at, user));
        let first = (binding.clone(), app.clone(), String::new());
        let members = self
            .world
            .members
            .range(first..)
            .take_while(|((of, in_app, _), _)| of == binding && in_app == app);
        let (mut count, mut before) = (0_u64, 0_u64);
        for ((.., name), _) in members.clone().filter(|(_, member)| member.is_seated()) {
            count = count.saturating_add(1);
            let at = self.world.members.get(&(binding.clone(), app.clone(), name.clone()));
            let is_before = at.zip(own).is_some_and(|(member, own)| (member.authorised_at, name) < own);
            before = before.saturating_add(u64::from(is_before));
        }
        (count, before)
    }

    fn seat(&mut self, found: &Found<'_>, plan: &Plan, seats: &str, attributes: Attributes) {
        let (count, before) = self.order(found);
        self.read.seats = Json::object([("used", count.into()), ("before", before.into())]);
        let Some(value) = self.value(plan, seats, attributes) else { return };
        self.facts.seats = Some(Used { name: seats.into(), limit: value, used: count });
        let Some(value) = value else { return };
        if count > value {
            self.warn(CheckCode::OverSeats, Some(seats), Datum::Number(value), Datum::Number(count));
        }
        let is_soft = find(&self.policy.limits, seats).is_some_and(|limit| limit.is_soft);
        if !is_soft && before >= value {
            let place = Datum::Number(before.saturating_add(1));
            self.fail(CheckCode::NoSeat, Some(seats), Datum::Number(value), place);
        }
    }
}
