//! The rules between the fields of a policy whose shapes are right: names that stand for something, selectors that choose one
//! plan, and nothing that can never count.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::shape::{element, member};
use super::super::world::Origin;
use super::access::{Access, Time};
use super::{Actions, Effect, Plan, Policy, WIRE_ROLES, find};
use crate::config::Problems;

/// Adds every mistake; the result is what is allowed and may be one.
pub(in crate::entitlement) fn check(policy: &Policy, problems: &mut Problems) -> Problems {
    names(policy, problems);
    conflicts(policy, problems);
    gaps(policy, problems);
    if let Some(access) = &policy.access {
        access_rules(access, problems);
    }
    unreachable(policy, problems);
    let mut warnings = Problems::default();
    for (name, days) in [("active", policy.clock.active), ("trial", policy.clock.trial)] {
        if days.is_some() {
            let message = "the platform forbids denial by the clock for what it sold";
            warnings.add(&format!("policy.clock.{name}"), "clock-denial", message);
        }
    }
    warnings
}

fn unknown(path: &str, what: &str, problems: &mut Problems) {
    problems.add(path, "unknown-name", &format!("no {what} has this name"));
}

fn names(policy: &Policy, problems: &mut Problems) {
    let has_feature = |name: &String| policy.features.contains(name);
    let has_limit = |name: &String| find(&policy.limits, name).is_some();
    if policy.seats.as_ref().is_some_and(|seats| !has_limit(seats)) {
        unknown("policy.seats", "limit", problems);
    }
    for (name, action) in &policy.actions {
        let path = member("policy.actions", name);
        if action.feature.as_ref().is_some_and(|feature| !has_feature(feature)) {
            unknown(&member(&path, "feature"), "feature", problems);
        }
        if action.limit.as_ref().is_some_and(|limit| !has_limit(limit)) {
            unknown(&member(&path, "limit"), "limit", problems);
        }
        for (index, condition) in action.conditions.iter().enumerate() {
            let path = element(&member(&path, "extension"), index);
            if action.conditions.iter().take(index).any(|before| before.field == condition.field) {
                problems.add(&member(&path, "field"), "duplicate", "has a condition already");
            }
        }
    }
    for (role, actions) in &policy.roles {
        let Actions::These(actions) = actions else { continue };
        let path = member("policy.roles", role);
        let star = actions.iter().position(|action| action == "*");
        for (index, action) in actions.iter().enumerate() {
            let at = element(&path, index);
            if star.is_some_and(|star| index == star.max(1)) {
                problems.add(&at, "conflict", "`*` stands alone");
            }
            if action != "*" && find(&policy.actions, action).is_none() {
                unknown(&at, "action", problems);
            }
        }
    }
    for (wire, role) in WIRE_ROLES.iter().zip(&policy.role_map) {
        if find(&policy.roles, role).is_none() {
            unknown(&member("policy.role_map", wire), "role", problems);
        }
    }
    for (name, plan) in &policy.plans {
        let path = member("policy.plans", name);
        for (index, _) in plan.features.iter().enumerate().filter(|(_, feature)| !has_feature(feature)) {
            unknown(&element(&member(&path, "features"), index), "feature", problems);
        }
        for (limit, _) in plan.limits.iter().filter(|(limit, _)| !has_limit(limit)) {
            unknown(&member(&member(&path, "limits"), limit), "limit", problems);
        }
    }
}

/// Of two plans with one selector nobody could say which one is meant.
fn conflicts(policy: &Policy, problems: &mut Problems) {
    type Selectors = fn(&Plan) -> &Vec<String>;
    let lists: [(&str, Selectors); 3] = [
        ("product_ids", |plan| &plan.product_ids),
        ("sku_codes", |plan| &plan.sku_codes),
        ("instance_ids", |plan| &plan.instance_ids),
    ];
    let conflict = |path: &str, problems: &mut Problems| {
        problems.add(path, "conflict", "another plan has this selector, or this one twice");
    };
    let mut known: [Vec<&String>; 3] = Default::default();
    let mut origins: Vec<Origin> = Vec::new();
    let (mut trial, mut default) = (false, false);
    for (name, plan) in &policy.plans {
        let path = member("policy.plans", name);
        for ((field, list), known) in lists.iter().zip(&mut known) {
            for (index, text) in list(plan).iter().enumerate() {
                if known.contains(&text) {
                    conflict(&element(&member(&path, field), index), problems);
                }
                known.push(text);
            }
        }
        for (index, origin) in plan.origins.iter().enumerate() {
            if origins.contains(origin) {
                conflict(&element(&member(&path, "origins"), index), problems);
            }
            origins.push(*origin);
        }
        if plan.trial && core::mem::replace(&mut trial, true) {
            conflict(&member(&path, "trial"), problems);
        }
        if plan.is_default && core::mem::replace(&mut default, true) {
            conflict(&member(&path, "default"), problems);
        }
    }
}

fn gaps(policy: &Policy, problems: &mut Problems) {
    for (name, plan) in &policy.plans {
        let path = member(&member("policy.plans", name), "limits");
        for (limit, _) in policy.limits.iter().filter(|(limit, _)| find(&plan.limits, limit).is_none()) {
            problems.add(&member(&path, limit), "gap", "the plan does not say how much");
        }
    }
    let sells = !policy.features.is_empty() || !policy.limits.is_empty();
    let has_default = policy.plans.iter().any(|(_, plan)| plan.is_default);
    if !sells || has_default {
        return;
    }
    for (name, origin) in [("workbench", Origin::Workbench), ("seller", Origin::Seller)] {
        let is_there = origin == Origin::Workbench || !policy.seller_tenants.is_empty();
        let has_plan = policy.plans.iter().any(|(_, plan)| plan.origins.contains(&origin));
        if is_there && policy.effect_of(origin) != Effect::Deny && !has_plan {
            problems.add(&format!("policy.phases.{name}"), "gap", "is not denied, and no plan is for it");
        }
    }
}

fn access_rules(access: &Access, problems: &mut Problems) {
    let mut networks = Vec::new();
    for (name, region) in &access.regions {
        let path = member("policy.access.regions", name);
        for (index, network) in region.iter().enumerate() {
            if networks.contains(network) {
                problems.add(&element(&path, index), "duplicate", "stands in a region already");
            }
            networks.push(*network);
        }
    }
    for (index, policy) in access.policies.iter().enumerate() {
        let path = element("policy.access.policies", index);
        if access.policies.iter().take(index).any(|before| before.name == policy.name) {
            problems.add(&member(&path, "name"), "duplicate", "another policy has this name");
        }
        if let Some(time) = &policy.time {
            let path = member(&path, "time");
            if time.hours.0 == time.hours.1 {
                problems.add(&member(&path, "hours"), "out-of-range", "begin and end are equal");
            }
            if is_reversed(time) {
                problems.add(&member(&path, "dates"), "out-of-range", "the last day lies before the first");
            }
        }
        for (index, region) in policy.regions.iter().flatten().enumerate() {
            if find(&access.regions, region).is_none() {
                unknown(&element(&member(&path, "regions"), index), "region", problems);
            }
        }
    }
}

fn is_reversed(time: &Time) -> bool {
    time.first_day.zip(time.last_day).is_some_and(|(first, last)| last < first)
}

fn unreachable(policy: &Policy, problems: &mut Problems) {
    let mut never = |path: &str| problems.add(path, "unreachable", "can never count");
    for (action, _) in &policy.actions {
        if !policy.roles.iter().any(|(_, actions)| actions.have(action)) {
            never(&member("policy.actions", action));
        }
    }
    for (index, feature) in policy.features.iter().enumerate() {
        if !policy.plans.iter().any(|(_, plan)| plan.features.contains(feature)) {
            never(&element("policy.features", index));
        }
    }
    for (role, _) in policy.roles.iter().filter(|(role, _)| !policy.role_map.contains(role)) {
        never(&member("policy.roles", role));
    }
    for (name, plan) in &policy.plans {
        let path = member("policy.plans", name);
        let lists = [&plan.product_ids, &plan.sku_codes, &plan.instance_ids];
        let has_list = lists.iter().any(|list| !list.is_empty());
        if !has_list && plan.origins.is_empty() && !plan.trial && !plan.is_default {
            never(&path);
        }
        if plan.trial && policy.phases.trial == Effect::Deny {
            never(&member(&path, "trial"));
        }
        for (index, origin) in plan.origins.iter().enumerate() {
            let is_nobody = *origin == Origin::Seller && policy.seller_tenants.is_empty();
            if is_nobody || policy.effect_of(*origin) == Effect::Deny {
                never(&element(&member(&path, "origins"), index));
            }
        }
    }
    let Some(access) = &policy.access else { return };
    for (region, _) in &access.regions {
        if !access.policies.iter().any(|policy| policy.regions.iter().flatten().any(|known| known == region))
        {
            never(&member("policy.access.regions", region));
        }
    }
    let mut is_decided = false;
    for (index, policy) in access.policies.iter().enumerate() {
        let is_dead = policy.time.as_ref().is_some_and(|time| !is_reversed(time) && !time.ever_starts());
        if is_dead || access.first && policy.enabled && is_decided {
            never(&element("policy.access.policies", index));
        }
        is_decided |= policy.enabled
            && policy.tenant_id.is_none()
            && policy.users.is_none()
            && policy.departments.is_none()
            && policy.time.is_none()
            && policy.regions.is_none();
    }
}
