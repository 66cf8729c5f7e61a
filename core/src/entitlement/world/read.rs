//! From a document to records: a whole world, or some rows of one.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::json::Json;
use super::super::shape::{self, GREATEST, Object};
use super::{Application, Binding, Instance, Member, Owner, Phase, Status, Tenant, World};
use crate::config::Problems;
use crate::wire::json::Value;
use crate::wire::time::LAST;

const PHASES: [Phase; 6] =
    [Phase::Reserved, Phase::Refused, Phase::Trial, Phase::Active, Phase::Frozen, Phase::Released];

/// Whether rows may say that they are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) enum Reading {
    Whole,
    Part,
}

/// Takes the rows of a document in. The policy is asked for elsewhere.
pub(in crate::entitlement) fn read(
    object: &mut Object<'_>,
    reading: Reading,
    world: &mut World,
    problems: &mut Problems,
) {
    rows(object, "instances", reading, problems, |row, problems| {
        let key = row.required_text("instance_id", 128, problems);
        let phase = row.required("phase", problems);
        let at = row.at("phase");
        let phase = phase
            .and_then(|value| shape::word(value, &at, &PHASES.map(|phase| (phase.name(), phase)), problems));
        let text = |row: &mut Object<'_>, name, problems: &mut Problems| row.text_or_none(name, 64, problems);
        let number =
            |row: &mut Object<'_>, name, problems: &mut Problems| row.number(name, 0..=GREATEST, problems);
        let instance = Instance {
            phase: phase.unwrap_or(Phase::Reserved),
            sku_code: text(row, "sku_code", problems),
            product_id: text(row, "product_id", problems),
            quantity: number(row, "quantity", problems),
            disk_size: number(row, "disk_size", problems),
            band_width: number(row, "band_width", problems),
            expire_time: row.number("expire_time", 0..=LAST, problems),
        };
        (key, instance)
    })
    .into_iter()
    .for_each(|(key, row)| put(&mut world.instances, key, row));
    rows(object, "tenants", reading, problems, |row, problems| {
        let key = binding(row, problems);
        let bound = row.flag("bound", true, problems);
        let bound_at = row.number("bound_at", 0..=LAST, problems).unwrap_or(0);
        let expire_time = row.number("expire_time", 0..=LAST, problems);
        (key, Tenant { bound, bound_at, expire_time })
    })
    .into_iter()
    .for_each(|(key, row)| put(&mut world.tenants, key, row));
    rows(object, "applications", reading, problems, |row, problems| {
        let key = (binding(row, problems), row.required_text("app_id", 128, problems));
        (key, Application { bound: row.flag("bound", true, problems) })
    })
    .into_iter()
    .for_each(|(key, row)| put(&mut world.applications, key, row));
    rows(object, "departments", reading, problems, |row, problems| {
        let key = (binding(row, problems), row.required_text("org_code", 128, problems));
        (key, row.text_or_none("parent_code", 128, problems))
    })
    .into_iter()
    .for_each(|(key, row)| put(&mut world.departments, key, row));
    rows(object, "members", reading, problems, member)
        .into_iter()
        .for_each(|(key, row)| put(&mut world.members, key, row));
    rows(object, "usage", reading, problems, |row, problems| {
        let instance = row.text_or_none("instance_id", 128, problems);
        let tenant = row.text_or_none("tenant_id", 128, problems);
        let owner = match (instance, tenant) {
            (Some(instance), None) => Owner::Instance(instance),
            (None, Some(tenant)) => Owner::Tenant(tenant),
            _ => {
                problems.add(
                    &row.at("instance_id"),
                    "missing",
                    "exactly one of instance_id and tenant_id must be there",
                );
                Owner::Instance(String::new())
            }
        };
        let at = row.at("limit");
        let limit = row.required("limit", problems);
        let limit = limit.and_then(|value| shape::name(value, &at, problems)).unwrap_or_default();
        let at = row.at("used");
        let used = row.required("used", problems);
        (
            (owner, limit),
            used.and_then(|value| shape::number(value, &at, 0..=GREATEST, problems)).unwrap_or(0),
        )
    })
    .into_iter()
    .for_each(|(key, row)| put(&mut world.usage, key, row));
}

fn put<K: Ord, T>(rows: &mut alloc::collections::BTreeMap<K, T>, key: K, row: Option<T>) {
    match row {
        Some(row) => drop(rows.insert(key, row)),
        None => drop(rows.remove(&key)),
    }
}

/// The rows of a list by their keys; `None` for one that is absent.
fn rows<K: Ord + Clone, T>(
    object: &mut Object<'_>,
    name: &'static str,
    reading: Reading,
    problems: &mut Problems,
    read: impl Fn(&mut Object<'_>, &mut Problems) -> (K, T),
) -> Vec<(K, Option<T>)> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for (path, value) in object.list(name, problems).unwrap_or_default() {
        let Some(mut row) = Object::new(value, &path, problems) else { continue };
        let is_absent = reading == Reading::Part && row.flag("absent", false, problems);
        let (key, record) = if is_absent {
            // The key counts, and nothing else has to be there.
            let mut ignored = Problems::default();
            let found = read(&mut row, &mut ignored);
            key_problems(ignored, &path, problems);
            found
        } else {
            read(&mut row, problems)
        };
        row.finish(problems);
        if !known.insert(key.clone()) {
            problems.add(&path, "duplicate", "the same key stands in this list already");
        }
        found.push((key, (!is_absent).then_some(record)));
    }
    found
}

/// Of a row that is absent only what is wrong with its key is a mistake.
fn key_problems(found: Problems, path: &str, problems: &mut Problems) {
    const KEYS: [&str; 6] = ["instance_id", "tenant_id", "app_id", "org_code", "user_name", "limit"];
    for problem in found.into_list() {
        let name = problem.path.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'));
        if name.is_some_and(|name| KEYS.contains(&name)) {
            problems.add(&problem.path, problem.code, &problem.message);
        }
    }
}

fn binding(row: &mut Object<'_>, problems: &mut Problems) -> Binding {
    let tenant = row.required_text("tenant_id", 128, problems);
    (tenant, row.text_or_none("instance_id", 128, problems).unwrap_or_default())
}

type MemberKey = (Binding, String, String);

fn member(row: &mut Object<'_>, problems: &mut Problems) -> (MemberKey, Member) {
    let binding = binding(row, problems);
    let app = row.required_text("app_id", 128, problems);
    let user = row.required_text("user_name", 128, problems);
    let at = row.at("role");
    let role = match row.required("role", problems).map(Value::as_str) {
        None => String::new(),
        Some(None) => {
            problems.add(&at, "wrong-type", "must be a text");
            String::new()
        }
        Some(Some(role)) => {
            if role.len() > 64 {
                problems.add(&at, "out-of-range", "must have at most 64 bytes");
            }
            role.to_string()
        }
    };
    let enabled = row.flag("enabled", true, problems);
    let status = row.word("status", Status::ALL, problems).unwrap_or(Status::Authorised);
    let org_code = row.text_or_none("org_code", 128, problems);
    let authorised_at = row.number("authorised_at", 0..=LAST, problems).unwrap_or(0);
    let at = row.at("extension");
    let extension = match row.value("extension") {
        None => Json::Object(Vec::new()),
        Some(value @ Value::Object(_)) => Json::of(value),
        Some(_) => {
            problems.add(&at, "wrong-type", "must be an object");
            Json::Null
        }
    };
    ((binding, app, user), Member { role, enabled, status, org_code, authorised_at, extension })
}
