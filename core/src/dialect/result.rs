//! Answers of the production address: a result code, a message, and what the call asked for.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::access_keys::AccessKey;
use super::body_sign::BodySign;
use super::reply::{AppInfo, Ending, InstanceInfo, InstanceReply, Reply, Usage};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{KeyLength, credential};
use crate::reason::{ReasonCode, Told};
use crate::wire::json;

pub(crate) const SUCCESS: &str = "000000";

impl ReasonCode {
    /// The result code of the production address; empty where the platform gets none, or the backend's own.
    #[must_use]
    pub const fn result_code(self) -> &'static str {
        match self.told() {
            Told::Nobody | Told::Backend => "",
            Told::Authentication => "000001",
            Told::Parameter => "000002",
            Told::Instance => "000003",
            Told::Failure => "000005",
            Told::Credential => "000101",
        }
    }
}

/// Where dialects differ in their result codes and in what stands beside them.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResultTable {
    /// Of a replayed call.
    pub(super) replayed: &'static str,
    /// Of a create that goes on, together with the instance id; without it a create that goes on is a failure.
    pub(super) creating: Option<&'static str>,
    /// Of a query for instances that are all being opened.
    pub(super) none_yet: &'static str,
    /// Whether the answer to a create carries the access data.
    pub(super) access_on_create: bool,
}

impl ResultTable {
    /// The code of a reason.
    pub(super) const fn of(&self, reason: ReasonCode) -> &'static str {
        match reason {
            ReasonCode::Replayed => self.replayed,
            other => other.result_code(),
        }
    }

    /// The code of a reply.
    pub(super) fn of_reply<'r>(&self, reply: &'r Reply) -> &'r str {
        match reply {
            Reply::Bare(Ending::Success)
            | Reply::Account(_)
            | Reply::Instance(InstanceReply::Created { .. } | InstanceReply::Listed(_)) => SUCCESS,
            Reply::Bare(Ending::Failure(reason)) => self.of(*reason),
            Reply::Bare(Ending::Refusal { code, .. }) => code,
            Reply::Instance(InstanceReply::Creating { .. }) => {
                self.creating.unwrap_or(self.of(ReasonCode::InProgress))
            }
            Reply::Instance(InstanceReply::NoneYet) => self.none_yet,
        }
    }
}

/// How answers of a route are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResultForm {
    pub(super) table: ResultTable,
    pub(super) credentials: Credentials,
    pub(super) body_sign: BodySign,
}

impl ResultForm {
    /// The answer in the form of the production address: JSON with non-ASCII text as `\u` escapes (V1 asks for them in
    /// `memo`), signed over exactly these bytes.
    pub(super) fn write(&self, reply: &Reply, key: Option<&AccessKey>) -> Answer {
        let mut out = Vec::with_capacity(256);
        let cipher = Cipher { key, credentials: self.credentials };
        let code = self.table.of_reply(reply);
        let message = match reply {
            // What the backend said; where it said nothing, the usual message.
            Reply::Bare(Ending::Refusal { message, .. }) if !message.is_empty() => message,
            Reply::Bare(Ending::Failure(ReasonCode::UndecryptableSecret)) => "invalid client secret.",
            _ => message_of(code),
        };
        open(code, message, &mut out);
        match reply {
            Reply::Instance(InstanceReply::Created { instance_id, app, license }) => {
                let app = app.as_ref().filter(|_| self.table.access_on_create);
                cipher.write_type(app.into_iter(), &mut out);
                text_member("instanceId", instance_id, &mut out);
                if let Some(app) = app {
                    cipher.write_app(app, &mut out);
                }
                if let Some(license) = license {
                    text_member("license", license, &mut out);
                }
            }
            Reply::Instance(InstanceReply::Creating { instance_id }) if self.table.creating.is_some() => {
                text_member("instanceId", instance_id, &mut out);
            }
            Reply::Instance(InstanceReply::Listed(items)) => {
                cipher.write_type(items.iter().filter_map(|item| item.app.as_ref()), &mut out);
                member("info", &mut out);
                array(items, &mut out, |item, out| cipher.write_instance(item, out));
            }
            Reply::Bare(_)
            | Reply::Account(_)
            | Reply::Instance(InstanceReply::Creating { .. } | InstanceReply::NoneYet) => {}
        }
        out.push(b'}');
        let mut headers = Vec::with_capacity(2);
        headers.push(("Content-Type".to_string(), "application/json".to_string()));
        let mut answer = Answer { status: 200, headers, body: out };
        self.body_sign.sign(key, &mut answer);
        answer
    }
}

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
