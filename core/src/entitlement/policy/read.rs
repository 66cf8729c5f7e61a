//! From a document to a policy: shapes alone.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::digest;
use super::super::shape::{self, GREATEST, Object};
use super::super::world::Origin;
use super::{
    Action, Actions, Amount, Attribute, Clock, Condition, Effect, Limit, Phases, Plan, Policy, Stale,
    WIRE_ROLES, read_access,
};
use crate::config::Problems;
use crate::wire::json::Value;

const PHASES: [&str; 7] = ["active", "trial", "overdue", "frozen", "released", "workbench", "seller"];
const CLOCKS: [&str; 4] = ["active", "trial", "workbench", "seller"];
const MOST_DAYS: u64 = 3_650;
const ORIGINS: &[(&str, Origin)] = &[("workbench", Origin::Workbench), ("seller", Origin::Seller)];

/// The policy of a document; where its shapes are wrong, something in its place, and problems that say so.
pub(in crate::entitlement) fn read(value: Value<'_>, problems: &mut Problems) -> Option<Policy> {
    let mut object = Object::new(value, "policy", problems)?;
    if let Some(schema) = object.required("schema", problems) {
        shape::number(schema, "policy.schema", 1..=1, problems);
    }
    let version = object.required_text("version", 64, problems).to_string();
    let features = names(&mut object, "features", problems);
    let limits = limits(&mut object, problems);
    let seats = object.value("seats").and_then(|value| shape::name(value, "policy.seats", problems));
    let seats = seats.map(ToString::to_string);
    let actions = actions(&mut object, problems);
    let roles = roles(&mut object, problems);
    let role_map = role_map(&mut object, problems);
    let plans = plans(&mut object, problems);
    let phases = phases(&mut object, problems);
    let clock = clock(&mut object, problems);
    let list = object.list("seller_tenants", problems).unwrap_or_default();
    let seller_tenants =
        shape::texts(list, |value, path, problems| shape::text(value, path, 128, problems), problems);
    let access = object.value("access").and_then(|value| read_access::read(value, "policy.access", problems));
    let stale = stale(&mut object, problems);
    object.finish(problems);
    let digest = digest::of_value(value);
    Some(Policy {
        version,
        features,
        limits,
        seats,
        actions,
        roles,
        role_map,
        plans,
        phases,
        clock,
        seller_tenants,
        access,
        stale,
        digest,
    })
}

fn names(object: &mut Object<'_>, name: &'static str, problems: &mut Problems) -> Vec<String> {
    let list = object.list(name, problems).unwrap_or_default();
    shape::texts(list, shape::name, problems)
}

/// Members whose names are names, each an object of its own.
fn named<'a, T>(
    object: &mut Object<'a>,
    name: &'static str,
    problems: &mut Problems,
    read: impl Fn(Value<'a>, &str, &mut Problems) -> Option<T>,
) -> Option<Vec<(String, T)>> {
    let entries = object.entries(name, problems)?;
    let mut found = Vec::with_capacity(entries.len());
    for (name, path, value) in entries {
        if !shape::is_name(name) {
            problems.add(&path, "malformed", "the name must match [A-Za-z0-9][A-Za-z0-9._:/-]{0,63}");
        }
        if let Some(value) = read(value, &path, problems) {
            found.push((name.to_owned(), value));
        }
    }
    Some(found)
}

fn limits(object: &mut Object<'_>, problems: &mut Problems) -> Vec<(String, Limit)> {
    named(object, "limits", problems, |value, path, problems| {
        let mut limit = Object::new(value, path, problems)?;
        limit.required_text("unit", 32, problems);
        let is_soft = limit.word("kind", &[("hard", false), ("soft", true)], problems).unwrap_or(false);
        limit.finish(problems);
        Some(Limit { is_soft })
    })
    .unwrap_or_default()
}

fn actions(object: &mut Object<'_>, problems: &mut Problems) -> Vec<(String, Action)> {
    named(object, "actions", problems, |value, path, problems| {
        let mut action = Object::new(value, path, problems)?;
        let writes = action.flag("writes", true, problems);
        let reference = |action: &mut Object<'_>, name, problems: &mut Problems| {
            let path = action.at(name);
            action.value(name).and_then(|value| shape::name(value, &path, problems)).map(ToString::to_string)
        };
        let feature = reference(&mut action, "feature", problems);
        let limit = reference(&mut action, "limit", problems);
        let list = action.list("extension", problems).unwrap_or_default();
        let conditions =
            list.into_iter().filter_map(|(path, value)| condition(value, &path, problems)).collect();
        action.finish(problems);
        Some(Action { writes, feature, limit, conditions })
    })
    .unwrap_or_default()
}

fn condition(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Condition> {
    let mut condition = Object::new(value, path, problems)?;
    let field = condition.required_text("field", 64, problems).to_string();
    let at = condition.at("separator");
    let separator = condition.value("separator").and_then(|value| match value.as_str() {
        None => {
            problems.add(&at, "wrong-type", "must be a text");
            None
        }
        Some(text) => {
            let mut characters = text.chars();
            let first = characters.next().filter(|_| characters.next().is_none());
            if first.is_none() {
                problems.add(&at, "malformed", "must be one character");
            }
            first
        }
    });
    let at = condition.at("requested");
    let requested = condition.value("requested").is_some_and(|value| match value.as_bool() {
        Some(true) => true,
        Some(false) => {
            problems.add(&at, "unknown-value", "must be true");
            false
        }
        None => {
            problems.add(&at, "wrong-type", "must be true");
            false
        }
    });
    let at = condition.at("one_of");
    let one_of = condition.list("one_of", problems).map(|list| {
        if list.is_empty() {
            problems.add(&at, "out-of-range", "must name at least one");
        }
        shape::texts(list, |value, path, problems| shape::text(value, path, 256, problems), problems)
    });
    if !requested && one_of.is_none() {
        problems.add(&at, "missing", "`one_of` or `requested` must be there");
    }
    condition.finish(problems);
    Some(Condition { field, separator, requested, one_of })
}

fn roles(object: &mut Object<'_>, problems: &mut Problems) -> Vec<(String, Actions)> {
    let found = named(object, "roles", problems, |value, path, problems| {
        let list = shape::elements(value, path, problems)?;
        let actions = shape::texts(list, star_or_name, problems);
        let is_all = actions.len() == 1 && actions.first().is_some_and(|action| action == "*");
        Some(if is_all { Actions::All } else { Actions::These(actions) })
    });
    found.unwrap_or_else(|| {
        ["user", "admin"].map(|role| (role.to_string(), Actions::These(Vec::new()))).into()
    })
}

fn star_or_name<'a>(value: Value<'a>, path: &str, problems: &mut Problems) -> Option<&'a str> {
    match value.as_str() {
        Some("*") => Some("*"),
        _ => shape::name(value, path, problems),
    }
}

fn role_map(object: &mut Object<'_>, problems: &mut Problems) -> [String; 6] {
    let mut map = ["user", "admin", "admin", "admin", "user", "user"].map(ToString::to_string);
    let Some(value) = object.value("role_map") else { return map };
    let Some(mut given) = Object::new(value, "policy.role_map", problems) else { return map };
    for (slot, wire) in map.iter_mut().zip(WIRE_ROLES) {
        let at = given.at(wire);
        match given.value(wire) {
            None => problems.add(&at, "gap", "every role has to be mapped"),
            Some(value) => *slot = shape::name(value, &at, problems).unwrap_or_default().to_string(),
        }
    }
    given.finish(problems);
    map
}

fn plans(object: &mut Object<'_>, problems: &mut Problems) -> Vec<(String, Plan)> {
    named(object, "plans", problems, plan).unwrap_or_default()
}

fn plan(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Plan> {
    let mut plan = Object::new(value, path, problems)?;
    let ids = |plan: &mut Object<'_>, name, most, problems: &mut Problems| {
        let list = plan.list(name, problems).unwrap_or_default();
        // The same selector twice is told by the rules between plans.
        let texts = list.into_iter().filter_map(|(path, value)| shape::text(value, &path, most, problems));
        texts.map(ToString::to_string).collect()
    };
    let product_ids = ids(&mut plan, "product_ids", 64, problems);
    let sku_codes = ids(&mut plan, "sku_codes", 64, problems);
    let trial = plan.flag("trial", false, problems);
    let list = plan.list("origins", problems).unwrap_or_default();
    let origins =
        list.into_iter().filter_map(|(path, value)| shape::word(value, &path, ORIGINS, problems)).collect();
    let instance_ids = ids(&mut plan, "instance_ids", 128, problems);
    let is_default = plan.flag("default", false, problems);
    let features = names(&mut plan, "features", problems);
    let mut limits = Vec::new();
    for (name, path, value) in plan.entries("limits", problems).unwrap_or_default() {
        if let Some(amount) = amount(value, &path, problems) {
            limits.push((name.to_owned(), amount));
        }
    }
    plan.finish(problems);
    Some(Plan { product_ids, sku_codes, trial, origins, instance_ids, is_default, features, limits })
}

const ATTRIBUTES: &[(&str, Attribute)] = &[
    ("quantity", Attribute::Quantity),
    ("disk_size", Attribute::DiskSize),
    ("band_width", Attribute::BandWidth),
];

fn amount(value: Value<'_>, path: &str, problems: &mut Problems) -> Option<Amount> {
    match value {
        Value::Null => Some(Amount::Unlimited),
        Value::Object(_) => {
            let mut object = Object::new(value, path, problems)?;
            let per = object.required("per", problems);
            let at = object.at("per");
            let attribute = per.and_then(|value| shape::word(value, &at, ATTRIBUTES, problems));
            let times = object.number("times", 1..=1_000_000, problems).unwrap_or(1);
            object.finish(problems);
            Some(Amount::Per(attribute?, times))
        }
        _ => shape::number(value, path, 0..=GREATEST, problems).map(Amount::Fixed),
    }
}

const ALLOW: (&str, Effect) = ("allow", Effect::Allow);
const READ_ONLY: (&str, Effect) = ("read-only", Effect::ReadOnly);
const DENY: (&str, Effect) = ("deny", Effect::Deny);

fn phases(object: &mut Object<'_>, problems: &mut Problems) -> Phases {
    let allow = Effect::Allow;
    let mut phases = Phases { trial: allow, overdue: allow, workbench: allow, seller: allow };
    let Some(value) = object.value("phases") else { return phases };
    let Some(mut given) = Object::new(value, "policy.phases", problems) else { return phases };
    for phase in PHASES {
        let words: &[(&'static str, Effect)] = match phase {
            "active" => &[ALLOW],
            "overdue" => &[ALLOW, READ_ONLY],
            "frozen" | "released" => &[DENY],
            _ => &[ALLOW, READ_ONLY, DENY],
        };
        let at = given.at(phase);
        let Some(value) = given.value(phase) else {
            problems.add(&at, "gap", "every phase has to be there");
            continue;
        };
        let Some(effect) = shape::word(value, &at, words, problems) else { continue };
        match phase {
            "trial" => phases.trial = effect,
            "overdue" => phases.overdue = effect,
            "workbench" => phases.workbench = effect,
            "seller" => phases.seller = effect,
            _ => {}
        }
    }
    given.finish(problems);
    phases
}

fn clock(object: &mut Object<'_>, problems: &mut Problems) -> Clock {
    let mut clock = Clock::default();
    let Some(value) = object.value("clock") else { return clock };
    let Some(mut given) = Object::new(value, "policy.clock", problems) else { return clock };
    for name in CLOCKS {
        let at = given.at(name);
        // Null is off; what is not there at all was forgotten.
        if value.get(name).is_none() {
            problems.add(&at, "gap", "every clock has to be there");
        }
        let days = given.number(name, 0..=MOST_DAYS, problems);
        match name {
            "active" => clock.active = days,
            "trial" => clock.trial = days,
            "workbench" => clock.workbench = days,
            _ => clock.seller = days,
        }
    }
    given.finish(problems);
    clock
}

fn stale(object: &mut Object<'_>, problems: &mut Problems) -> Stale {
    let mut stale = Stale { after_ms: 60_000, denies: false };
    let Some(value) = object.value("stale") else { return stale };
    let Some(mut given) = Object::new(value, "policy.stale", problems) else { return stale };
    if let Some(value) = given.required("after_ms", problems) {
        let after = shape::number(value, "policy.stale.after_ms", 0..=86_400_000, problems);
        stale.after_ms = after.unwrap_or(stale.after_ms);
    }
    if let Some(value) = given.required("effect", problems) {
        let words = [("allow", false), ("deny", true)];
        stale.denies = shape::word(value, "policy.stale.effect", &words, problems).unwrap_or(false);
    }
    given.finish(problems);
    stale
}
