//! The seven events, and what of their messages the ledger needs (workbench C.5). Everything else goes on as it came: which
//! attributes there are, an administrator chooses.

use crate::dialect::fields::Syntax::Key;
use crate::dialect::fields::{Activity, Meaning, optional};
use crate::event::{AccountEvent, Event, EventKind};
use crate::reason::{Reason, ReasonCode};

/// The field that holds the message.
pub(super) const MESSAGE: &str = "message";

macro_rules! event {
    ($wire:literal, $kind:ident $(, $field:literal)*) => {
        Activity {
            wire: $wire,
            meaning: Meaning::Is(EventKind::Account(AccountEvent::$kind)),
            fields: &[$(optional($field, $field, Key)),*],
        }
    };
}

pub(super) static EVENTS: &[Activity] = &[
    event!("CHECK_URL", UrlCheck),
    event!("CREATE_ORGANIZATION", OrganizationCreate, "id", "code"),
    event!("UPDATE_ORGANIZATION", OrganizationUpdate, "id", "code"),
    event!("DELETE_ORGANIZATION", OrganizationDelete, "id", "code"),
    event!("CREATE_USER", Create, "id", "username"),
    event!("UPDATE_USER", Update, "id", "username"),
    event!("DELETE_USER", Delete, "id", "username"),
];

pub(super) fn kind_of(activity: &Activity) -> EventKind {
    match activity.meaning {
        Meaning::Is(kind) => kind,
        Meaning::ByStatus(_) | Meaning::ByFlag(_) => EventKind::Account(AccountEvent::Unknown),
    }
}

/// Whether the message of an event is an object: that of a check is any text, and of an unknown one nobody knows.
pub(super) fn needs_json(kind: EventKind) -> bool {
    required(kind).is_some()
}

fn required(kind: EventKind) -> Option<&'static str> {
    let EventKind::Account(kind) = kind else { return None };
    kind.identified_by()
}

/// The field by which the ledger finds what an event is about must be there.
pub(super) fn complete(event: Event) -> Result<Event, Reason> {
    match required(event.kind) {
        Some(name) if event.text(name).is_none() => Err(Reason::about(ReasonCode::FieldMissing, name)),
        _ => Ok(event),
    }
}
