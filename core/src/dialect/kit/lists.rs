//! The lists of a kit: users and departments, each as an array or as the JSON text of one.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::super::members::Members;
use super::super::refusals::too_long;
use super::loose;
use crate::detail::Detail;
use crate::event::{Datum, Event, Record, text_of};
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::wire::json::{self, Elements, Value};

/// The most users of one call: CONFIRMED (workbench, A.4).
const MAX_USERS: usize = 500;

/// One member of an entry.
struct EntryField {
    wire: &'static str,
    /// The name in the event.
    name: &'static str,
    /// Where a mistake is.
    path: &'static str,
    form: EntryForm,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EntryForm {
    /// Part of a ledger key.
    Key,
    Text,
    /// Texts `true` and `false`, or the truth values; absent is true.
    Enabled,
    /// Absent is `user`.
    Role,
    /// Stands in the entry, or else in its extension.
    Extended,
    /// An object, or JSON text of one; any other text stays a text.
    Extension,
}

macro_rules! entry_fields {
    ($list:literal: $($wire:literal $name:literal $form:ident,)*) => {
        &[$(EntryField {
            wire: $wire,
            name: $name,
            path: concat!($list, ".", $wire),
            form: EntryForm::$form,
        },)*]
    };
}

static USER: &[EntryField] = entry_fields!["userList":
    "userName" "user_name" Key,
    "name" "name" Text,
    "orgCode" "org_code" Text,
    "position" "position" Text,
    "employeeCode" "employee_code" Text,
    "employeeType" "employee_type" Extended,
    "role" "role" Role,
    "enable" "enabled" Enabled,
    "mobile" "mobile" Text,
    "email" "email" Text,
    "workPlace" "work_place" Extended,
    "entryDate" "entry_date" Extended,
    "extension" "extension" Extension,
];

/// The users of a call. `None` where there is no list.
pub(crate) fn users(wire: &'static str, value: Value<'_>) -> Result<Option<Datum>, Reason> {
    list(wire, value, false, |entries| {
        if entries.len() > MAX_USERS {
            return Err(Reason::about(ReasonCode::TooManyMembers, wire).with(Detail::limit(MAX_USERS)));
        }
        entries.iter().map(|entry| user(wire, entry)).collect()
    })
}

/// The departments of a call. `None` where there is no list.
pub(crate) fn departments(wire: &'static str, value: Value<'_>) -> Result<Option<Datum>, Reason> {
    list(wire, value, true, |entries| entries.iter().map(|entry| department(wire, entry)).collect())
}

/// The one department of a call, of which only the code is known yet.
pub(crate) fn department_code(code: &str) -> Datum {
    let code = (Cow::Borrowed("org_code"), Datum::Text(code.to_string()));
    Datum::Records(Vec::from([Record { fields: Vec::from([code]), extra: Vec::new() }]))
}

/// Adds name and parent, which stand beside the code at the top of the call.
pub(super) fn complete_department(event: &mut Event, members: &Members<'_>) -> Result<(), Reason> {
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for wire in NAMES {
        let name = members.text(wire)?.filter(|name| !name.is_empty());
        if let Some(name) = name.filter(|_| found.is_empty()) {
            found.push(("name", name.to_string()));
        }
    }
    found.extend(
        members.text(PARENT)?.filter(|code| !code.is_empty()).map(|code| ("parent_code", code.to_string())),
    );
    if let Some((_, Datum::Records(records))) =
        event.fields.iter_mut().find(|(name, _)| name == "departments")
        && let Some(record) = records.first_mut()
    {
        record.fields.extend(found.into_iter().map(|(name, text)| (Cow::Borrowed(name), Datum::Text(text))));
    }
    Ok(())
}

/// What the platform calls the name of a department, in its versions and samples.
const NAMES: [&str; 3] = ["orgName", "OrgName", "name"];
const PARENT: &str = "parentCode";

/// Hands on the entries of a list. `is_loose`: in its text form names may stand without quotes.
fn list(
    wire: &'static str,
    value: Value<'_>,
    is_loose: bool,
    read: impl FnOnce(Elements<'_>) -> Result<Vec<Record>, Reason>,
) -> Result<Option<Datum>, Reason> {
    let malformed = || Reason::about(ReasonCode::FieldMalformed, wire);
    let records = match value {
        Value::Null => return Ok(None),
        Value::Array(entries) => read(entries)?,
        Value::String("") => return Ok(None),
        Value::String(text) => {
            let quoted =
                if is_loose { Cow::Owned(loose::quote_names(text)) } else { Cow::Borrowed(text.as_bytes()) };
            let document = json::read(&quoted).map_err(|_| malformed())?;
            read(document.value().as_array().ok_or_else(malformed)?)?
        }
        _ => return Err(malformed()),
    };
    Ok(Some(Datum::Records(records)))
}

/// A scalar as text, numbers with their digits; `None` for null and the empty text.
fn scalar(value: Option<Value<'_>>, path: &'static str) -> Result<Option<String>, Reason> {
    Ok(match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.to_string()).filter(|text| !text.is_empty()),
        Some(Value::Number(digits)) => Some(digits.to_string()),
        Some(Value::Bool(flag)) => Some(flag.to_string()),
        Some(Value::Array(_) | Value::Object(_)) => {
            return Err(Reason::about(ReasonCode::FieldMalformed, path));
        }
    })
}

fn user(wire: &'static str, entry: Value<'_>) -> Result<Record, Reason> {
    let members = entry.as_object().ok_or_else(|| Reason::about(ReasonCode::FieldMalformed, wire))?;
    let extension = Extension::of(entry.get("extension"));
    let mut fields: Vec<(Cow<'static, str>, Datum)> = Vec::with_capacity(USER.len());
    for EntryField { wire, name, path, form } in USER {
        let malformed = || Reason::about(ReasonCode::FieldMalformed, path);
        let found = entry.get(wire);
        if *form == EntryForm::Extension {
            fields.extend(extension.datum.clone().map(|datum| (Cow::Borrowed(*name), datum)));
            if !matches!(found, None | Some(Value::Null | Value::Object(_) | Value::String(_))) {
                return Err(malformed());
            }
            continue;
        }
        let text = scalar(found, path)?;
        let text = match form {
            EntryForm::Key => match text {
                None => return Err(Reason::about(ReasonCode::FieldMissing, path)),
                Some(text) if text.len() > limits::KEY_BYTES => return Err(too_long(path)),
                text => text,
            },
            EntryForm::Enabled => match text.as_deref() {
                None | Some("true") => Some("true".to_string()),
                Some("false") => text,
                Some(_) => return Err(malformed()),
            },
            EntryForm::Role => text.or_else(|| Some("user".to_string())),
            EntryForm::Extended => text.or_else(|| extension.text(wire)),
            EntryForm::Text | EntryForm::Extension => text,
        };
        fields.extend(text.map(|text| (Cow::Borrowed(*name), Datum::Text(text))));
    }
    let known = |name: &str| USER.iter().any(|field| field.wire == name);
    let extra = members.iter().filter(|(name, _)| !known(name));
    Ok(Record { fields, extra: extra.map(|(name, value)| (name.to_string(), text_of(value))).collect() })
}

/// What an administrator fills in for an application of his own (CONFIRMED, workbench A.4), some of it under names that
/// stand in the entry itself elsewhere.
struct Extension {
    datum: Option<Datum>,
    texts: Vec<(String, String)>,
}

impl Extension {
    fn of(value: Option<Value<'_>>) -> Self {
        match value {
            Some(Value::String(text)) if !text.is_empty() => match json::read(text.as_bytes()) {
                Ok(document) if document.value().as_object().is_some() => Self::of(Some(document.value())),
                _ => {
                    let mut kept = Vec::new();
                    json::push_string(&mut kept, text);
                    let text = String::from_utf8(kept).unwrap_or_default();
                    Self { datum: Some(Datum::Json(text)), texts: Vec::new() }
                }
            },
            Some(object @ Value::Object(members)) => {
                let texts = members.iter().filter_map(|(name, value)| {
                    Some((name.to_string(), scalar(Some(value), "").ok().flatten()?))
                });
                Self { datum: Some(Datum::Json(text_of(object))), texts: texts.collect() }
            }
            _ => Self { datum: None, texts: Vec::new() },
        }
    }

    fn text(&self, wire: &str) -> Option<String> {
        self.texts.iter().find(|(name, _)| name == wire).map(|(_, text)| text.clone())
    }
}

fn department(wire: &'static str, entry: Value<'_>) -> Result<Record, Reason> {
    let members = entry.as_object().ok_or_else(|| Reason::about(ReasonCode::FieldMalformed, wire))?;
    let [code_path, name_path, parent_path] = match wire {
        "orgInfo" => ["orgInfo.orgCode", "orgInfo.name", "orgInfo.parentCode"],
        _ => ["orgInfoList.orgCode", "orgInfoList.orgName", "orgInfoList.parentCode"],
    };
    let code = scalar(entry.get("orgCode"), code_path)?;
    let code = code.ok_or_else(|| Reason::about(ReasonCode::FieldMissing, code_path))?;
    if code.len() > limits::KEY_BYTES {
        return Err(too_long(code_path));
    }
    let mut fields = Vec::from([(Cow::Borrowed("org_code"), Datum::Text(code))]);
    let mut name = None;
    for wire in NAMES {
        let found = scalar(entry.get(wire), name_path)?;
        name = name.or(found);
    }
    fields.extend(name.map(|name| (Cow::Borrowed("name"), Datum::Text(name))));
    let parent = scalar(entry.get(PARENT), parent_path)?;
    fields.extend(parent.map(|code| (Cow::Borrowed("parent_code"), Datum::Text(code))));
    let known = |name: &str| name == "orgCode" || name == PARENT || NAMES.contains(&name);
    let extra = members.iter().filter(|(name, _)| !known(name));
    Ok(Record { fields, extra: extra.map(|(name, value)| (name.to_string(), text_of(value))).collect() })
}
