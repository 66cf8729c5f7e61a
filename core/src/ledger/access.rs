//! The access data of an instance: what a backend may say, and how it is stored and answered.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::row::{Access, Unknown};
use crate::crypto::credential::PLAINTEXT_LIMIT;
use crate::crypto::{Entropy, Iv};
use crate::dialect::{AppInfo, Credential, Usage};
use crate::reason::ReasonCode;
use crate::wire::json::{self, Value};
use crate::wire::time;

/// The platform's limits (KooGallery access guide, AppInfo), in characters.
const URL_LIMIT: usize = 512;
const MEMO_LIMIT: usize = 1_024;
/// A credential that goes out in plain text, in characters.
const CREDENTIAL_LIMIT: usize = 128;

/// Reads and checks `{"front_end_url", "admin_url", "user_name", "password", "memo"}`; the first is required.
///
/// `revision` is that of the data before; new initialisation vectors are drawn.
pub(crate) fn read(
    answer: &[u8],
    encrypted: bool,
    revision: u64,
    entropy: &Entropy,
) -> Result<Access, ReasonCode> {
    let invalid = ReasonCode::BackendAnswerInvalid;
    let document = json::read(answer).map_err(|_| invalid)?;
    from_members(|name| document.get(name), encrypted, revision, entropy).map_err(|_| invalid)
}

/// The same from members by name.
///
/// # Errors
/// The name of the first member that is missing, no text, or over its limit.
pub(super) fn from_members<'v>(
    member: impl Fn(&'static str) -> Option<&'v Value<'v>>,
    encrypted: bool,
    revision: u64,
    entropy: &Entropy,
) -> Result<Access, &'static str> {
    let text = |name: &'static str, limit: usize| match member(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= limit => {
            Ok(Some(text.to_string()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(name),
    };
    let credential = |name| {
        let found = text(name, CREDENTIAL_LIMIT)?;
        match &found {
            Some(text) if encrypted && text.len() > PLAINTEXT_LIMIT => Err(name),
            _ => Ok(found),
        }
    };
    let iv = |label| String::from_utf8(entropy.iv(label).as_bytes().to_vec()).unwrap_or_default();
    Ok(Access {
        revision: revision.saturating_add(1),
        front_end_url: text("front_end_url", URL_LIMIT)?.ok_or("front_end_url")?,
        admin_url: text("admin_url", URL_LIMIT)?,
        user_name: credential("user_name")?,
        password: credential("password")?,
        memo: text("memo", MEMO_LIMIT)?,
        user_name_iv: iv("user_name"),
        password_iv: iv("password"),
        unknown: Unknown::default(),
    })
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
pub(super) fn read_usage(answer: &[u8]) -> Option<Vec<(String, Usage)>> {
    let document = json::read(answer).ok()?;
    document.get("usage")?.as_array()?.iter().map(usage_entry).collect()
}

fn usage_entry(entry: &Value<'_>) -> Option<(String, Usage)> {
    let text = |name: &str, limit: usize| match entry.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(Value::String(text)) if text.chars().count() <= limit => Some(Some(text.to_string())),
        Some(_) => None,
    };
    let usage_value = match entry.get("usage_value")? {
        Value::Number(digits) => *digits,
        Value::String(digits) => digits.as_str(),
        _ => return None,
    };
    let statistical_time = text("statistical_time", 17)??;
    time::parse_17(&statistical_time, time::UTC).ok()?;
    let usage = Usage {
        related_instance_id: text("related_instance_id", 64)?,
        usage_value: usage_number(usage_value)?,
        statistical_time,
        dashboard_url: text("dashboard_url", URL_LIMIT)?,
    };
    Some((text("instance_id", 64)??, usage))
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
