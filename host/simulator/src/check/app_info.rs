//! The access data of an instance: `appInfo`.

use super::{CheckInput, Complaint, Reader};
use crate::crypto::contact::{self, Strength};
use crate::{AccessKey, Dialect};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::fmt;

/// The longest URL, in characters.
pub const URL_LIMIT: usize = 512;
/// The longest user name or password, in characters; encrypted ones with their IV.
pub const CREDENTIAL_LIMIT: usize = 128;
/// The longest memo, in characters.
pub const MEMO_LIMIT: usize = 1024;

/// Access data, decrypted. `Debug` shows no credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct AppInfo {
    /// Where the buyer uses the product; mandatory.
    pub front_end_url: String,
    /// Where the buyer administers it.
    pub admin_url: Option<String>,
    /// The first user, in clear.
    pub user_name: Option<String>,
    /// Its password, in clear.
    pub password: Option<String>,
    /// A note to the buyer.
    pub memo: Option<String>,
}

impl fmt::Debug for AppInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppInfo")
            .field("front_end_url", &self.front_end_url)
            .field("admin_url", &self.admin_url)
            .field("user_name", &self.user_name.as_ref().map(|_| "…"))
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("memo", &self.memo)
            .finish()
    }
}

/// How the credentials of this answer are written.
pub(super) struct Cipher<'a> {
    key: &'a AccessKey,
    strength: Option<Strength>,
}

impl<'a> Cipher<'a> {
    pub(super) fn of(input: &CheckInput<'a>, reader: &mut Reader<'_>) -> Self {
        let given = reader.text("encryptType", 3, false);
        let named = given.as_deref().or(input.dialect.rules().default_encrypt_type);
        let strength = named.and_then(Strength::from_encrypt_type);
        if let (Some(got), None) = (given, strength) {
            reader.complaints.push(Complaint::UnknownEncryptType { got });
        }
        Self { key: input.key, strength }
    }

    fn credential(&self, reader: &mut Reader<'_>, name: &str) -> Option<String> {
        let text = reader.text(name, CREDENTIAL_LIMIT, false)?;
        let Some(strength) = self.strength.filter(|_| !text.is_empty()) else {
            return Some(text);
        };
        match contact::decrypt(self.key, strength, &text) {
            Ok(clear) => Some(clear),
            Err(reason) => {
                reader.complaints.push(Complaint::CredentialUnreadable { field: reader.path(name), reason });
                None
            }
        }
    }
}

pub(super) fn read(
    reader: &mut Reader<'_>,
    cipher: &Cipher<'_>,
    raw_memo: Option<&str>,
    mandatory: bool,
) -> Option<AppInfo> {
    let path = reader.path("appInfo.frontEndUrl");
    let absent = reader.members.get("appInfo").is_none_or(serde_json::Value::is_null);
    if absent && mandatory {
        reader.complaints.push(Complaint::Missing { field: path });
        return None;
    }
    let mut app_info = reader.object("appInfo")?;
    let front_end_url = app_info.text("frontEndUrl", URL_LIMIT, true);
    let admin_url = app_info.text("adminUrl", URL_LIMIT, false);
    let user_name = cipher.credential(&mut app_info, "userName");
    let password = cipher.credential(&mut app_info, "password");
    let memo = app_info.text("memo", MEMO_LIMIT, false);
    if raw_memo.is_some_and(|raw| !raw.is_ascii()) {
        let field = app_info.path("memo");
        app_info.complaints.push(Complaint::MemoNotEscaped { field });
    }
    Some(AppInfo { front_end_url: front_end_url?, admin_url, user_name, password, memo })
}

/// The memos as they were written, escapes and all; nothing where the dialect does not care.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct RawMemos<'a> {
    #[serde(borrow, default)]
    app_info: Option<RawAppInfo<'a>>,
    #[serde(borrow, default)]
    info: Option<Vec<RawInstance<'a>>>,
}

#[derive(Deserialize)]
struct RawAppInfo<'a> {
    #[serde(borrow, default)]
    memo: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawInstance<'a> {
    #[serde(borrow, default)]
    app_info: Option<RawAppInfo<'a>>,
}

impl<'a> RawMemos<'a> {
    pub(super) fn of(dialect: Dialect, body: &'a [u8]) -> Self {
        if dialect.rules().memo_escaped {
            serde_json::from_slice(body).unwrap_or_default()
        } else {
            Self::default()
        }
    }

    pub(super) fn own(&self) -> Option<&'a str> {
        Some(self.app_info.as_ref()?.memo?.get())
    }

    pub(super) fn instance(&self, index: usize) -> Option<&'a str> {
        Some(self.info.as_ref()?.get(index)?.app_info.as_ref()?.memo?.get())
    }
}
