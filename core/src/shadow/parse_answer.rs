//! Answers of the production address, read as the platform reads them: what an answer says, and what is wrong with it.
//! They are answers that somebody else gave; our own are right by construction.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::body_sign::{self, BodySignCheck};
use super::difference::DifferenceCode;
use super::observation::OldAnswer;
use crate::crypto::{CbcKey, KeyLength, credential};
use crate::dialect::{AccessKey, Context, Expectations, SUCCESS, is_common_code};
use crate::event::{EventKind, InstanceEvent};
use crate::limits;
use crate::seller::Route;
use crate::wire::address::is_web_address;
use crate::wire::json::{self, Value};

/// What an answer says.
#[derive(Debug, Default)]
pub(crate) struct ParsedAnswer {
    /// Six digits; `None` where there are none.
    pub(crate) code: Option<String>,
    /// Of a create.
    pub(crate) instance_id: Option<String>,
    /// Of a create.
    pub(crate) app: Option<ParsedAccess>,
    /// Of a query.
    pub(crate) instances: Vec<(String, Option<ParsedAccess>)>,
    /// What the platform would not take, and the member that it is about.
    pub(crate) faults: Vec<(DifferenceCode, &'static str)>,
    /// How often a fault was found, repetitions included.
    fault_count: usize,
}

/// Access data, decrypted, as the JSON that a backend would have given: `{"front_end_url": …}`.
pub(crate) struct ParsedAccess(pub(crate) Vec<u8>);

impl core::fmt::Debug for ParsedAccess {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("ParsedAccess(redacted)")
    }
}

/// Reads an answer to a call of this kind. The key that authenticated the call signed it; without a context any of the ring
/// may have. `kind` is `None` for a call that nobody could read.
pub(super) fn parse_answer(
    route: &Route,
    context: Option<Context>,
    kind: Option<EventKind>,
    old: &OldAnswer,
) -> ParsedAnswer {
    let Some(expected) = &route.endpoint.expectations() else { return ParsedAnswer::default() };
    let rules = route.dialect.instances();
    let key = context.and_then(|context| expected.keys.of(context));
    let mut answer = ParsedAnswer::default();
    check_envelope(key, expected, old, &mut answer);
    let document = json::read(&old.body);
    let document = match &document {
        Ok(document) if document.value().as_object().is_some() => document.value(),
        _ => {
            answer.fault(DifferenceCode::NotJson, "");
            return answer;
        }
    };
    let digits = |code: &&str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    answer.code = document.get("resultCode").and_then(Value::as_str).filter(digits).map(ToString::to_string);
    if answer.code.is_none() {
        answer.fault(DifferenceCode::ResultCodeInvalid, "resultCode");
    }
    let knows = |code: &str| match rules {
        Some(rules) => rules.knows_result_code(code),
        None => is_common_code(code),
    };
    if answer.code.as_deref().is_some_and(|code| !knows(code)) {
        answer.note(DifferenceCode::ResultCodeUnknown, "resultCode");
    }
    answer.text(document, "resultMsg", limits::MESSAGE);
    let mut writing = Writing::of(key, expected, document);
    writing.raw = expected.escaped_memo.then_some(old.body.as_slice());
    let succeeded = answer.code.as_deref() == Some(SUCCESS);
    if kind == Some(InstanceEvent::Subscribe.into()) {
        answer.instance_id = answer.instance_id(document);
        let pending = expected.creating.is_some() && answer.code.as_deref() == expected.creating;
        if (succeeded || pending) && document.get("instanceId").is_none() {
            answer.fault(DifferenceCode::FieldMissing, "instanceId");
        }
        answer.app = answer.app(document, &writing);
        if succeeded && expected.app_on_create && document.get("appInfo").is_none() {
            answer.fault(DifferenceCode::FieldMissing, "appInfo.frontEndUrl");
        }
    }
    if succeeded && kind == Some(InstanceEvent::QueryInstances.into()) {
        answer.list(document, &writing);
    }
    answer
}

fn check_envelope(
    key: Option<&AccessKey>,
    expected: &Expectations<'_>,
    old: &OldAnswer,
    answer: &mut ParsedAnswer,
) {
    if old.status != 200 {
        answer.fault(DifferenceCode::HttpStatus, "");
    }
    let media_type = old.header("content-type").and_then(|text| text.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|text| text.eq_ignore_ascii_case("application/json")) {
        answer.fault(DifferenceCode::ContentType, "");
    }
    match old.header("body-sign") {
        None if expected.signature => answer.fault(DifferenceCode::SignatureMissing, "Body-Sign"),
        None => answer.fault(DifferenceCode::Unsigned, "Body-Sign"),
        Some(text) => {
            let keys = expected.keys.iter().filter(|one| key.is_none_or(|key| core::ptr::eq(*one, key)));
            match body_sign::check(text, keys, &old.body) {
                BodySignCheck::Right => {}
                BodySignCheck::Misspelt => answer.note(DifferenceCode::Spelling, "Body-Sign"),
                BodySignCheck::Wrong => answer.fault(DifferenceCode::SignatureWrong, "Body-Sign"),
            }
        }
    }
}

impl ParsedAnswer {
    fn fault(&mut self, code: DifferenceCode, field: &'static str) {
        self.fault_count = self.fault_count.saturating_add(1);
        self.note(code, field);
    }

    /// A fault that leaves what was said in doubt for nobody.
    fn note(&mut self, code: DifferenceCode, field: &'static str) {
        if !self.faults.contains(&(code, field)) {
            self.faults.push((code, field));
        }
    }

    /// A text within its limit; `null` and the empty text are as good as absent.
    fn text<'v>(&mut self, object: Value<'v>, name: &'static str, limit: usize) -> Option<&'v str> {
        match object.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() <= limit => {
                Some(text).filter(|text| !text.is_empty())
            }
            Some(Value::String(_)) => {
                self.fault(DifferenceCode::OverLimit, name);
                None
            }
            Some(_) => {
                self.fault(DifferenceCode::WrongType, name);
                None
            }
        }
    }

    /// An id that later calls can name: queries join ids by commas and trim them.
    fn instance_id(&mut self, object: Value<'_>) -> Option<String> {
        let id = self.text(object, "instanceId", limits::INSTANCE_ID)?;
        let fits = limits::is_instance_id(id);
        if !fits {
            self.fault(DifferenceCode::OverLimit, "instanceId");
        }
        fits.then(|| id.to_string())
    }

    fn list(&mut self, document: Value<'_>, writing: &Writing<'_>) {
        let Some(items) = document.get("info").and_then(Value::as_array) else {
            self.fault(DifferenceCode::FieldMissing, "info");
            return;
        };
        for item in items.iter() {
            let app = self.app(item, writing);
            match self.instance_id(item) {
                Some(id) => self.instances.push((id, app)),
                None => self.fault(DifferenceCode::FieldMissing, "info.instanceId"),
            }
        }
    }

    /// The access data, if all that is there is right.
    fn app(&mut self, holder: Value<'_>, writing: &Writing<'_>) -> Option<ParsedAccess> {
        let app = match holder.get("appInfo")? {
            Value::Null => return None,
            app @ Value::Object(_) => app,
            _ => {
                self.fault(DifferenceCode::WrongType, "appInfo");
                return None;
            }
        };
        let faults_before = self.fault_count;
        let mut out = b"{".to_vec();
        for (name, ours, limit) in [
            ("frontEndUrl", "front_end_url", limits::URL),
            ("adminUrl", "admin_url", limits::URL),
            ("userName", "user_name", limits::CREDENTIAL),
            ("password", "password", limits::CREDENTIAL),
            ("memo", "memo", limits::MEMO),
        ] {
            let text = self.text(app, name, limit);
            if text.is_none() && name == "frontEndUrl" {
                self.fault(DifferenceCode::FieldMissing, "appInfo.frontEndUrl");
            }
            let Some(text) = text else { continue };
            if name.ends_with("Url") && !is_web_address(text) {
                self.fault(DifferenceCode::NotAnAddress, name);
                continue;
            }
            if name == "memo" && writing.raw.is_some_and(|body| stands_raw(text, body)) {
                self.note(DifferenceCode::NotEscaped, name);
            }
            let plain = match name {
                "userName" | "password" => match writing.read(text) {
                    Some(plain) => plain,
                    None => {
                        self.fault(DifferenceCode::Undecryptable, name);
                        continue;
                    }
                },
                _ => text.to_string(),
            };
            if out.len() > 1 {
                out.push(b',');
            }
            json::push_string(&mut out, ours);
            out.push(b':');
            json::push_string(&mut out, &plain);
        }
        out.push(b'}');
        (self.fault_count == faults_before).then_some(ParsedAccess(out))
    }
}

/// Whether the first text beyond ASCII stands in the body as it is.
fn stands_raw(text: &str, body: &[u8]) -> bool {
    let beyond = text.trim_start_matches(|letter: char| letter.is_ascii());
    let end = beyond.find(|letter: char| letter.is_ascii()).unwrap_or(beyond.len());
    let run = beyond.as_bytes().get(..end).unwrap_or_default();
    !run.is_empty() && body.windows(run.len()).any(|window| window == run)
}

/// How texts of an answer are written.
struct Writing<'a> {
    keys: Vec<&'a AccessKey>,
    /// `None`: in plain text.
    length: Option<KeyLength>,
    /// The body, where memos are to be escaped in it.
    raw: Option<&'a [u8]>,
}

impl<'a> Writing<'a> {
    fn of(key: Option<&'a AccessKey>, expected: &Expectations<'a>, document: Value<'_>) -> Self {
        let length = match document.get("encryptType").and_then(Value::as_str) {
            Some("1") => Some(KeyLength::Aes256),
            Some("2") => Some(KeyLength::Aes128),
            _ => expected.encrypted.then_some(KeyLength::Aes256),
        };
        let keys = match key {
            Some(key) => Vec::from([key]),
            None => expected.keys.iter().collect(),
        };
        Self { keys, length, raw: None }
    }

    fn read(&self, text: &str) -> Option<String> {
        let Some(length) = self.length else { return Some(text.to_string()) };
        self.keys.iter().find_map(|key| {
            let other;
            let cipher = if key.cipher.length() == length {
                &key.cipher
            } else {
                other = CbcKey::derive(key.secret.expose(), length);
                &other
            };
            let plain = credential::decrypt(cipher, text).ok()?;
            core::str::from_utf8(&plain).ok().map(ToString::to_string)
        })
    }
}
