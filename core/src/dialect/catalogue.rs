//! What the tables say, for documents and for whoever checks them.

use alloc::vec::Vec;

use super::ALL;
use super::fields::Meaning;
use crate::event::{EventKind, InstanceEvent};

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
