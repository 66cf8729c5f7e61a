//! A policy as it is evaluated: names are numbers in the order of the document, and what is chosen from is found at once.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::access::{Access, AccessPolicy};
use super::regions::Regions;
use super::{Actions, Amount, Attribute, Condition, Plan, Policy};
use crate::entitlement::number::at;
use crate::entitlement::shape::GREATEST;
use crate::entitlement::world::{Bought, Origin};

/// Which of so many.
#[derive(Debug, Clone)]
struct Set(Box<[u64]>);

impl Set {
    fn of(size: usize, holds: impl Fn(usize) -> bool) -> Self {
        let mut words = vec![0_u64; size.div_ceil(64)];
        for index in (0..size).filter(|index| holds(*index)) {
            if let Some(word) = words.get_mut(index >> 6) {
                *word |= 1_u64.checked_shl(u32::try_from(index & 63).unwrap_or_default()).unwrap_or_default();
            }
        }
        Self(words.into())
    }

    fn has(&self, index: u32) -> bool {
        let word = usize::try_from(index >> 6).ok().and_then(|word| self.0.get(word));
        word.is_some_and(|word| word >> (index & 63) & 1 == 1)
    }
}

/// A list of names, found by name.
#[derive(Debug, Clone)]
struct Names(BTreeMap<Box<str>, u32>);

impl Names {
    fn of<'n>(names: impl Iterator<Item = &'n String>) -> Self {
        Self((0..).zip(names).map(|(index, name)| (name.as_str().into(), index)).collect())
    }

    fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }
}

/// What an action asks for, in numbers.
#[derive(Debug, Clone, Copy)]
pub(in crate::entitlement) struct Needs {
    pub(in crate::entitlement) writes: bool,
    pub(in crate::entitlement) feature: Option<u32>,
    pub(in crate::entitlement) limit: Option<u32>,
    pub(in crate::entitlement) has_conditions: bool,
}

#[derive(Debug, Clone)]
struct Sold {
    features: Set,
    limits: Box<[Amount]>,
}

/// What chooses the plan of an instance.
#[derive(Debug, Clone, Copy)]
pub(in crate::entitlement) struct Purchase<'a> {
    pub(in crate::entitlement) instance_id: &'a str,
    pub(in crate::entitlement) is_trial: bool,
    pub(in crate::entitlement) product_id: Option<&'a str>,
    pub(in crate::entitlement) sku_code: Option<&'a str>,
}

/// A policy, compiled.
#[derive(Debug, Clone)]
pub(in crate::entitlement) struct Compiled {
    pub(in crate::entitlement) source: Policy,
    actions: Names,
    needs: Box<[Needs]>,
    features: Names,
    limits: Names,
    pub(in crate::entitlement) seats: Option<u32>,
    /// For each role of the wire the one that it means.
    role_of_wire: [Option<u32>; 6],
    /// For each role the actions.
    may: Box<[Set]>,
    plans: Box<[Sold]>,
    by_instance: BTreeMap<Box<str>, u32>,
    by_product: BTreeMap<Box<str>, u32>,
    by_sku: BTreeMap<Box<str>, u32>,
    trial: Option<u32>,
    default: Option<u32>,
    workbench: Option<u32>,
    seller: Option<u32>,
    seller_tenants: BTreeSet<Box<str>>,
    /// Access policies that are enabled: those of each tenant, and those of all.
    of_tenant: BTreeMap<Box<str>, Box<[u32]>>,
    of_all: Box<[u32]>,
    pub(in crate::entitlement) regions: Regions,
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl Compiled {
    /// Of a policy in which no rule is broken.
    pub(in crate::entitlement) fn new(source: Policy) -> Self {
        let actions = Names::of(source.actions.iter().map(|(name, _)| name));
        let features = Names::of(source.features.iter());
        let limits = Names::of(source.limits.iter().map(|(name, _)| name));
        let needs = source.actions.iter().map(|(_, action)| Needs {
            writes: action.writes,
            feature: action.feature.as_ref().and_then(|name| features.get(name)),
            limit: action.limit.as_ref().and_then(|name| limits.get(name)),
            has_conditions: !action.conditions.is_empty(),
        });
        let may = source.roles.iter().map(|(_, allowed)| match allowed {
            Actions::All => Set::of(source.actions.len(), |_| true),
            Actions::These(names) => {
                let names: BTreeSet<&String> = names.iter().collect();
                Set::of(source.actions.len(), |index| {
                    source.actions.get(index).is_some_and(|(name, _)| names.contains(name))
                })
            }
        });
        let roles = Names::of(source.roles.iter().map(|(name, _)| name));
        let sold = source.plans.iter().map(|(_, plan)| Sold {
            features: Set::of(source.features.len(), |index| {
                source.features.get(index).is_some_and(|name| plan.features.contains(name))
            }),
            limits: source
                .limits
                .iter()
                .map(|(name, _)| super::find(&plan.limits, name).copied().unwrap_or(Amount::Unlimited))
                .collect(),
        });
        let plan =
            |fits: &dyn Fn(&Plan) -> bool| source.plans.iter().position(|(_, plan)| fits(plan)).map(number);
        let selected = |list: fn(&Plan) -> &Vec<String>| {
            let plans = source.plans.iter().enumerate();
            let pairs = plans.flat_map(|(index, (_, plan))| list(plan).iter().map(move |id| (id, index)));
            pairs.map(|(id, index)| (id.as_str().into(), number(index))).collect()
        };
        let policies: &[AccessPolicy] = source.access.as_ref().map_or(&[], |access| &access.policies);
        let those = |tenant: Option<&str>| -> Box<[u32]> {
            let enabled = policies.iter().enumerate().filter(|(_, policy)| policy.enabled);
            let fits = |policy: &AccessPolicy| match &policy.tenant_id {
                None => true,
                Some(of) => tenant == Some(of.as_str()),
            };
            enabled.filter(|(_, policy)| fits(policy)).map(|(index, _)| number(index)).collect()
        };
        let tenants: BTreeSet<&str> =
            policies.iter().filter_map(|policy| policy.tenant_id.as_deref()).collect();
        Self {
            needs: needs.collect(),
            may: may.collect(),
            role_of_wire: source.role_map.each_ref().map(|role| roles.get(role)),
            plans: sold.collect(),
            by_instance: selected(|plan| &plan.instance_ids),
            by_product: selected(|plan| &plan.product_ids),
            by_sku: selected(|plan| &plan.sku_codes),
            trial: plan(&|plan| plan.trial),
            default: plan(&|plan| plan.is_default),
            workbench: plan(&|plan| plan.origins.contains(&Origin::Workbench)),
            seller: plan(&|plan| plan.origins.contains(&Origin::Seller)),
            seller_tenants: source.seller_tenants.iter().map(|tenant| tenant.as_str().into()).collect(),
            of_tenant: tenants.into_iter().map(|tenant| (tenant.into(), those(Some(tenant)))).collect(),
            of_all: those(None),
            regions: source.access.as_ref().map(Regions::of).unwrap_or_default(),
            seats: source.seats.as_ref().and_then(|name| limits.get(name)),
            actions,
            features,
            limits,
            source,
        }
    }

    pub(in crate::entitlement) fn action(&self, name: &str) -> Option<u32> {
        self.actions.get(name)
    }

    pub(in crate::entitlement) fn feature(&self, name: &str) -> Option<u32> {
        self.features.get(name)
    }

    pub(in crate::entitlement) fn limit(&self, name: &str) -> Option<u32> {
        self.limits.get(name)
    }

    pub(in crate::entitlement) fn needs(&self, action: u32) -> Option<Needs> {
        at(&self.needs, action).copied()
    }

    pub(in crate::entitlement) fn role(&self, wire: u8) -> Option<u32> {
        self.role_of_wire.get(usize::from(wire)).copied().flatten()
    }

    pub(in crate::entitlement) fn may(&self, role: u32, action: u32) -> bool {
        at(&self.may, role).is_some_and(|actions| actions.has(action))
    }

    pub(in crate::entitlement) fn has_feature(&self, plan: u32, feature: u32) -> bool {
        at(&self.plans, plan).is_some_and(|plan| plan.features.has(feature))
    }

    /// How much of a limit a plan has: `Ok(None)` is without limit, `Err` an attribute that nobody knows.
    pub(in crate::entitlement) fn value(
        &self,
        plan: u32,
        limit: u32,
        bought: Bought,
    ) -> Result<Option<u64>, Attribute> {
        let amount = at(&self.plans, plan).and_then(|plan| at(&plan.limits, limit).copied());
        match amount.unwrap_or(Amount::Unlimited) {
            Amount::Unlimited => Ok(None),
            Amount::Fixed(value) => Ok(Some(value)),
            Amount::Per(attribute, times) => {
                let of = match attribute {
                    Attribute::Quantity => bought.quantity,
                    Attribute::DiskSize => bought.disk_size,
                    Attribute::BandWidth => bought.band_width,
                };
                of.map(|of| Some(of.saturating_mul(times).min(GREATEST))).ok_or(attribute)
            }
        }
    }

    pub(in crate::entitlement) fn is_soft(&self, limit: u32) -> bool {
        at(&self.source.limits, limit).is_some_and(|(_, limit)| limit.is_soft)
    }

    pub(in crate::entitlement) fn limit_name(&self, limit: u32) -> Option<&str> {
        at(&self.source.limits, limit).map(|(name, _)| name.as_str())
    }

    pub(in crate::entitlement) fn feature_name(&self, feature: u32) -> Option<&str> {
        at(&self.source.features, feature).map(String::as_str)
    }

    pub(in crate::entitlement) fn action_name(&self, action: u32) -> Option<&str> {
        at(&self.source.actions, action).map(|(name, _)| name.as_str())
    }

    pub(in crate::entitlement) fn conditions(&self, action: u32) -> &[Condition] {
        at(&self.source.actions, action).map_or(&[], |(_, action)| &action.conditions)
    }

    /// All limits, by the bytes of their names.
    pub(in crate::entitlement) fn limits_in_order(&self) -> impl Iterator<Item = u32> {
        self.limits.0.values().copied()
    }

    pub(in crate::entitlement) fn plan_name(&self, plan: u32) -> &str {
        at(&self.source.plans, plan).map_or("", |(name, _)| name)
    }

    pub(in crate::entitlement) fn role_name(&self, role: u32) -> &str {
        at(&self.source.roles, role).map_or("", |(name, _)| name)
    }

    pub(in crate::entitlement) fn plan_of(&self, purchase: &Purchase<'_>) -> Option<u32> {
        let by = |map: &BTreeMap<Box<str>, u32>, id: Option<&str>| id.and_then(|id| map.get(id)).copied();
        by(&self.by_instance, Some(purchase.instance_id))
            .or_else(|| self.trial.filter(|_| purchase.is_trial))
            .or_else(|| by(&self.by_product, purchase.product_id))
            .or_else(|| by(&self.by_sku, purchase.sku_code))
            .or(self.default)
    }

    pub(in crate::entitlement) fn plan_of_origin(&self, origin: Origin) -> Option<u32> {
        match origin {
            Origin::Workbench => self.workbench,
            Origin::Seller => self.seller,
        }
        .or(self.default)
    }

    pub(in crate::entitlement) fn origin_of(&self, tenant: &str) -> Origin {
        if self.seller_tenants.contains(tenant) { Origin::Seller } else { Origin::Workbench }
    }

    /// The numbers of the access policies that a tenant has.
    pub(in crate::entitlement) fn policies_of(&self, tenant: &str) -> &[u32] {
        self.of_tenant.get(tenant).unwrap_or(&self.of_all)
    }

    pub(in crate::entitlement) fn access(&self) -> Option<&Access> {
        self.source.access.as_ref()
    }

    pub(in crate::entitlement) fn access_policy(&self, number: u32) -> Option<&AccessPolicy> {
        at(&self.access()?.policies, number)
    }
}
