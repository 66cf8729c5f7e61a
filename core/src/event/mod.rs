//! What a callback means, free of the dialect that brought it.
//!
//! Which fields there are, what stands in each and who may see it is said once, in `field`.

mod field;
mod json;
mod kind;
mod message;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub(crate) use field::{EventField, FIELDS, Shape};
pub(crate) use json::{text_of, with_other};
pub use kind::{AccountEvent, DirectoryEvent, EventKind, InstanceEvent, OrderEvent};

pub use crate::personal::REDACTED;

/// One datum of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// Text as the call carried it, decoded and decrypted; numbers keep their digits.
    Text(String),
    /// Milliseconds since the epoch, UTC.
    Millis(u64),
    /// Yes or no.
    Flag(bool),
    /// Several texts in the order of the call.
    List(Vec<String>),
    /// Several records in the order of the call.
    Records(Vec<Record>),
    /// A JSON value as text: what the platform nests in a form of its own.
    Json(String),
}

/// One of several things that a call lists: what is known of it, and whatever else came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The known fields, in the order of their table.
    pub fields: Vec<(Cow<'static, str>, Datum)>,
    /// Members that the table does not know, under the platform's names, as JSON text.
    pub extra: Vec<(String, String)>,
}

/// What a callback means: its kind, the fields of the dialect's table in snake case, and whatever else came.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// What is asked for.
    pub kind: EventKind,
    /// The known fields, in the order of their table. A field that the call did not carry is not here.
    pub fields: Vec<(Cow<'static, str>, Datum)>,
    /// Members that the tables do not know, under the platform's names, as JSON text.
    pub extra: Vec<(String, String)>,
}

impl Record {
    /// The text of a field; `None` when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.iter().find_map(|(known, datum)| match datum {
            Datum::Text(text) if known == name => Some(text.as_str()),
            _ => None,
        })
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Event({})", self.to_redacted_json())
    }
}

impl Event {
    /// The text of a field; `None` when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Datum::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A time, in milliseconds, UTC.
    #[must_use]
    pub fn millis(&self, name: &str) -> Option<u64> {
        match self.get(name)? {
            Datum::Millis(time) => Some(*time),
            _ => None,
        }
    }

    /// A list of texts; empty when absent.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(Datum::List(items)) => items,
            _ => &[],
        }
    }

    /// A list of records; empty when absent.
    #[must_use]
    pub fn records(&self, name: &str) -> &[Record] {
        match self.get(name) {
            Some(Datum::Records(records)) => records,
            _ => &[],
        }
    }

    /// Any field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Datum> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, datum)| datum)
    }

    /// Whether it opens an instance: a purchase, or a licence that is issued for an order.
    pub(crate) fn opens_instance(&self) -> bool {
        match self.kind {
            EventKind::Instance(InstanceEvent::Subscribe) => true,
            EventKind::Instance(InstanceEvent::IssueLicense) => self.get("event_id").is_none(),
            _ => false,
        }
    }

    /// Sets a field, in its place if it is there already.
    pub(crate) fn set(&mut self, name: &'static str, datum: Datum) {
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = datum,
            None => self.fields.push((Cow::Borrowed(name), datum)),
        }
    }

    /// One JSON object: `type`, the fields, `extra` if there is any.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.write::<false>()
    }

    /// The same for people: contact data are replaced by [`REDACTED`], and so is whatever stands under such a name, in
    /// any spelling, or looks like a telephone number or an e-mail address, in `extra` and in nested values.
    #[must_use]
    pub fn to_redacted_json(&self) -> String {
        self.write::<true>()
    }
}
