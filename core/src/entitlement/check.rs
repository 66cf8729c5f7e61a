//! What is asked.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::json::Json;
use super::shape::{GREATEST, Object};
use super::world::Bought;
use super::world::read::bought;
use crate::config::Problems;
use crate::wire::json::Value;
use crate::wire::time::LAST;

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check<'a> {
    /// Who, or what, is asked about.
    pub subject: Subject<'a>,
    /// What he wants.
    pub target: Target<'a>,
    /// How much more of the limit is wanted. 0 to 2^53 − 1.
    pub amount: u64,
    /// Where he comes from.
    pub address: Option<IpAddr>,
    /// Whether a second factor has passed in this session.
    pub second_factor: bool,
    /// The values that the action is about, by field.
    pub extension: &'a [(&'a str, &'a str)],
    /// Milliseconds since the epoch, UTC.
    pub now: u64,
}

/// Who, or what, is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A user of an application.
    User {
        /// The tenant.
        tenant_id: &'a str,
        /// The application.
        app_id: &'a str,
        /// The user.
        user_name: &'a str,
    },
    /// The instance itself, for products without users.
    Instance(&'a str),
}

/// What he wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// To come in.
    Entry,
    /// To do something.
    Action(Name<'a>),
    /// To use a feature.
    Feature(Name<'a>),
    /// To use up some of a limit.
    Limit(Name<'a>),
    /// To become something else, of an instance.
    Change(Change<'a>),
}

/// A name of the policy, or its number, which saves looking it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'a> {
    /// By its text.
    Text(&'a str),
    /// By its place in the policy, from 0: [`Directory::action`](super::Directory::action) and its neighbours tell it.
    Number(u32),
}

impl<'a> From<&'a str> for Name<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

/// What an instance would be; what is `None` stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change<'a> {
    /// Its specification.
    pub sku_code: Option<&'a str>,
    /// Its price level.
    pub product_id: Option<&'a str>,
    /// How many.
    pub quantity: Option<u64>,
    /// How much storage.
    pub disk_size: Option<u64>,
    /// How much bandwidth.
    pub band_width: Option<u64>,
}

impl Change<'_> {
    pub(super) fn over(&self, bought: Bought) -> Bought {
        Bought {
            quantity: self.quantity.or(bought.quantity),
            disk_size: self.disk_size.or(bought.disk_size),
            band_width: self.band_width.or(bought.band_width),
        }
    }
}

impl<'a> Check<'a> {
    /// May this user come in?
    #[must_use]
    pub const fn user(tenant_id: &'a str, app_id: &'a str, user_name: &'a str, now: u64) -> Self {
        Self::of(Subject::User { tenant_id, app_id, user_name }, now)
    }

    /// Is this instance of use?
    #[must_use]
    pub const fn instance(instance_id: &'a str, now: u64) -> Self {
        Self::of(Subject::Instance(instance_id), now)
    }

    const fn of(subject: Subject<'a>, now: u64) -> Self {
        let target = Target::Entry;
        Self { subject, target, amount: 1, address: None, second_factor: false, extension: &[], now }
    }

    /// The same, for something.
    #[must_use]
    pub const fn to(mut self, target: Target<'a>) -> Self {
        self.target = target;
        self
    }

    /// Whether it can be decided: a user changes no instance, an instance does nothing, numbers and instants in their ranges.
    pub(super) fn is_sound(&self) -> bool {
        let is_crossed = matches!(
            (&self.subject, &self.target),
            (Subject::User { .. }, Target::Change(_)) | (Subject::Instance(_), Target::Action(_))
        );
        !is_crossed && self.amount <= GREATEST && self.now <= LAST
    }
}

/// A check as it is written.
pub(super) struct Written<'d> {
    subject: Subject<'d>,
    target: Target<'d>,
    amount: u64,
    address: Option<IpAddr>,
    second_factor: bool,
    extension: Vec<(&'d str, &'d str)>,
    now: u64,
    /// The members as they were asked, for the digest.
    pub(super) asked: Json,
}

impl Written<'_> {
    pub(super) fn check(&self) -> Check<'_> {
        Check {
            subject: self.subject,
            target: self.target,
            amount: self.amount,
            address: self.address,
            second_factor: self.second_factor,
            extension: &self.extension,
            now: self.now,
        }
    }
}

/// Members of the envelope that a check travels in.
const ENVELOPE: [&str; 3] = ["op", "directory", "product"];

/// Reads a check; `None` for anything that is not exactly one.
pub(super) fn read(value: Value<'_>) -> Option<Written<'_>> {
    let mut problems = Problems::default();
    let mut object = Object::new(value, "", &mut problems)?;
    for name in ENVELOPE {
        object.value(name);
    }
    let tenant = object.text("tenant_id", 128, &mut problems);
    let app = object.text("app_id", 128, &mut problems);
    let user = object.text("user_name", 128, &mut problems);
    let instance = object.text("instance_id", 128, &mut problems);
    let subject = match (tenant, app, user, instance) {
        (Some(tenant_id), Some(app_id), Some(user_name), None) => {
            Subject::User { tenant_id, app_id, user_name }
        }
        (None, None, None, Some(instance)) => Subject::Instance(instance),
        _ => return None,
    };
    let mut targets = Vec::new();
    for (name, target) in
        [("action", Target::Action as fn(_) -> _), ("feature", Target::Feature), ("limit", Target::Limit)]
    {
        if let Some(value) = object.value(name) {
            targets.push(target(Name::Text(value.as_str()?)));
        }
    }
    if let Some(value) = object.value("change") {
        targets.push(Target::Change(change(value, &mut problems)?));
    }
    let target = match targets.len() {
        0 => Target::Entry,
        1 => targets.pop()?,
        _ => return None,
    };
    let amount = object.number("amount", 0..=GREATEST, &mut problems).unwrap_or(1);
    let address = match object.value("address") {
        None => None,
        Some(value) => Some(value.as_str()?.parse::<IpAddr>().ok()?),
    };
    let second_factor = object.flag("second_factor", false, &mut problems);
    let mut extension = Vec::new();
    for (field, _, value) in object.entries("extension", &mut problems).unwrap_or_default() {
        extension.push((field, value.as_str()?));
    }
    let now = object.number("now", 0..=LAST, &mut problems)?;
    object.finish(&mut problems);
    if !problems.is_empty() {
        return None;
    }
    let members = value.as_object()?.iter();
    let asked = members.filter(|(name, value)| !ENVELOPE.contains(name) && !value.is_null());
    let asked = Json::Object(asked.map(|(name, value)| (name.to_string(), Json::of(value))).collect());
    let written = Written { subject, target, amount, address, second_factor, extension, now, asked };
    written.check().is_sound().then_some(written)
}

fn change<'d>(value: Value<'d>, problems: &mut Problems) -> Option<Change<'d>> {
    let mut object = Object::new(value, "change", problems)?;
    let sku_code = object.text_or_none("sku_code", 64, problems);
    let product_id = object.text_or_none("product_id", 64, problems);
    let Bought { quantity, disk_size, band_width } = bought(&mut object, problems);
    object.finish(problems);
    Some(Change { sku_code, product_id, quantity, disk_size, band_width })
}
