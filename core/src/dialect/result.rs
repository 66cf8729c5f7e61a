//! Answers of the production address: a result code, a message, and what the call asked for.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::access_keys::AccessKey;
use super::body_sign::BodySign;
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{Iv, KeyLength, credential};
use crate::wire::json;

/// What is to be answered, free of signature and encryption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// A result code and nothing else.
    Code { code: String, message: String },
    /// A create: the instance id, and the access data where the dialect carries them.
    Created { code: String, instance_id: String, app: Option<AppInfo> },
    /// A query.
    Instances { code: String, items: Vec<InstanceInfo> },
}

/// How a buyer reaches an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AppInfo {
    pub(crate) front_end_url: String,
    pub(crate) admin_url: Option<String>,
    pub(crate) user_name: Option<Credential>,
    pub(crate) password: Option<Credential>,
    pub(crate) memo: Option<String>,
}

/// A credential and the initialisation vector under which it goes out.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) text: String,
    pub(crate) iv: Iv,
}

impl core::fmt::Debug for Credential {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Credential(redacted)")
    }
}

/// One instance of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstanceInfo {
    pub(crate) instance_id: String,
    pub(crate) app: Option<AppInfo>,
    pub(crate) usage: Vec<Usage>,
}

/// One usage figure. Texts were checked when the backend gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) related_instance_id: Option<String>,
    /// A JSON number with at most four decimals.
    pub(crate) usage_value: String,
    /// 17 digits, UTC.
    pub(crate) statistical_time: String,
    pub(crate) dashboard_url: Option<String>,
}

impl Reply {
    /// A code with its usual message.
    pub(crate) fn code(code: &str) -> Self {
        Self::Code { code: code.to_string(), message: message_of(code).to_string() }
    }

    /// A code with what the backend said; where it said nothing, with the usual message.
    pub(crate) fn said(code: &str, message: &str) -> Self {
        match message {
            "" => Self::code(code),
            message => Self::Code { code: code.to_string(), message: message.to_string() },
        }
    }

    pub(crate) fn result_code(&self) -> &str {
        match self {
            Self::Code { code, .. } | Self::Created { code, .. } | Self::Instances { code, .. } => code,
        }
    }

    pub(crate) fn success() -> Self {
        Self::code(SUCCESS)
    }

    /// The answer in the form of the production address: JSON with non-ASCII text as `\u` escapes (V1 asks for them in
    /// `memo`), signed over exactly these bytes.
    pub(super) fn to_answer(
        &self,
        key: Option<&AccessKey>,
        credentials: Credentials,
        body_sign: &BodySign,
    ) -> Answer {
        let mut out = Vec::with_capacity(256);
        let cipher = Cipher { key, credentials };
        match self {
            Self::Code { code, message } => open(code, message, &mut out),
            Self::Created { code, instance_id, app } => {
                open(code, message_of(code), &mut out);
                cipher.write_type(app.iter(), &mut out);
                text_member("instanceId", instance_id, &mut out);
                if let Some(app) = app {
                    cipher.write_app(app, &mut out);
                }
            }
            Self::Instances { code, items } => {
                open(code, message_of(code), &mut out);
                cipher.write_type(items.iter().filter_map(|item| item.app.as_ref()), &mut out);
                member("info", &mut out);
                array(items, &mut out, |item, out| cipher.write_instance(item, out));
            }
        }
        out.push(b'}');
        let mut headers = Vec::with_capacity(2);
        headers.push(("Content-Type".to_string(), "application/json".to_string()));
        let mut answer = Answer { status: 200, headers, body: out };
        body_sign.sign(key, &mut answer);
        answer
    }
}

pub(crate) const SUCCESS: &str = "000000";

/// What stands beside a code when the backend gave no message of its own.
fn message_of(code: &str) -> &'static str {
    match code {
        SUCCESS => "success.",
        "000001" => "authentication failed.",
        "000002" => "invalid request parameter.",
        "000003" => "the instance does not exist.",
        "000004" => "being processed.",
        "000100" => "no instance resource available.",
        "000106" => "sold out.",
        code if code > "000100" => "refused by the seller.",
        _ => "internal error.",
    }
}

fn open(code: &str, message: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"resultCode\":");
    json::push_ascii_string(out, code);
    text_member("resultMsg", message, out);
}

fn member(name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn text_member(name: &str, text: &str, out: &mut Vec<u8>) {
    member(name, out);
    json::push_ascii_string(out, text);
}

fn array<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

/// How credentials go out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Credentials {
    Plain,
    /// In AES-CBC under a key that is derived from the access key.
    Encrypted(KeyLength),
}

impl Credentials {
    /// Reads `encrypt_credentials`, whose default the dialect says: V1 encrypts (CONFIRMED), V2 does not (UNKNOWN).
    pub(super) fn read(table: &mut Table<'_>, default: bool, problems: &mut Problems) -> bool {
        table.flag("encrypt_credentials", default, problems)
    }

    pub(super) fn are_encrypted(self) -> bool {
        matches!(self, Self::Encrypted(_))
    }
}

/// Writes access data.
struct Cipher<'a> {
    key: Option<&'a AccessKey>,
    credentials: Credentials,
}

impl Cipher<'_> {
    /// `encryptType`, where a credential follows: 1 is AES-256, 2 is AES-128.
    fn write_type<'a>(&self, mut apps: impl Iterator<Item = &'a AppInfo>, out: &mut Vec<u8>) {
        let value = match self.credentials {
            Credentials::Plain => return,
            Credentials::Encrypted(KeyLength::Aes256) => "1",
            Credentials::Encrypted(KeyLength::Aes128) => "2",
        };
        if apps.any(|app| app.user_name.is_some() || app.password.is_some()) {
            text_member("encryptType", value, out);
        }
    }

    fn write_app(&self, app: &AppInfo, out: &mut Vec<u8>) {
        member("appInfo", out);
        out.extend_from_slice(b"{\"frontEndUrl\":");
        json::push_ascii_string(out, &app.front_end_url);
        if let Some(url) = &app.admin_url {
            text_member("adminUrl", url, out);
        }
        for (name, credential) in [("userName", &app.user_name), ("password", &app.password)] {
            if let Some(credential) = credential {
                match self.key.filter(|_| self.credentials.are_encrypted()) {
                    Some(key) => {
                        let text =
                            credential::encrypt(&key.cipher, &credential.iv, credential.text.as_bytes());
                        text_member(name, &text, out);
                    }
                    None => text_member(name, &credential.text, out),
                }
            }
        }
        if let Some(memo) = &app.memo {
            text_member("memo", memo, out);
        }
        out.push(b'}');
    }

    fn write_instance(&self, item: &InstanceInfo, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"instanceId\":");
        json::push_ascii_string(out, &item.instance_id);
        if let Some(app) = &item.app {
            self.write_app(app, out);
        }
        if !item.usage.is_empty() {
            member("usageInfo", out);
            array(&item.usage, out, |usage, out| usage.write(out));
        }
        out.push(b'}');
    }
}

impl Usage {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"usageValue\":");
        out.extend_from_slice(self.usage_value.as_bytes());
        text_member("statisticalTime", &self.statistical_time, out);
        if let Some(id) = &self.related_instance_id {
            text_member("relatedInstanceId", id, out);
        }
        if let Some(url) = &self.dashboard_url {
            text_member("dashboardUrl", url, out);
        }
        out.push(b'}');
    }
}
