//! What the tables say, for documents and for whoever checks them.

use alloc::vec::Vec;

use super::ALL;
use super::fields::Meaning;
use super::kit::tables::REQUIRED_OF;
use crate::event::{AccountEvent, DirectoryEvent, EventField, EventKind, FIELDS, InstanceEvent, Shape};

/// One field of an event, as the table of an activity has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldDescription {
    /// The name in `dialect`.
    pub dialect: &'static str,
    /// The platform's name of the call.
    pub activity: &'static str,
    /// What the call means.
    pub kind: EventKind,
    /// The platform's name of the field.
    pub wire: &'static str,
    /// The name in the event.
    pub name: &'static str,
    /// Whether a call without it is refused.
    pub required: bool,
}

/// Every field of every activity of every dialect. An activity whose meaning stands in a field is listed once for each.
pub fn event_fields() -> impl Iterator<Item = FieldDescription> {
    ALL.iter().flat_map(|dialect| {
        dialect.activities().iter().flat_map(move |activity| {
            let kinds = match activity.meaning {
                Meaning::Is(kind) => Vec::from([kind]),
                Meaning::ByStatus(_) => Vec::from([
                    EventKind::Instance(InstanceEvent::Freeze),
                    EventKind::Instance(InstanceEvent::Unfreeze),
                ]),
                Meaning::ByFlag(flags) => flags.iter().map(|(_, kind)| *kind).collect(),
            };
            kinds.into_iter().flat_map(move |kind| {
                activity.fields.iter().map(move |field| FieldDescription {
                    dialect: dialect.name(),
                    activity: activity.wire,
                    kind,
                    wire: field.wire,
                    name: field.name,
                    required: field.required,
                })
            })
        })
    })
}

/// One type of event, as the seller's application gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDescription {
    /// The type; [`EventKind::name`] is what stands in `type`.
    pub kind: EventKind,
    /// The dialects that have it, in the order of the documents.
    pub dialects: Vec<&'static str>,
    /// What the platform calls the calls that mean it.
    pub activities: Vec<&'static str>,
    /// Its fields: `activity`, those of the call, then those that the ledger adds. `extra` may come with every type.
    pub fields: Vec<ShapeDescription>,
}

/// A field of an event, or of a record in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeDescription {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub shape: FieldShape,
    /// Whether it is there in every event of the type, whatever dialect it came by.
    pub always: bool,
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldShape {
    /// A text; numbers of the call keep their digits in it.
    Text,
    /// Milliseconds since the epoch, UTC.
    Millis,
    /// Yes or no.
    Flag,
    /// Texts.
    Texts,
    /// Any JSON, as the platform nests it.
    Json,
    /// Objects with fields of their own; `extra` may stand in each.
    Records(Vec<ShapeDescription>),
}

/// Every type of event that reaches the seller's application.
pub fn event_types() -> impl Iterator<Item = EventDescription> {
    EventKind::all().filter(|kind| kind.reaches_application()).map(described)
}

fn described(kind: EventKind) -> EventDescription {
    let (mut dialects, mut activities) = (Vec::new(), Vec::new());
    // For each field in how many activities it stands, and in how many it is required.
    let mut counted: Vec<(&'static str, usize, usize)> = Vec::new();
    let mut calls: Vec<(&'static str, &'static str)> = Vec::new();
    for field in event_fields().filter(|field| field.kind == kind) {
        if !dialects.contains(&field.dialect) {
            dialects.push(field.dialect);
        }
        if !activities.contains(&field.activity) {
            activities.push(field.activity);
        }
        if !calls.contains(&(field.dialect, field.activity)) {
            calls.push((field.dialect, field.activity));
        }
        let required = usize::from(field.required || is_required_in_prose(kind, field.name));
        match counted.iter_mut().find(|(name, ..)| *name == field.name) {
            Some((_, times, of_them)) => {
                (*times, *of_them) = (times.saturating_add(1), of_them.saturating_add(required));
            }
            None => counted.push((field.name, 1, required)),
        }
    }
    let of_calls = counted.into_iter().map(|(name, _, required)| (name, required == calls.len()));
    let mut fields: Vec<ShapeDescription> = Vec::from([shape("activity", true)]);
    fields.extend(of_calls.map(|(name, always)| shape(name, always)));
    for (name, always) in added(kind).iter().chain(&[("test", false)]) {
        match fields.iter_mut().find(|field| field.name == *name) {
            Some(field) => field.always |= always,
            None => fields.push(shape(name, *always)),
        }
    }
    EventDescription { kind, dialects, activities, fields }
}

/// What a call must bring beyond the table of its activity.
fn is_required_in_prose(kind: EventKind, name: &str) -> bool {
    match kind {
        EventKind::Directory(kind) => REQUIRED_OF.iter().any(|(of, field, _)| *of == kind && *field == name),
        EventKind::Account(kind) => kind.identified_by() == Some(name),
        EventKind::Instance(_) | EventKind::Order(_) => false,
    }
}

/// What the gate adds, and whether it is there each time. A test call that is passed on has no phase.
fn added(kind: EventKind) -> &'static [(&'static str, bool)] {
    match kind {
        EventKind::Instance(InstanceEvent::QueryInstances) | EventKind::Order(_) => &[],
        EventKind::Instance(InstanceEvent::Subscribe) => &[("instance_id", true), ("phase", false)],
        EventKind::Instance(InstanceEvent::CheckChange) => &[("phase", false)],
        EventKind::Instance(InstanceEvent::Renew) => {
            &[("instance_id", true), ("phase", false), ("adopted", false), ("scene", true)]
        }
        EventKind::Instance(InstanceEvent::Freeze | InstanceEvent::Release) => {
            &[("instance_id", true), ("phase", false), ("adopted", false), ("end_sessions", false)]
        }
        EventKind::Instance(
            InstanceEvent::Upgrade | InstanceEvent::Unfreeze | InstanceEvent::IssueLicense,
        ) => &[("instance_id", true), ("phase", false), ("adopted", false)],
        EventKind::Directory(DirectoryEvent::ApplicationAdd | DirectoryEvent::ApplicationUpdate) => {
            &[("oaep", false)]
        }
        EventKind::Directory(DirectoryEvent::TenantRemove | DirectoryEvent::ApplicationRemove) => {
            &[("end_sessions", false)]
        }
        EventKind::Directory(
            DirectoryEvent::MembersAdd
            | DirectoryEvent::MembersUpdate
            | DirectoryEvent::MembersRevoke
            | DirectoryEvent::MembersRemove,
        ) => &[("bound", false), ("end_sessions", false)],
        EventKind::Directory(_) => &[],
        EventKind::Account(kind) => match kind {
            AccountEvent::Create | AccountEvent::OrganizationCreate => {
                &[("layout", true), ("message", true), ("previous_id", false)]
            }
            AccountEvent::Update | AccountEvent::Delete => {
                &[("layout", true), ("message", true), ("end_sessions", false)]
            }
            _ => &[("layout", true), ("message", true)],
        },
    }
}

fn shape(name: &'static str, always: bool) -> ShapeDescription {
    let shape = EventField::find(FIELDS, name).map_or(Shape::Json, |field| field.shape);
    ShapeDescription { name, shape: public(shape), always }
}

fn public(shape: Shape) -> FieldShape {
    match shape {
        Shape::Text => FieldShape::Text,
        Shape::Millis => FieldShape::Millis,
        Shape::Flag => FieldShape::Flag,
        Shape::Texts => FieldShape::Texts,
        Shape::Json => FieldShape::Json,
        Shape::Records(table) => FieldShape::Records(
            table
                .iter()
                .map(|field| {
                    // By these the ledger tells one record from another.
                    let always = match table.iter().any(|other| other.name == "user_name") {
                        true => field.name == "user_name",
                        false => field.name == "org_code",
                    };
                    ShapeDescription { name: field.name, shape: public(field.shape), always }
                })
                .collect(),
        ),
    }
}
