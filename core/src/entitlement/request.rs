//! What is asked.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::IpAddr;

use super::json::Json;
use super::shape::{GREATEST, Object};
use crate::config::Problems;
use crate::wire::json::Value;
use crate::wire::time::LAST;

/// Who, or what, is asked about.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    User { tenant: String, app: String, user: String },
    Instance(String),
}

/// What he wants.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// To come in.
    None,
    Action(String),
    Feature(String),
    Limit(String),
    Change(Change),
}

/// What an instance would be.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    pub(super) sku_code: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) quantity: Option<u64>,
    pub(super) disk_size: Option<u64>,
    pub(super) band_width: Option<u64>,
}

/// One check.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) subject: Subject,
    pub(super) target: Target,
    pub(super) amount: u64,
    pub(super) address: Option<IpAddr>,
    pub(super) second_factor: bool,
    pub(super) extension: Vec<(String, String)>,
    pub(super) now: u64,
    /// The members as they were asked, for the digest.
    pub(super) asked: Json,
}

/// Members of the envelope that a check travels in.
const ENVELOPE: [&str; 3] = ["op", "directory", "product"];

/// Reads a check; `None` for anything that is not exactly one.
pub(super) fn read(value: Value<'_>) -> Option<Request> {
    let mut problems = Problems::default();
    let mut object = Object::new(value, "", &mut problems)?;
    for name in ENVELOPE {
        object.value(name);
    }
    let id = |object: &mut Object<'_>, name, problems: &mut Problems| object.text(name, 128, problems);
    let tenant = id(&mut object, "tenant_id", &mut problems);
    let app = id(&mut object, "app_id", &mut problems);
    let user = id(&mut object, "user_name", &mut problems);
    let instance = id(&mut object, "instance_id", &mut problems);
    let subject = match (tenant, app, user, instance) {
        (Some(tenant), Some(app), Some(user), None) => Subject::User { tenant, app, user },
        (None, None, None, Some(instance)) => Subject::Instance(instance),
        _ => return None,
    };
    let mut targets = Vec::new();
    for (name, target) in [
        ("action", Target::Action as fn(String) -> Target),
        ("feature", Target::Feature),
        ("limit", Target::Limit),
    ] {
        match object.value(name) {
            None => {}
            Some(value) => targets.push(target(value.as_str()?.to_string())),
        }
    }
    if let Some(value) = object.value("change") {
        targets.push(Target::Change(change(value, &mut problems)?));
    }
    let target = match targets.len() {
        0 => Target::None,
        1 => targets.pop()?,
        _ => return None,
    };
    match (&subject, &target) {
        (Subject::User { .. }, Target::Change(_)) | (Subject::Instance(_), Target::Action(_)) => return None,
        _ => {}
    }
    let amount = object.number("amount", 0..=GREATEST, &mut problems).unwrap_or(1);
    let address = match object.value("address") {
        None => None,
        Some(value) => Some(address_of(value.as_str()?)?),
    };
    let second_factor = object.flag("second_factor", false, &mut problems);
    let mut extension = Vec::new();
    for (field, _, value) in object.entries("extension", &mut problems).unwrap_or_default() {
        extension.push((field.to_string(), value.as_str()?.to_string()));
    }
    let now = object.number("now", 0..=LAST, &mut problems)?;
    object.finish(&mut problems);
    if !problems.is_empty() {
        return None;
    }
    let members = value.as_object()?.iter();
    let asked = members.filter(|(name, value)| !ENVELOPE.contains(name) && !value.is_null());
    let asked = Json::Object(asked.map(|(name, value)| (name.to_string(), Json::of(value))).collect());
    Some(Request { subject, target, amount, address, second_factor, extension, now, asked })
}

fn change(value: Value<'_>, problems: &mut Problems) -> Option<Change> {
    let mut object = Object::new(value, "change", problems)?;
    let change = Change {
        sku_code: object.text_or_none("sku_code", 64, problems),
        product_id: object.text_or_none("product_id", 64, problems),
        quantity: object.number("quantity", 0..=GREATEST, problems),
        disk_size: object.number("disk_size", 0..=GREATEST, problems),
        band_width: object.number("band_width", 0..=GREATEST, problems),
    };
    object.finish(problems);
    Some(change)
}

/// Without port, zone and prefix; one of IPv4 in the clothes of IPv6 is one of IPv4.
fn address_of(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    Some(address.to_canonical())
}
