//! From the members of a call to an event, by the table of its activity.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::kit::lists;
use super::members::{Member, Members};
use super::refusals::too_long;
use crate::crypto::CbcKey;
use crate::crypto::credential::{self, CredentialError};
use crate::detail::Detail;
use crate::event::{Datum, Event, EventKind, InstanceEvent, text_of};
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::wire::json::Value;
use crate::wire::{base64, json, time};

/// One row of an activity's table.
#[derive(Debug)]
pub(super) struct Field {
    /// The platform's name.
    pub(super) wire: &'static str,
    /// The name in the event.
    pub(super) name: &'static str,
    pub(super) syntax: Syntax,
    pub(super) required: bool,
}

/// How the text of a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// An id, a code, a word of the platform.
    Text,
    /// What people call themselves.
    Name,
    /// Becomes part of a ledger key: at most 128 bytes.
    Key,
    /// Decimal digits, at most 18.
    Integer,
    /// Digits, perhaps a sign and a fraction.
    Decimal,
    /// 14 or 17 digits, a point in time.
    Time,
    /// A date and a time of day in UTC, in one of the forms of a licence.
    MomentUtc,
    /// Encrypted contact data.
    Contact,
    /// Base64 of a JSON array of names and values.
    ExtendParams,
    /// A nested object.
    Object,
    /// Instance ids joined by commas.
    Ids,
    /// Users, as an array or as JSON text of one.
    Users,
    /// Departments, as an array or as JSON text of one whose names may stand without quotes.
    Departments,
    /// The code of the one department that a call is about; becomes part of a ledger key.
    Department,
}

pub(super) const fn required(wire: &'static str, name: &'static str, syntax: Syntax) -> Field {
    Field { wire, name, syntax, required: true }
}

pub(super) const fn optional(wire: &'static str, name: &'static str, syntax: Syntax) -> Field {
    Field { wire, name, syntax, required: false }
}

/// One activity of a dialect.
#[derive(Debug)]
pub(crate) struct Activity {
    pub(super) wire: &'static str,
    pub(super) meaning: Meaning,
    pub(super) fields: &'static [Field],
}

/// Whether two dialects have an activity in common.
pub(crate) fn share_an_activity(some: &[Activity], others: &[Activity]) -> bool {
    some.iter().any(|activity| others.iter().any(|other| other.wire == activity.wire))
}

impl Activity {
    /// Whether its table has a field of this name.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// What kind of event an activity is.
#[derive(Debug)]
pub(super) enum Meaning {
    Is(EventKind),
    /// The named field says FREEZE, or NORMAL (V1) or UNFREEZE (V2); both words are taken everywhere.
    ByStatus(&'static str),
    /// The field `flag` says which.
    ByFlag(&'static [(&'static str, EventKind)]),
}

/// What an activity about instances is.
pub(super) const fn instance(event: InstanceEvent) -> Meaning {
    Meaning::Is(EventKind::Instance(event))
}

/// What the reading needs beside the members.
pub(super) struct Reading<'a> {
    /// Members of the transport: neither fields nor extra.
    pub(super) transport: &'static [&'static str],
    /// A member that nobody looks at: text is kept, anything else is as good as absent.
    pub(super) unread: Option<&'static str>,
    /// Decrypts contact data.
    pub(super) cipher: &'a CbcKey,
    pub(super) expire_time_offset_minutes: i16,
}

impl Reading<'_> {
    /// The event of a call that names its activity, and whether it is test traffic.
    pub(super) fn called(
        &self,
        activities: &'static [Activity],
        members: &Members<'_>,
    ) -> Result<(Event, bool), Reason> {
        let activity = members
            .text("activity")?
            .filter(|name| !name.is_empty())
            .ok_or(Reason::about(ReasonCode::FieldMissing, "activity"))?;
        let activity = activities
            .iter()
            .find(|known| known.wire == activity)
            .ok_or_else(|| unknown(ReasonCode::UnknownActivity, "activity", Detail::activity(activity)))?;
        self.about(activity, members)
    }

    /// The same of a call whose address names the activity.
    pub(super) fn about(&self, activity: &Activity, members: &Members<'_>) -> Result<(Event, bool), Reason> {
        let test = test_flag(members)?;
        Ok((self.event(activity, members)?, test))
    }

    /// The event of an activity.
    fn event(&self, activity: &Activity, members: &Members<'_>) -> Result<Event, Reason> {
        let mut fields = Vec::with_capacity(activity.fields.len().saturating_add(1));
        fields.push((Cow::Borrowed("activity"), Datum::Text(activity.wire.to_string())));
        for field in activity.fields {
            match members.get(field.wire).map(|member| self.datum(field, member)).transpose()?.flatten() {
                Some(datum) => fields.push((Cow::Borrowed(field.name), datum)),
                None if field.required => return Err(Reason::about(ReasonCode::FieldMissing, field.wire)),
                None => {}
            }
        }
        let kind = match activity.meaning {
            Meaning::Is(kind) => kind,
            Meaning::ByStatus(wire) => match members.text(wire)? {
                Some("FREEZE") => EventKind::Instance(InstanceEvent::Freeze),
                Some("NORMAL" | "UNFREEZE") => EventKind::Instance(InstanceEvent::Unfreeze),
                status => {
                    let found = status.and_then(Detail::found);
                    return Err(unknown(ReasonCode::UnknownStatus, wire, found));
                }
            },
            Meaning::ByFlag(flags) => {
                let flag = members.text(FLAG)?;
                let known = flags.iter().find(|(known, _)| Some(*known) == flag).map(|(_, kind)| *kind);
                known.ok_or_else(|| unknown(ReasonCode::UnknownFlag, FLAG, flag.and_then(Detail::found)))?
            }
        };
        let extra = self.extra(activity, members);
        Ok(Event { kind, fields, extra })
    }

    /// What a table finds among the members, whatever is required: neither contact data nor times are in it.
    pub(super) fn optional(
        activity: &Activity,
        members: &Members<'_>,
    ) -> Result<Vec<(Cow<'static, str>, Datum)>, Reason> {
        let mut found = Vec::with_capacity(activity.fields.len().saturating_add(3));
        for field in activity.fields {
            let text = members.text(field.wire)?.filter(|text| !text.is_empty());
            match text {
                Some(text) if text.len() > limits::KEY_BYTES => return Err(too_long(field.wire)),
                Some(text) => found.push((Cow::Borrowed(field.name), Datum::Text(text.to_string()))),
                None => {}
            }
        }
        Ok(found)
    }

    /// Members that the table does not know. What may not have been signed is not among them: of a null member and of an
    /// empty V1 parameter nobody can say whether the platform sent it.
    fn extra(&self, activity: &Activity, members: &Members<'_>) -> Vec<(String, String)> {
        let known = |name: &str| {
            name == "activity"
                || name == "testFlag"
                || self.transport.contains(&name)
                || activity.fields.iter().any(|field| field.wire == name)
        };
        let mut extra = Vec::new();
        members.for_each(&mut |name, member| {
            if !known(name) && !member.says_nothing() {
                extra.push((name.to_string(), member.to_json()));
            }
        });
        extra
    }

    /// The datum of a field; `None` when it is null or empty, which is as good as absent.
    fn datum(&self, field: &Field, member: Member<'_>) -> Result<Option<Datum>, Reason> {
        if self.unread == Some(field.wire) && !member.is_text() {
            return Ok(None);
        }
        match (field.syntax, member) {
            (Syntax::Object, _) => return object(field.wire, member),
            (Syntax::Users, Member::Json(value)) => return lists::users(field.wire, value),
            (Syntax::Departments, Member::Json(value)) => return lists::departments(field.wire, value),
            _ => {}
        }
        let Some(text) = member.text(field.wire)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let malformed = Reason::about(ReasonCode::FieldMalformed, field.wire);
        let datum = match field.syntax {
            Syntax::Text | Syntax::Name | Syntax::Object => Datum::Text(text.to_string()),
            Syntax::Key | Syntax::Department if text.len() > limits::KEY_BYTES => {
                return Err(too_long(field.wire));
            }
            Syntax::Department => lists::department_code(text),
            Syntax::Key => Datum::Text(text.to_string()),
            Syntax::Integer if is_digits(text) && text.len() <= 18 => Datum::Text(text.to_string()),
            Syntax::Decimal if is_decimal(text) => Datum::Text(text.to_string()),
            Syntax::Integer | Syntax::Decimal | Syntax::Users | Syntax::Departments => return Err(malformed),
            Syntax::Time => Datum::Millis(
                time::parse_expiry(text, self.expire_time_offset_minutes).map_err(|_| malformed)?,
            ),
            Syntax::MomentUtc => Datum::Millis(time::parse_moment_utc(text).map_err(|_| malformed)?),
            Syntax::Contact => Datum::Text(self.contact(field.wire, text)?),
            Syntax::ExtendParams => Datum::Json(extend_params(text).ok_or(malformed)?),
            Syntax::Ids => {
                let refuse = |cause| Reason::about(ReasonCode::BadInstanceList, field.wire).with(cause);
                Datum::List(ids(text).map_err(refuse)?)
            }
        };
        Ok(Some(datum))
    }

    fn contact(&self, wire: &'static str, text: &str) -> Result<String, Reason> {
        let refuse = |cause| Reason::about(ReasonCode::UndecryptableContact, wire).with(Detail::cause(cause));
        let plain = credential::decrypt(self.cipher, text).map_err(|error| {
            refuse(match error {
                CredentialError::Malformed => "malformed",
                CredentialError::Undecryptable => "another-key",
            })
        })?;
        core::str::from_utf8(&plain).map(ToString::to_string).map_err(|_| refuse("another-key"))
    }
}

/// A field that becomes part of a ledger key and is longer than a key takes.
fn unknown(code: ReasonCode, wire: &'static str, shown: Option<Detail>) -> Reason {
    Reason::about(code, wire).with_any(shown)
}

/// 1 is test traffic; absent, empty and 0 are production.
fn test_flag(members: &Members<'_>) -> Result<bool, Reason> {
    match members.text("testFlag")? {
        Some("1") => Ok(true),
        None | Some("" | "0") => Ok(false),
        Some(flag) => Err(unknown(ReasonCode::TestFlagInvalid, "testFlag", Detail::found(flag))),
    }
}

/// What the interfaces of the kits ask for.
pub(super) const FLAG: &str = "flag";

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `-?digits[.digits]`, at most 32 characters.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    text.len() <= 32
        && match digits.split_once('.') {
            Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
            None => is_digits(digits),
        }
}

/// A nested object as it is, or the same as JSON text in a string.
fn object(wire: &'static str, member: Member<'_>) -> Result<Option<Datum>, Reason> {
    let malformed = Reason::about(ReasonCode::FieldMalformed, wire);
    match member {
        Member::Json(Value::Null) => Ok(None),
        Member::Json(value @ Value::Object(_)) => Ok(Some(Datum::Json(text_of(value)))),
        Member::Json(Value::String("")) => Ok(None),
        Member::Json(Value::String(text)) => {
            let document = json::read(text.as_bytes()).map_err(|_| malformed.clone())?;
            match document.value() {
                value @ Value::Object(_) => Ok(Some(Datum::Json(text_of(value)))),
                _ => Err(malformed),
            }
        }
        _ => Err(malformed),
    }
}

/// The decoded list; a blank in the Base64 is a plus sign that a form decoder took.
fn extend_params(text: &str) -> Option<String> {
    let decoded = base64::decode(text.replace(' ', "+").as_bytes()).ok()?;
    match json::read(&decoded).ok()?.value() {
        value @ Value::Array(_) => Some(text_of(value)),
        _ => None,
    }
}

/// Trimmed, each once, in order.
fn ids(text: &str) -> Result<Vec<String>, Detail> {
    let mut ids: Vec<String> = Vec::new();
    for id in text.split(',').map(str::trim) {
        if id.is_empty() {
            return Err(Detail::cause("empty-id"));
        }
        if id.len() > limits::KEY_BYTES {
            return Err(Detail::cause("id-too-long"));
        }
        if ids.iter().all(|known| known != id) {
            if ids.len() == limits::IDS_PER_QUERY {
                return Err(Detail::cause("too-many-ids"));
            }
            ids.push(id.to_string());
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::Syntax;
    use crate::dialect::ALL;
    use crate::event::{EventField, FIELDS, Shape};

    impl Syntax {
        /// What the field holds that is read in this form.
        fn shape(self) -> Shape {
            match self {
                Self::Text | Self::Name | Self::Key | Self::Integer | Self::Decimal | Self::Contact => {
                    Shape::Text
                }
                Self::Time | Self::MomentUtc => Shape::Millis,
                Self::ExtendParams | Self::Object => Shape::Json,
                Self::Ids => Shape::Texts,
                Self::Users | Self::Departments | Self::Department => Shape::Records(&[]),
            }
        }
    }

    /// Which records they are, their own tables say.
    fn plain(shape: Shape) -> Shape {
        if matches!(shape, Shape::Records(_)) { Shape::Records(&[]) } else { shape }
    }

    #[test]
    fn every_field_of_a_dialect_is_one_of_the_events() {
        for dialect in ALL {
            for field in dialect.activities().iter().flat_map(|activity| activity.fields) {
                let known = EventField::find(FIELDS, field.name).map(|known| plain(known.shape));
                assert_eq!(known, Some(field.syntax.shape()), "{}: {}", dialect.name(), field.name);
            }
        }
    }
}
