//! What a callback means, free of the dialect that brought it.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

pub use crate::personal::REDACTED;
use crate::personal::{looks_personal, push_redacted, push_redacted_member};
use crate::wire::json::{self, Value};

/// What the marketplace asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// Open an instance (newInstance).
    Subscribe,
    /// Set the expiry: renewal, trial to formal, cancelled renewal (refreshInstance).
    Renew,
    /// Another specification under the same instance id (upgrade, upgradeInstance).
    Upgrade,
    /// May this instance change to that product? (changeInstanceCheck).
    CheckChange,
    /// Make unusable, keep the data (expireInstance, FREEZE).
    Freeze,
    /// Usable again (NORMAL, UNFREEZE).
    Unfreeze,
    /// Delete (releaseInstance).
    Release,
    /// Tell what is known about instances (queryInstance).
    QueryInstances,
}

impl EventKind {
    const NAMES: [(Self, &'static str); 8] = [
        (Self::Subscribe, "subscribe"),
        (Self::Renew, "renew"),
        (Self::Upgrade, "upgrade"),
        (Self::CheckChange, "check_change"),
        (Self::Freeze, "freeze"),
        (Self::Unfreeze, "unfreeze"),
        (Self::Release, "release"),
        (Self::QueryInstances, "query_instances"),
    ];

    /// The name in `type`, snake case.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

/// One datum of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Datum {
    /// Text as the call carried it, decoded and decrypted; numbers keep their digits.
    Text(String),
    /// Milliseconds since the epoch, UTC.
    Millis(u64),
    /// Several texts in the order of the call.
    List(Vec<String>),
    /// A JSON value as text: what the platform nests.
    Json(String),
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

impl fmt::Debug for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Event({})", self.to_redacted_json())
    }
}

/// Fields that hold data of a person. `saas_extend_params` is what the buyer typed into the seller's form.
const PERSONAL: [&str; 3] = ["mobile_phone", "email", "saas_extend_params"];
/// Names that people give themselves: some are telephone numbers.
const NAMES: [&str; 2] = ["customer_name", "user_name"];

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

    /// Any field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Datum> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, datum)| datum)
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

    /// Two functions: hosts that show nothing to people do without the second.
    fn write<const REDACT: bool>(&self) -> String {
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(self.kind.name().as_bytes());
        out.push(b'"');
        for (name, datum) in &self.fields {
            // Names are the tables' own and need no escape.
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            match datum {
                datum if !REDACT => datum.write(&mut out),
                _ if PERSONAL.contains(&name.as_ref()) => json::push_string(&mut out, REDACTED),
                Datum::Text(text) if NAMES.contains(&name.as_ref()) && looks_personal(text) => {
                    json::push_string(&mut out, REDACTED);
                }
                Datum::Json(text) => redacted(text, |value| push_redacted(&mut out, value)),
                datum => datum.write(&mut out),
            }
        }
        if !self.extra.is_empty() {
            out.extend_from_slice(b",\"extra\":{");
            for (index, (name, value)) in self.extra.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                if REDACT {
                    redacted(value, |value| push_redacted_member(&mut out, name, value, false));
                } else {
                    json::push_string(&mut out, name);
                    out.push(b':');
                    out.extend_from_slice(value.as_bytes());
                }
            }
            out.push(b'}');
        }
        out.push(b'}');
        // Everything written above is UTF-8.
        String::from_utf8(out).unwrap_or_default()
    }

    /// Reads what [`Self::to_json`] wrote; `None` for anything else.
    pub(crate) fn from_json(text: &[u8]) -> Option<Self> {
        Self::from_value(&json::read_own(text).ok()?)
    }

    pub(crate) fn from_value(value: &Value<'_>) -> Option<Self> {
        let Value::Object(members) = value else { return None };
        let mut members = members.iter();
        let kind = match members.next()? {
            (name, Value::String(kind)) if name.as_str() == "type" => EventKind::from_name(kind)?,
            _ => return None,
        };
        let mut event = Self { kind, fields: Vec::new(), extra: Vec::new() };
        for (name, value) in members {
            match (name.as_str(), value) {
                ("extra", Value::Object(extra)) => {
                    event.extra = extra
                        .iter()
                        .map(|(name, value)| (name.as_str().to_string(), text_of(value)))
                        .collect();
                }
                (name, value) => event.fields.push((Cow::Owned(name.to_string()), Datum::read(name, value)?)),
            }
        }
        Some(event)
    }
}

impl Datum {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => json::push_string(out, text),
            Self::Millis(time) => out.extend_from_slice(time.to_string().as_bytes()),
            Self::Json(text) => out.extend_from_slice(text.as_bytes()),
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    json::push_string(out, item);
                }
                out.push(b']');
            }
        }
    }

    fn read(name: &str, value: &Value<'_>) -> Option<Self> {
        Some(match value {
            Value::String(text) => Self::Text(text.as_str().to_string()),
            Value::Number(digits) => Self::Millis(digits.parse().ok()?),
            Value::Array(items) if name == "instance_ids" => {
                let text = |item: &Value<'_>| match item {
                    Value::String(text) => Some(text.to_string()),
                    _ => None,
                };
                Self::List(items.iter().map(text).collect::<Option<_>>()?)
            }
            other => Self::Json(text_of(other)),
        })
    }
}

/// Hands on the value that a text of ours says; nothing of one that cannot be read.
fn redacted(text: &str, write: impl FnOnce(&Value<'_>)) {
    match json::read_own(text.as_bytes()) {
        Ok(value) => write(&value),
        Err(_) => write(&Value::Null),
    }
}

/// A value as compact JSON text, member order and number text kept.
pub(crate) fn text_of(value: &Value<'_>) -> String {
    let mut out = Vec::new();
    json::push_value(&mut out, value);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Datum, Event, EventKind};
    use alloc::borrow::Cow;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn an_event_survives_its_json() {
        let event = Event {
            kind: EventKind::Renew,
            fields: vec![
                (Cow::Borrowed("activity"), Datum::Text("refreshInstance".to_string())),
                (Cow::Borrowed("expire_time"), Datum::Millis(1_763_951_778_000)),
                (Cow::Borrowed("instance_ids"), Datum::List(vec!["a".to_string(), "b\"".to_string()])),
                (Cow::Borrowed("product_info"), Datum::Json("{\"b\":1.10,\"a\":[null]}".to_string())),
            ],
            extra: vec![("新".to_string(), "1e5".to_string())],
        };
        assert_eq!(Event::from_json(event.to_json().as_bytes()), Some(event));
    }

    #[test]
    fn contact_data_is_hidden_where_an_event_is_shown() {
        let text = |name: &'static str, text: &str| (Cow::Borrowed(name), Datum::Text(text.to_string()));
        let event = Event {
            kind: EventKind::Subscribe,
            fields: vec![
                text("order_id", "13800138000"),
                text("customer_name", "hw 13800138000"),
                text("user_name", "R&D"),
                text("mobile_phone", "18699999999"),
                (
                    Cow::Borrowed("product_info"),
                    Datum::Json(r#"{"name":"a@b.cn","big":1e999999}"#.to_string()),
                ),
            ],
            extra: vec![
                ("MOBILE_PHONE".to_string(), r#"{"any":"thing"}"#.to_string()),
                ("contact".to_string(), r#"[{"e-mail":"x"},"8613800138000"]"#.to_string()),
                ("scene".to_string(), "\"X\"".to_string()),
                ("someone@example.com".to_string(), "1".to_string()),
            ],
        };
        let expected = concat!(
            r#"{"type":"subscribe","order_id":"13800138000","customer_name":"[redacted]","user_name":"R&D","#,
            r#""mobile_phone":"[redacted]","product_info":{"name":"[redacted]","big":1e999999},"#,
            r#""extra":{"MOBILE_PHONE":"[redacted]","contact":[{"e-mail":"[redacted]"},"[redacted]"],"scene":"X","#,
            r#""[redacted]":"[redacted]"}}"#
        );
        assert_eq!(event.to_redacted_json(), expected);
        assert_eq!(std::format!("{event:?}"), std::format!("Event({expected})"));
    }
}
