//! From a document to rows: a whole world, or some of one.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;

use super::super::json::Json;
use super::super::shape::{self, GREATEST, Object};
use super::{BindingKey, Bought, Instance, Member, MemberKey, Owner, Part, Phase, Rows, Status, Tenant};
use crate::config::Problems;
use crate::wire::json::{Elements, Value};
use crate::wire::time::LAST;

const PHASES: [Phase; 6] =
    [Phase::Reserved, Phase::Refused, Phase::Trial, Phase::Active, Phase::Frozen, Phase::Released];

/// More rows than this in one list are refused: what they need must not be left to the allocator.
pub(in crate::entitlement) const MOST_ROWS: usize = 4_000_000;

/// Whether rows may say that they are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::entitlement) enum Reading {
    Whole,
    Part,
}

/// The rows of a document. The policy is asked for elsewhere.
pub(in crate::entitlement) fn read<'d>(
    object: &mut Object<'d>,
    reading: Reading,
    problems: &mut Problems,
) -> Part<'d> {
    let names_as_of = object.names("as_of");
    let as_of = object.number("as_of", 0..=LAST, problems);
    Part {
        as_of: names_as_of.then_some(as_of),
        instances: rows(object, "instances", reading, problems, instance),
        tenants: rows(object, "tenants", reading, problems, |row, problems| {
            let key = binding(row, problems);
            let bound = row.flag("bound", true, problems);
            let bound_at = row.number("bound_at", 0..=LAST, problems).unwrap_or(0);
            let expire_time = row.number("expire_time", 0..=LAST, problems);
            (key, Tenant { bound, bound_at, expire_time })
        }),
        applications: rows(object, "applications", reading, problems, |row, problems| {
            let key = (binding(row, problems), row.required_text("app_id", 128, problems));
            (key, row.flag("bound", true, problems))
        }),
        departments: rows(object, "departments", reading, problems, |row, problems| {
            let key = (binding(row, problems), row.required_text("org_code", 128, problems));
            (key, row.text_or_none("parent_code", 128, problems))
        }),
        members: rows(object, "members", reading, problems, member),
        usage: rows(object, "usage", reading, problems, usage),
    }
}

fn instance<'d>(row: &mut Object<'d>, problems: &mut Problems) -> (&'d str, Instance<'d>) {
    let key = row.required_text("instance_id", 128, problems);
    let phase = row.required("phase", problems);
    let at = row.at("phase");
    let phase =
        phase.and_then(|value| shape::word(value, &at, &PHASES.map(|phase| (phase.name(), phase)), problems));
    let sku_code = row.text_or_none("sku_code", 64, problems);
    let product_id = row.text_or_none("product_id", 64, problems);
    let bought = bought(row, problems);
    let expire_time = row.number("expire_time", 0..=LAST, problems);
    (key, Instance { phase: phase.unwrap_or(Phase::Reserved), sku_code, product_id, bought, expire_time })
}

/// How much was bought, in a record or in a change.
pub(in crate::entitlement) fn bought(row: &mut Object<'_>, problems: &mut Problems) -> Bought {
    Bought {
        quantity: row.number("quantity", 0..=GREATEST, problems),
        disk_size: row.number("disk_size", 0..=GREATEST, problems),
        band_width: row.number("band_width", 0..=GREATEST, problems),
    }
}

fn usage<'d>(row: &mut Object<'d>, problems: &mut Problems) -> ((Owner<'d>, &'d str), u64) {
    let instance = row.text_or_none("instance_id", 128, problems);
    let tenant = row.text_or_none("tenant_id", 128, problems);
    let owner = match (instance, tenant) {
        (Some(instance), None) => Owner::Instance(instance),
        (None, Some(tenant)) => Owner::Tenant(tenant),
        _ => {
            let message = "exactly one of instance_id and tenant_id must be there";
            problems.add(&row.at("instance_id"), "missing", message);
            Owner::Instance("")
        }
    };
    let at = row.at("limit");
    let limit = row.required("limit", problems);
    let limit = limit.and_then(|value| shape::name(value, &at, problems)).unwrap_or_default();
    let at = row.at("used");
    let used = row.required("used", problems);
    let used = used.and_then(|value| shape::number(value, &at, 0..=GREATEST, problems)).unwrap_or(0);
    ((owner, limit), used)
}

/// The rows of a list by their keys; `None` for one that is absent.
fn rows<'d, K: Ord + Copy, T>(
    object: &mut Object<'d>,
    name: &'static str,
    reading: Reading,
    problems: &mut Problems,
    read: impl Fn(&mut Object<'d>, &mut Problems) -> (K, T),
) -> Rows<K, T> {
    let rows = object.value(name).and_then(Value::as_array).map_or(0, Elements::len);
    if rows > MOST_ROWS {
        problems.add(&object.at(name), "out-of-range", &format!("must have at most {MOST_ROWS} rows"));
        return Vec::new();
    }
    let list = object.list(name, problems).unwrap_or_default();
    let mut known = BTreeSet::new();
    let mut found = Vec::with_capacity(list.len());
    for (path, value) in list {
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
        if !known.insert(key) {
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

fn binding<'d>(row: &mut Object<'d>, problems: &mut Problems) -> BindingKey<'d> {
    let tenant = row.required_text("tenant_id", 128, problems);
    (tenant, row.text_or_none("instance_id", 128, problems).unwrap_or_default())
}

fn member<'d>(row: &mut Object<'d>, problems: &mut Problems) -> (MemberKey<'d>, Member<'d>) {
    let binding = binding(row, problems);
    let app = row.required_text("app_id", 128, problems);
    let user = row.required_text("user_name", 128, problems);
    let at = row.at("role");
    let role = match row.required("role", problems).map(Value::as_str) {
        None => "",
        Some(None) => {
            problems.add(&at, "wrong-type", "must be a text");
            ""
        }
        Some(Some(role)) => {
            if role.len() > 64 {
                problems.add(&at, "out-of-range", "must have at most 64 bytes");
            }
            role
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
