//! Answers of the production address, read as the platform reads them: what an answer says, and what is wrong with it.
//! Written for answers that somebody else gave; our own are right by construction.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::signature;
use crate::crypto::{CbcKey, KeyLength, credential};
use crate::event::EventKind;
use crate::seller::{RingKey, Route};
use crate::shadow::{DifferenceCode, OldAnswer};
use crate::wire::address::is_web_address;
use crate::wire::json::{self, Value};

/// What an answer says.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Six digits; `None` where there are none.
    pub(crate) code: Option<String>,
    /// Of a create.
    pub(crate) instance_id: Option<String>,
    /// Of a create.
    pub(crate) app: Option<HeardApp>,
    /// Of a query.
    pub(crate) instances: Vec<(String, Option<HeardApp>)>,
    /// What the platform would not take, and the member that it is about.
    pub(crate) faults: Vec<(DifferenceCode, &'static str)>,
    /// Faults with repetitions.
    struck: usize,
}

/// Access data, decrypted, as the JSON that a backend would have given: `{"front_end_url": …}`.
pub(crate) struct HeardApp(pub(crate) Vec<u8>);

impl core::fmt::Debug for HeardApp {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("HeardApp(redacted)")
    }
}

/// What a dialect asks of its answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demands {
    /// Without `Body-Sign` an answer counts for nothing.
    pub(super) signature: bool,
    /// A create's success carries the access data.
    pub(super) app_on_create: bool,
    /// Credentials are ciphertexts, of AES-256 where `encryptType` does not say otherwise.
    pub(super) encrypted: bool,
    /// Text beyond ASCII in a memo is written as `\u` escapes.
    pub(super) escaped_memo: bool,
    /// So long the platform waits, milliseconds.
    pub(crate) patience_ms: u64,
}

/// The platform's limits (KooGallery access guide), characters.
const MESSAGE_LIMIT: usize = 255;
const INSTANCE_ID_LIMIT: usize = 64;
const URL_LIMIT: usize = 512;
const CREDENTIAL_LIMIT: usize = 128;
const MEMO_LIMIT: usize = 1_024;

/// Reads an answer to a call of this kind. `key` is the one that authenticated the call; without it any of the ring may
/// have signed. `kind` is `None` for a call that nobody could read.
///
/// No method of the dialect: a module that nobody asks to hear an answer does without it.
pub(crate) fn hear(route: &Route, key: Option<&RingKey>, kind: Option<EventKind>, old: &OldAnswer) -> Heard {
    let demands = &route.dialect.demands(&route.policy);
    let mut heard = Heard::default();
    envelope(route, key, demands, old, &mut heard);
    let document = json::read(&old.body);
    let Ok(document @ Value::Object(_)) = &document else {
        heard.fault(DifferenceCode::NotJson, "");
        return heard;
    };
    let digits = |code: &&str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    heard.code = document.get("resultCode").and_then(Value::as_str).filter(digits).map(ToString::to_string);
    if heard.code.is_none() {
        heard.fault(DifferenceCode::ResultCodeInvalid, "resultCode");
    }
    if heard.code.as_deref().is_some_and(|code| !route.dialect.knows_result_code(code)) {
        heard.note(DifferenceCode::ResultCodeUnknown, "resultCode");
    }
    heard.text(document, "resultMsg", MESSAGE_LIMIT);
    let mut writing = Writing::of(route, key, demands, document);
    writing.raw = demands.escaped_memo.then_some(old.body.as_slice());
    let succeeded = heard.code.as_deref() == Some(super::SUCCESS);
    match kind {
        Some(EventKind::Subscribe) => {
            heard.instance_id = heard.instance_id(document);
            let pending = heard.code.as_deref() == Some(route.dialect.unfinished().create);
            let names_it = succeeded || (pending && !demands.app_on_create);
            if names_it && document.get("instanceId").is_none() {
                heard.fault(DifferenceCode::FieldMissing, "instanceId");
            }
            heard.app = heard.app(document, &writing);
            if succeeded && demands.app_on_create && document.get("appInfo").is_none() {
                heard.fault(DifferenceCode::FieldMissing, "appInfo.frontEndUrl");
            }
        }
        Some(EventKind::QueryInstances) if succeeded => heard.list(document, &writing),
        _ => {}
    }
    heard
}

fn envelope(route: &Route, key: Option<&RingKey>, demands: &Demands, old: &OldAnswer, heard: &mut Heard) {
    if old.status != 200 {
        heard.fault(DifferenceCode::HttpStatus, "");
    }
    let media_type = old.header("content-type").and_then(|text| text.split(';').next()).map(str::trim);
    if !media_type.is_some_and(|text| text.eq_ignore_ascii_case("application/json")) {
        heard.fault(DifferenceCode::ContentType, "");
    }
    match old.header("body-sign") {
        None if demands.signature => heard.fault(DifferenceCode::SignatureMissing, "Body-Sign"),
        None => heard.fault(DifferenceCode::Unsigned, "Body-Sign"),
        Some(text) => {
            let keys = route.keys.iter().filter(|one| key.is_none_or(|key| core::ptr::eq(*one, key)));
            match signature::hear_body_sign(text, keys, &old.body) {
                signature::Heard::Right => {}
                signature::Heard::Misspelt => heard.note(DifferenceCode::Spelling, "Body-Sign"),
                signature::Heard::Wrong => heard.fault(DifferenceCode::SignatureWrong, "Body-Sign"),
            }
        }
    }
}

impl Heard {
    fn fault(&mut self, code: DifferenceCode, field: &'static str) {
        self.struck = self.struck.saturating_add(1);
        self.note(code, field);
    }

    /// A fault that leaves what was said in doubt for nobody.
    fn note(&mut self, code: DifferenceCode, field: &'static str) {
        if !self.faults.contains(&(code, field)) {
            self.faults.push((code, field));
        }
    }

    /// A text within its limit; `null` and the empty text are as good as absent.
    fn text<'v>(&mut self, object: &'v Value<'v>, name: &'static str, limit: usize) -> Option<&'v str> {
        match object.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() <= limit => {
                Some(text.as_str()).filter(|text| !text.is_empty())
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
    fn instance_id(&mut self, object: &Value<'_>) -> Option<String> {
        let id = self.text(object, "instanceId", INSTANCE_ID_LIMIT)?;
        let fits = id.trim() == id
            && id.chars().all(|letter| letter != ',' && !letter.is_control())
            && id.len() <= 128;
        if !fits {
            self.fault(DifferenceCode::OverLimit, "instanceId");
        }
        fits.then(|| id.to_string())
    }

    fn list(&mut self, document: &Value<'_>, writing: &Writing<'_>) {
        let Some(items) = document.get("info").and_then(Value::as_array) else {
            self.fault(DifferenceCode::FieldMissing, "info");
            return;
        };
        for item in items {
            let app = self.app(item, writing);
            match self.instance_id(item) {
                Some(id) => self.instances.push((id, app)),
                None => self.fault(DifferenceCode::FieldMissing, "info.instanceId"),
            }
        }
    }

    /// The access data, if all that is there is right.
    fn app(&mut self, holder: &Value<'_>, writing: &Writing<'_>) -> Option<HeardApp> {
        let app = match holder.get("appInfo")? {
            Value::Null => return None,
            app @ Value::Object(_) => app,
            _ => {
                self.fault(DifferenceCode::WrongType, "appInfo");
                return None;
            }
        };
        let struck = self.struck;
        let mut out = b"{".to_vec();
        for (name, ours, limit) in [
            ("frontEndUrl", "front_end_url", URL_LIMIT),
            ("adminUrl", "admin_url", URL_LIMIT),
            ("userName", "user_name", CREDENTIAL_LIMIT),
            ("password", "password", CREDENTIAL_LIMIT),
            ("memo", "memo", MEMO_LIMIT),
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
        (self.struck == struck).then_some(HeardApp(out))
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
    keys: Vec<&'a RingKey>,
    /// `None`: in plain text.
    length: Option<KeyLength>,
    /// The body, where memos are to be escaped in it.
    raw: Option<&'a [u8]>,
}

impl<'a> Writing<'a> {
    fn of(route: &'a Route, key: Option<&'a RingKey>, demands: &Demands, document: &Value<'_>) -> Self {
        let length = match document.get("encryptType").and_then(Value::as_str) {
            Some("1") => Some(KeyLength::Aes256),
            Some("2") => Some(KeyLength::Aes128),
            _ => demands.encrypted.then_some(KeyLength::Aes256),
        };
        let keys = match key {
            Some(key) => Vec::from([key]),
            None => route.keys.iter().collect(),
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
