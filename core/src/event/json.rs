//! Events and the records in them as JSON: written, read back by the table of fields, and shown to people.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::field::{EventField, FIELDS, Privacy, Shape};
use super::{Datum, Event, EventKind, Record};
use crate::personal::{REDACTED, looks_personal, push_redacted, push_redacted_member};
use crate::wire::json::{self, Value};

/// A value as compact JSON text, member order and number text kept.
pub(crate) fn text_of(value: Value<'_>) -> String {
    match value.compact() {
        Some(source) => source.to_string(),
        None => {
            // A text without escapes, as nearly all are, fits at once.
            let mut out = Vec::with_capacity(value.as_str().map_or(0, |text| text.len().saturating_add(2)));
            json::push_value(&mut out, value);
            String::from_utf8(out).unwrap_or_default()
        }
    }
}

/// An object with another text in place of one of its members, or without it; the others as they came.
pub(crate) fn with_other(members: json::Members<'_>, name: &str, other: Option<&str>) -> String {
    let mut out = Vec::from(*b"{");
    for (known, value) in members.iter().filter(|(known, _)| *known != name || other.is_some()) {
        if out.len() > 1 {
            out.push(b',');
        }
        json::push_string(&mut out, known);
        out.push(b':');
        match other {
            Some(other) if known == name => json::push_string(&mut out, other),
            _ => json::push_value(&mut out, value),
        }
    }
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

impl Event {
    /// Two functions: hosts that show nothing to people do without the second.
    pub(super) fn write<const REDACT: bool>(&self) -> String {
        let mut out = Vec::with_capacity(self.bound());
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(self.kind.name().as_bytes());
        out.push(b'"');
        write_fields::<REDACT>(&self.fields, FIELDS, &mut out);
        write_extra::<REDACT>(&self.extra, &mut out);
        out.push(b'}');
        // Everything written above is UTF-8.
        String::from_utf8(out).unwrap_or_default()
    }

    /// About so long it becomes: exactly, but for escapes and lists.
    fn bound(&self) -> usize {
        let fields = self.fields.iter().map(|(name, datum)| match datum {
            Datum::Text(text) | Datum::Json(text) => name.len().saturating_add(text.len()),
            _ => name.len().saturating_add(64),
        });
        let extra = self.extra.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        // Quotes, colon and comma of each.
        fields.chain(extra).fold(64, |sum, member| sum.saturating_add(member).saturating_add(6))
    }

    /// Reads what [`Self::to_json`] wrote; `None` for anything else.
    pub(crate) fn from_json(text: &[u8]) -> Option<Self> {
        Self::from_value(json::read_own(text).ok()?.value())
    }

    pub(crate) fn from_value(value: Value<'_>) -> Option<Self> {
        let mut members = value.as_object()?.iter();
        let kind = match members.next()? {
            ("type", Value::String(kind)) => EventKind::from_name(kind)?,
            _ => return None,
        };
        let Record { fields, extra } = Record::read(members, FIELDS)?;
        Some(Self { kind, fields, extra })
    }
}

impl Record {
    fn write<const REDACT: bool>(&self, table: &'static [EventField], out: &mut Vec<u8>) {
        let start = out.len();
        write_fields::<REDACT>(&self.fields, table, out);
        write_extra::<REDACT>(&self.extra, out);
        match out.get_mut(start) {
            // Every member was written with a comma before it.
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    /// One JSON object: the fields, `extra` if there is any.
    pub(crate) fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(256);
        self.write::<false>(&[], &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn read<'v>(
        members: impl Iterator<Item = (&'v str, Value<'v>)> + Clone,
        table: &'static [EventField],
    ) -> Option<Self> {
        let fields = Vec::with_capacity(members.clone().count());
        let mut record = Self { fields, extra: Vec::new() };
        for (name, value) in members {
            match (EventField::find(table, name), value) {
                (Some(field), value) => {
                    record.fields.push((Cow::Borrowed(field.name), Datum::read(field.shape, value)?));
                }
                (None, Value::Object(extra)) if name == EXTRA => {
                    let kept = |(name, value): (&str, Value<'_>)| (name.to_string(), text_of(value));
                    record.extra = extra.iter().map(kept).collect();
                }
                // A later version wrote it: it goes on as it is.
                (None, value) => {
                    record.fields.push((Cow::Owned(name.to_string()), Datum::Json(text_of(value))));
                }
            }
        }
        Some(record)
    }
}

/// Where members stand that the tables do not know.
const EXTRA: &str = "extra";

fn write_fields<const REDACT: bool>(
    fields: &[(Cow<'static, str>, Datum)],
    table: &'static [EventField],
    out: &mut Vec<u8>,
) {
    for (name, datum) in fields {
        // Names are the tables' own and need no escape.
        out.extend_from_slice(b",\"");
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
        if let Datum::Records(records) = datum {
            let table = match EventField::find(table, name).map(|field| field.shape) {
                Some(Shape::Records(table)) => table,
                _ => &[],
            };
            write_list(records, out, |record, out| record.write::<REDACT>(table, out));
        } else if REDACT {
            let privacy = EventField::find(table, name).map_or(Privacy::Shown, |field| field.privacy);
            datum.show(privacy, out);
        } else {
            datum.write(out);
        }
    }
}

fn write_extra<const REDACT: bool>(extra: &[(String, String)], out: &mut Vec<u8>) {
    if extra.is_empty() {
        return;
    }
    out.extend_from_slice(b",\"extra\":{");
    for (index, (name, value)) in extra.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if REDACT {
            redacted(value, |value| push_redacted_member(out, name, value, false));
        } else {
            json::push_string(out, name);
            out.push(b':');
            out.extend_from_slice(value.as_bytes());
        }
    }
    out.push(b'}');
}

fn write_list<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

impl Datum {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => json::push_string(out, text),
            Self::Millis(time) => out.extend_from_slice(time.to_string().as_bytes()),
            Self::Flag(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Self::Json(text) => out.extend_from_slice(text.as_bytes()),
            Self::List(items) => write_list(items, out, |item, out| json::push_string(out, item)),
            Self::Records(records) => write_list(records, out, |record, out| record.write::<false>(&[], out)),
        }
    }

    /// The same for people.
    fn show(&self, privacy: Privacy, out: &mut Vec<u8>) {
        match (self, privacy) {
            (_, Privacy::Hidden) => json::push_string(out, REDACTED),
            (Self::Text(text), Privacy::Name) if looks_personal(text) => json::push_string(out, REDACTED),
            (Self::Json(text), _) => redacted(text, |value| push_redacted(out, value)),
            (datum, _) => datum.write(out),
        }
    }

    fn read(shape: Shape, value: Value<'_>) -> Option<Self> {
        Some(match shape {
            Shape::Text => Self::Text(value.as_str()?.to_string()),
            Shape::Millis => Self::Millis(value.as_number()?.parse().ok()?),
            Shape::Flag => Self::Flag(value.as_bool()?),
            Shape::Json => Self::Json(text_of(value)),
            Shape::Texts => {
                let text = |item: Value<'_>| item.as_str().map(ToString::to_string);
                Self::List(value.as_array()?.iter().map(text).collect::<Option<_>>()?)
            }
            Shape::Records(table) => {
                let record = |item: Value<'_>| Record::read(item.as_object()?.iter(), table);
                Self::Records(value.as_array()?.iter().map(record).collect::<Option<_>>()?)
            }
        })
    }
}

/// Hands on the value that a text of ours says; nothing of one that cannot be read.
fn redacted(text: &str, write: impl FnOnce(Value<'_>)) {
    match json::read_own(text.as_bytes()) {
        Ok(document) => write(document.value()),
        Err(_) => write(Value::Null),
    }
}

#[cfg(test)]
mod tests {
    use super::{Datum, Event, Record};
    use crate::event::InstanceEvent;
    use alloc::borrow::Cow;
    use alloc::string::{String, ToString};
    use alloc::vec;
    use alloc::vec::Vec;

    fn text(name: &'static str, text: &str) -> (Cow<'static, str>, Datum) {
        (Cow::Borrowed(name), Datum::Text(text.to_string()))
    }

    fn event(fields: Vec<(Cow<'static, str>, Datum)>, extra: &[(&str, &str)]) -> Event {
        let extra = extra.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Event { kind: InstanceEvent::Renew.into(), fields, extra }
    }

    /// A list of users, one of whom holds everything that is hidden.
    fn users() -> (Cow<'static, str>, Datum) {
        let first = vec![
            text("user_name", "13800138000"),
            text("name", "Li"),
            text("role", "admin"),
            text("mobile", "13800138000"),
            text("email", "li@example.com"),
            (Cow::Borrowed("extension"), Datum::Json(r#"{"region":"cn","idNum":1}"#.to_string())),
        ];
        let extra = vec![("badge".to_string(), "13".to_string()), ("phone2".to_string(), "1".to_string())];
        let second = Record { fields: vec![text("user_name", "wang")], extra: Vec::new() };
        let empty = Record { fields: Vec::new(), extra: Vec::new() };
        (Cow::Borrowed("users"), Datum::Records(vec![Record { fields: first, extra }, second, empty]))
    }

    #[test]
    fn an_event_survives_its_json() {
        let event = event(
            vec![
                text("activity", "refreshInstance"),
                (Cow::Borrowed("expire_time"), Datum::Millis(1_763_951_778_000)),
                (Cow::Borrowed("instance_ids"), Datum::List(vec!["a".to_string(), "b\"".to_string()])),
                (Cow::Borrowed("product_info"), Datum::Json("{\"b\":1.10,\"a\":[null]}".to_string())),
                (Cow::Borrowed("test"), Datum::Flag(true)),
                users(),
            ],
            &[("新", "1e5")],
        );
        assert_eq!(Event::from_json(event.to_json().as_bytes()), Some(event));
    }

    #[test]
    fn a_number_is_a_time_only_where_the_table_says_so() {
        let read = |text: &str| Event::from_json(text.as_bytes());
        for wrong in [
            r#"{"type":"renew","expire_time":"1"}"#,
            r#"{"type":"renew","order_id":1}"#,
            r#"{"type":"renew","test":"true"}"#,
            r#"{"type":"renew","instance_ids":"a"}"#,
            r#"{"type":"renew","users":{"user_name":"a"}}"#,
            r#"{"type":"renew","users":["a"]}"#,
            r#"{"type":"no-such"}"#,
            r#"{"order_id":"1","type":"renew"}"#,
            r#"{}"#,
            r#"[]"#,
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let later = r#"{"type":"renew","order_id":"1","later":17,"users":[{"user_name":"a","seat":[1.0]}]}"#;
        assert_eq!(
            read(later).map(|event| event.to_json()).as_deref(),
            Some(later),
            "a later version's fields go on"
        );
        assert_eq!(read(later).and_then(|event| event.millis("later")), None);
    }

    #[test]
    fn contact_data_are_hidden_where_an_event_is_shown() {
        let event = Event {
            kind: InstanceEvent::Subscribe.into(),
            ..event(
                vec![
                    text("order_id", "13800138000"),
                    text("customer_name", "hw 13800138000"),
                    text("user_name", "R&D"),
                    text("mobile_phone", "18699999999"),
                    (
                        Cow::Borrowed("product_info"),
                        Datum::Json(r#"{"name":"a@b.cn","big":1e999999}"#.to_string()),
                    ),
                    users(),
                ],
                &[
                    ("MOBILE_PHONE", r#"{"any":"thing"}"#),
                    ("contact", r#"[{"e-mail":"x"},"8613800138000"]"#),
                    ("scene", "\"X\""),
                    ("someone@example.com", "1"),
                ],
            )
        };
        let users = concat!(
            r#"[{"user_name":"[redacted]","name":"Li","role":"admin","mobile":"[redacted]","email":"[redacted]","#,
            r#""extension":"[redacted]","extra":{"badge":13,"phone2":"[redacted]"}},{"user_name":"wang"},{}]"#
        );
        let expected: String = [
            r#"{"type":"subscribe","order_id":"13800138000","customer_name":"[redacted]","user_name":"R&D","#,
            r#""mobile_phone":"[redacted]","product_info":{"name":"[redacted]","big":1e999999},"users":"#,
            users,
            r#","extra":{"MOBILE_PHONE":"[redacted]","contact":[{"e-mail":"[redacted]"},"[redacted]"],"scene":"X","#,
            r#""[redacted]":"[redacted]"}}"#,
        ]
        .concat();
        assert_eq!(event.to_redacted_json(), expected);
        assert_eq!(std::format!("{event:?}"), std::format!("Event({expected})"));
    }
}
