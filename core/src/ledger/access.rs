//! The access data of an instance: what a backend may say, and how it is stored and answered.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::row::Access;
use crate::crypto::credential::PLAINTEXT_LIMIT;
use crate::crypto::{Entropy, Iv};
use crate::detail::Detail;
use crate::dialect::{AppInfo, Credential, Usage};
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::wire::address::is_web_address;
use crate::wire::json::{self, Document, JsonError, Value};
use crate::wire::time;

/// Reads and checks `{"front_end_url", "admin_url", "user_name", "password", "memo"}`; the first is required, and other
/// members are passed over. One of these names in another spelling is a mistake: whoever meant it would never learn
/// that nobody read it.
///
/// `revision` is that of the data before; new initialisation vectors are drawn.
///
/// # Errors
/// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about.
pub(crate) fn read(
    answer: &[u8],
    encrypted: bool,
    revision: u64,
    entropy: &Entropy,
) -> Result<Access, Reason> {
    let document = document(if answer.is_empty() { b"{}" } else { answer })?;
    let document = document.value();
    misspelt(document, &NAMES).map_or(Ok(()), Err)?;
    from_members(|name| document.get(name), encrypted, revision, entropy).map_err(Reason::from)
}

pub(super) const NAMES: [&str; 5] = ["front_end_url", "admin_url", "user_name", "password", "memo"];

/// What is wrong with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Missing(&'static str),
    WrongType(&'static str),
    /// More characters than this, or bytes where they are encrypted.
    OverLimit(&'static str, usize),
    /// A number or a time in another form than the platform takes.
    Malformed(&'static str),
    /// Neither http nor https, or no host.
    NotAnAddress(&'static str),
}

impl Fault {
    pub(super) const fn field(self) -> &'static str {
        match self {
            Self::Missing(name)
            | Self::WrongType(name)
            | Self::OverLimit(name, _)
            | Self::Malformed(name)
            | Self::NotAnAddress(name) => name,
        }
    }
}

impl From<Fault> for Reason {
    fn from(fault: Fault) -> Self {
        let invalid = Self::about(ReasonCode::BackendAnswerInvalid, fault.field());
        match fault {
            Fault::Missing(_) => invalid.with(Detail::cause("missing")),
            Fault::WrongType(_) => invalid.with(Detail::cause("wrong-type")),
            Fault::OverLimit(_, limit) => {
                invalid.with(Detail::cause("over-limit")).with(Detail::limit(limit))
            }
            Fault::Malformed(_) => invalid.with(Detail::cause("malformed")),
            Fault::NotAnAddress(_) => invalid.with(Detail::cause("not-an-address")),
        }
    }
}

/// The same where the buyer may have no address to go to: without `front_end_url` there are no access data.
///
/// # Errors
/// As [`read`].
pub(super) fn read_any(
    answer: &[u8],
    encrypted: bool,
    revision: u64,
    entropy: &Entropy,
) -> Result<Option<Access>, Reason> {
    let has_address = {
        let document = document(if answer.is_empty() { b"{}" } else { answer })?;
        misspelt(document.value(), &NAMES).map_or(Ok(()), Err)?;
        document.value().get("front_end_url").is_some_and(|value| !value.is_null())
    };
    if has_address { read(answer, encrypted, revision, entropy).map(Some) } else { Ok(None) }
}

/// The same from members by name.
///
/// # Errors
/// The first member that is missing, no text, over its limit, or no address where it must be one.
pub(super) fn from_members<'v>(
    member: impl Fn(&'static str) -> Option<Value<'v>>,
    encrypted: bool,
    revision: u64,
    entropy: &Entropy,
) -> Result<Access, Fault> {
    let text = |name: &'static str, limit: usize| text_of(name, member(name), limit);
    let address = |name| address_of(name, member(name));
    let credential = |name| {
        let found = text(name, limits::CREDENTIAL)?;
        match &found {
            Some(text) if encrypted && text.len() > PLAINTEXT_LIMIT => {
                Err(Fault::OverLimit(name, PLAINTEXT_LIMIT))
            }
            _ => Ok(found),
        }
    };
    let iv = |label| String::from_utf8(entropy.iv(label).as_bytes().to_vec()).unwrap_or_default();
    Ok(Access {
        revision: revision.saturating_add(1),
        front_end_url: address("front_end_url")?.ok_or(Fault::Missing("front_end_url"))?,
        admin_url: address("admin_url")?,
        user_name: credential("user_name")?,
        password: credential("password")?,
        memo: text("memo", limits::MEMO)?,
        user_name_iv: iv("user_name"),
        password_iv: iv("password"),
    })
}

/// A text within its limit; null and an empty one are as good as absent.
pub(super) fn text_of(
    name: &'static str,
    value: Option<Value<'_>>,
    limit: usize,
) -> Result<Option<String>, Fault> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= limit => {
            Ok(Some(text.to_string()).filter(|text| !text.is_empty()))
        }
        Some(Value::String(_)) => Err(Fault::OverLimit(name, limit)),
        Some(_) => Err(Fault::WrongType(name)),
    }
}

/// Somebody will click on it.
fn address_of(name: &'static str, value: Option<Value<'_>>) -> Result<Option<String>, Fault> {
    let text = text_of(name, value, limits::URL)?;
    if text.as_ref().is_some_and(|text| !is_web_address(text)) {
        return Err(Fault::NotAnAddress(name));
    }
    Ok(text)
}

/// The answer of a backend as an object.
pub(super) fn document(answer: &[u8]) -> Result<Document<'_>, Reason> {
    let invalid = |cause| Reason::from(ReasonCode::BackendAnswerInvalid).with(Detail::cause(cause));
    match json::read(answer) {
        Ok(document) if document.value().as_object().is_some() => Ok(document),
        Ok(_) => Err(invalid("wrong-type")),
        Err(JsonError::DuplicateName) => Err(invalid("duplicate-name")),
        Err(_) if answer.starts_with(b"\xef\xbb\xbf") => Err(invalid("byte-order-mark")),
        Err(JsonError::TooDeep { at }) => Err(invalid("too-deep").with(Detail::at(at))),
        Err(JsonError::Malformed { at }) => Err(invalid("not-json").with(Detail::at(at))),
    }
}

/// The first name that stands there in another spelling only: `frontEndUrl` for `front_end_url`.
pub(super) fn misspelt(document: Value<'_>, names: &[&'static str]) -> Option<Reason> {
    let members = document.as_object()?;
    let stands_there = |name: &str| members.iter().any(|(known, value)| known == name && !value.is_null());
    names.iter().copied().filter(|name| !stands_there(name)).find_map(|name| {
        let (found, _) =
            members.iter().find(|(found, _)| *found != name && letters(found).eq(letters(name)))?;
        let invalid = Reason::about(ReasonCode::BackendAnswerInvalid, name).with(Detail::cause("misspelt"));
        Some(invalid.with_any(Detail::found(found)).with(Detail::DidYouMean(name.into())))
    })
}

/// What of a name does not depend on its spelling.
fn letters(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    letters.map(|letter| letter.to_ascii_lowercase())
}

/// The access data as they are answered.
pub(super) fn app_info(access: &Access) -> AppInfo {
    let credential = |text: &Option<String>, iv: &str| {
        let iv = iv.as_bytes().try_into().ok().and_then(Iv::new)?;
        text.clone().map(|text| Credential { text, iv })
    };
    AppInfo {
        front_end_url: access.front_end_url.clone(),
        admin_url: access.admin_url.clone(),
        user_name: credential(&access.user_name, &access.user_name_iv),
        password: credential(&access.password, &access.password_iv),
        memo: access.memo.clone(),
    }
}

/// Reads `{"usage": [{"instance_id", "usage_value", "statistical_time", "related_instance_id", "dashboard_url"}]}`.
///
/// # Errors
/// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about, `usage[0].usage_value` for instance.
pub(super) fn read_usage(answer: &[u8]) -> Result<Vec<(String, Usage)>, Reason> {
    let document = document(answer)?;
    let document = document.value();
    misspelt(document, &["usage"]).map_or(Ok(()), Err)?;
    let entries = match document.get("usage") {
        None | Some(Value::Null) => return Err(Fault::Missing("usage").into()),
        Some(entries) => entries.as_array().ok_or(Fault::WrongType("usage"))?,
    };
    let mut usage = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let within = |reason: Reason| {
            let name = reason.field.as_deref().unwrap_or_default();
            let path =
                if name.is_empty() { format!("usage[{index}]") } else { format!("usage[{index}].{name}") };
            Reason { field: Some(path.into()), ..reason }
        };
        misspelt(entry, &USAGE_NAMES).map_or(Ok(()), |reason| Err(within(reason)))?;
        usage.push(usage_entry(entry).map_err(|fault| within(fault.into()))?);
    }
    Ok(usage)
}

pub(super) const USAGE_NAMES: [&str; 5] =
    ["instance_id", "usage_value", "statistical_time", "related_instance_id", "dashboard_url"];

fn usage_entry(entry: Value<'_>) -> Result<(String, Usage), Fault> {
    if entry.as_object().is_none() {
        return Err(Fault::WrongType(""));
    }
    let text = |name, limit| text_of(name, entry.get(name), limit);
    let needed = |name, limit| text(name, limit)?.ok_or(Fault::Missing(name));
    let usage_value = match entry.get("usage_value") {
        None | Some(Value::Null) => return Err(Fault::Missing("usage_value")),
        Some(Value::Number(digits)) => digits,
        Some(Value::String(digits)) => digits,
        Some(_) => return Err(Fault::WrongType("usage_value")),
    };
    let statistical_time = needed("statistical_time", 17)?;
    time::parse_17(&statistical_time, time::UTC).map_err(|_| Fault::Malformed("statistical_time"))?;
    let usage = Usage {
        related_instance_id: text("related_instance_id", limits::INSTANCE_ID)?,
        usage_value: usage_number(usage_value).ok_or(Fault::Malformed("usage_value"))?,
        statistical_time,
        dashboard_url: address_of("dashboard_url", entry.get("dashboard_url"))?,
    };
    Ok((needed("instance_id", limits::INSTANCE_ID)?, usage))
}

/// Double(12,4): at most eight digits before the point and four after it.
fn usage_number(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, limit: usize| {
        (1..=limit).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let canonical = whole == "0" || !whole.starts_with('0');
    (digits(whole, 8) && canonical && digits(fraction, 4)).then(|| text.to_string())
}
