//! Account events of an identity centre: POST JSON, a bearer token, a signature over four members, data that may be
//! encrypted in several layouts (OneAccess guide, account synchronisation).

mod layout;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use layout::Layout;

use super::fields::Activity;
use super::freshness::Window;
use super::reply::Ending;
use super::{
    Call, Context, Dialect, Endpoint, Expectations, InstanceRules, Interface, Refused, Replay, Reply, Ring,
    Target, content, refusals,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::account_cipher::AccountKey;
use crate::crypto::{Entropy, MacKey, Secret, compare};
use crate::event::{AccountEvent, Datum, Event, EventKind};
use crate::reason::{Reason, ReasonCode, Told};
use crate::request::{Arrived, Body};
use crate::wire::json::{self, Value};
use crate::wire::{base64, time};

pub(super) static ACCOUNT_EVENTS: AccountEvents = AccountEvents;

/// The dialect.
#[derive(Debug)]
pub(super) struct AccountEvents;

#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Gcm,
    Ecb,
    None,
}

/// A route of the dialect.
#[derive(Debug)]
struct AccountEndpoint {
    token: Secret,
    signature_keys: Vec<(Secret, MacKey)>,
    encryption_keys: Vec<(Secret, AccountKey)>,
    algorithm: Algorithm,
    window: Window,
    /// The number of the code is the HTTP status too.
    status_is_code: bool,
}

const EVENTS: [(&str, EventKind, &str); 7] = [
    ("CHECK_URL", EventKind::UrlCheck, ""),
    ("CREATE_ORGANIZATION", EventKind::Account(AccountEvent::CreateOrganization), "code"),
    ("UPDATE_ORGANIZATION", EventKind::Account(AccountEvent::UpdateOrganization), "id"),
    ("DELETE_ORGANIZATION", EventKind::Account(AccountEvent::DeleteOrganization), "id"),
    ("CREATE_USER", EventKind::Account(AccountEvent::Create), "username"),
    ("UPDATE_USER", EventKind::Account(AccountEvent::Update), "id"),
    ("DELETE_USER", EventKind::Account(AccountEvent::Delete), "id"),
];

impl Dialect for AccountEvents {
    fn name(&self) -> &'static str {
        "account-events"
    }

    fn interface(&self) -> Interface {
        Interface::Account
    }

    fn targets(&self) -> &'static [Target] {
        &[Target { method: "POST", sub_path: "" }]
    }

    fn longest_answer_ms(&self) -> u64 {
        4_900
    }

    fn is_timeless(&self) -> bool {
        false
    }

    fn activities(&self) -> &'static [Activity] {
        &[]
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        None
    }

    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        let token = table.required_text("token", problems).map(|text| Secret::from(text.to_string()));
        let signature_keys = table.ascii_secrets::<16>("signature_keys", problems);
        let encryption_keys = table.ascii_secrets::<16>("encryption_keys", problems);
        let algorithms = [
            ("AES/GCM/NoPadding", Algorithm::Gcm),
            ("AES/ECB/PKCS5Padding", Algorithm::Ecb),
            ("none", Algorithm::None),
        ];
        let algorithm = table.choice("algorithm", &algorithms, problems);
        let status_is_code = table.choice("error_status", &[("code", true), ("200", false)], problems);
        let window = Window::read(table, Some(300_000), problems);
        let secret = |key: &[u8; 16]| Secret::from(key.to_vec());
        Some(Box::new(AccountEndpoint {
            token: token?,
            signature_keys: signature_keys.iter().map(|key| (secret(key), MacKey::new(key))).collect(),
            encryption_keys: encryption_keys.iter().map(|key| (secret(key), AccountKey::new(key))).collect(),
            algorithm: algorithm?,
            window,
            status_is_code: status_is_code?,
        }))
    }
}

/// The members that are signed, as they stand on the wire.
struct Envelope<'a> {
    nonce: &'a str,
    timestamp: &'a str,
    event_type: &'a str,
    data: &'a str,
    signature: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    fn read(value: Value<'a>) -> Result<Self, Reason> {
        let Value::Object(members) = value else { return Err(ReasonCode::MalformedJson.into()) };
        let text = |name: &'static str| match members.get(name) {
            Some(Value::String(text) | Value::Number(text)) if !text.is_empty() => Ok(text),
            Some(Value::String(_) | Value::Null) | None => Err(Reason::about(ReasonCode::FieldMissing, name)),
            Some(_) => Err(Reason::about(ReasonCode::FieldMalformed, name)),
        };
        let (nonce, timestamp) = (text("nonce")?, text("timestamp")?);
        let (event_type, data) = (text("eventType")?, text("data")?);
        Ok(Self { nonce, timestamp, event_type, data, signature: text("signature").ok() })
    }

    fn text(&self) -> String {
        [self.nonce, self.timestamp, self.event_type, self.data].join("&")
    }

    /// Milliseconds, where it says so.
    fn signed_at(&self) -> Result<Option<u64>, Reason> {
        let digits = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || self.timestamp.len() > 20 {
            return Err(Reason::about(ReasonCode::TimestampMalformed, "timestamp"));
        }
        Ok(time::parse_13(self.timestamp).ok())
    }
}

impl AccountEndpoint {
    fn bearer(&self, request: &Arrived<'_>) -> Result<(), Reason> {
        let mut values = request.header("authorization");
        let value = values.next().ok_or(ReasonCode::BearerMissing)?;
        let (scheme, token) = value.split_at_checked(7).ok_or(ReasonCode::BearerMissing)?;
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            return Err(ReasonCode::BearerMissing.into());
        }
        let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
        let same = compare::equal(&digest(token), &digest(self.token.expose()));
        if same.to_bool() { Ok(()) } else { Err(ReasonCode::BearerMismatch.into()) }
    }

    fn verify(&self, envelope: &Envelope<'_>) -> Result<(), Reason> {
        if self.signature_keys.is_empty() {
            return Ok(());
        }
        let signature = envelope.signature.ok_or(ReasonCode::SignatureMissing)?;
        let signature =
            base64::decode(signature.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let signature = signature.ok_or(ReasonCode::SignatureMalformed)?;
        let text = envelope.text();
        let made = self
            .signature_keys
            .iter()
            .map(|(_, key)| compare::equal(&signature, &key.mac(&[text.as_bytes()])));
        match compare::lowest_match(made).reveal() {
            Some(_) => Ok(()),
            None => Err(ReasonCode::SignatureMismatch.into()),
        }
    }

    /// The message, and where the answer is to be encrypted as it was.
    fn open_data(&self, data: &str) -> Option<(Layout, usize, String)> {
        let layouts: &[Layout] = match self.algorithm {
            Algorithm::None => return Some((Layout::None, 0, data.to_string())),
            Algorithm::Gcm => &Layout::OF_GCM,
            Algorithm::Ecb => &[Layout::Ecb],
        };
        for layout in layouts {
            for (index, (_, key)) in self.encryption_keys.iter().enumerate() {
                let Some((layout, plain)) = layout.open(key, data) else { continue };
                let message = plain.get(17..).filter(|_| plain.get(16) == Some(&b'&'));
                if let Some(text) = message.and_then(|bytes| core::str::from_utf8(bytes).ok()) {
                    return Some((layout, index, text.to_string()));
                }
            }
        }
        None
    }
}

impl Endpoint for AccountEndpoint {
    fn admit(&self, _target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        self.bearer(request)?;
        if let Some(why) = content::unreadable(request, body) {
            return Err(why.into());
        }
        let document = json::read(body).map_err(refusals::json)?;
        let envelope = Envelope::read(document.value())?;
        let signed_at = envelope.signed_at()?;
        if let Some(signed_at) = signed_at {
            self.window.check(signed_at, now, "timestamp")?;
        }
        self.verify(&envelope)?;
        let opened = self.open_data(envelope.data).ok_or(ReasonCode::SignatureMismatch)?;
        let (layout, key, message) = opened;
        let context = Context(layout.number() | u32::try_from(key).unwrap_or_default() << 8);
        let refuse = |reason: Reason| Refused { reason, context: Some(context) };
        let event_type = envelope.event_type.trim();
        let known = EVENTS.iter().find(|(name, ..)| *name == event_type);
        let (kind, required) =
            known.map_or((EventKind::Unknown, ""), |(_, kind, required)| (*kind, *required));
        let text = |name: &'static str, text: &str| (Cow::Borrowed(name), Datum::Text(text.to_string()));
        let mut fields = Vec::from([text("activity", event_type)]);
        let read = json::read(message.as_bytes()).ok();
        if !required.is_empty() {
            let found = read.as_ref().and_then(|document| match document.value() {
                Value::Object(members) => members.get(required).and_then(Value::as_str),
                _ => None,
            });
            let value = found.filter(|value| !value.is_empty());
            let value = value.ok_or_else(|| refuse(Reason::about(ReasonCode::FieldMissing, required)))?;
            fields.push(text(required, value));
        }
        fields.push(text("layout", layout.name()));
        let message = match &read {
            Some(document) if matches!(document.value(), Value::Object(_)) => message,
            _ => crate::event::text_of(Value::String(&message)),
        };
        fields.push((Cow::Borrowed("message"), Datum::Json(message)));
        let fresh_until = self.window.end(signed_at.unwrap_or(now));
        let signature = Sha256::digest(envelope.text().as_bytes()).into();
        let replay = Some(Replay { signature, fresh_until });
        let event = Event { kind, fields, extra: Vec::new() };
        Ok(Call { event, test: false, signed_at: signed_at.unwrap_or(now), replay, context })
    }

    fn answer(&self, context: Context, reply: &Reply, entropy: &Entropy) -> Answer {
        let data = match reply {
            Reply::Account(text) => Some(text.as_str()),
            Reply::Bare(_) | Reply::Instance(_) => None,
        };
        let layout = Layout::of_number(context.0 & 0xff);
        let key = usize::try_from(context.0 >> 8).ok().and_then(|index| self.encryption_keys.get(index));
        let sealed = data.and_then(|text| match key {
            Some((_, key)) => {
                let frame = entropy.bytes::<16>("account-frame").map(|byte| b'a'.wrapping_add(byte % 26));
                layout.seal(key, &[frame.as_slice(), b"&", text.as_bytes()].concat(), entropy)
            }
            None => Some(text.to_string()),
        });
        self.write(self.result_code(reply), sealed.as_deref())
    }

    fn refuse(&self, _context: Option<Context>, reason: ReasonCode) -> Answer {
        self.write(code_of(reason), None)
    }

    fn result_code<'r>(&self, reply: &'r Reply) -> &'r str {
        match reply {
            Reply::Bare(Ending::Failure(reason)) => code_of(*reason),
            Reply::Bare(Ending::Refusal { code, .. }) => code,
            Reply::Bare(Ending::Success) | Reply::Account(_) | Reply::Instance(_) => "200",
        }
    }

    fn encrypts_credentials(&self) -> bool {
        false
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        Vec::from([
            Ring {
                name: "signature_keys",
                secrets: self.signature_keys.iter().map(|(key, _)| key).collect(),
            },
            Ring {
                name: "encryption_keys",
                secrets: self.encryption_keys.iter().map(|(key, _)| key).collect(),
            },
        ])
    }

    fn expectations(&self) -> Option<Expectations<'_>> {
        None
    }
}

const fn code_of(reason: ReasonCode) -> &'static str {
    match reason.told() {
        Told::Authentication => "401",
        Told::Parameter => "400",
        Told::Instance => "404",
        Told::Failure | Told::Nobody | Told::Backend => "500",
    }
}

impl AccountEndpoint {
    fn write(&self, code: &str, data: Option<&str>) -> Answer {
        let message = match code {
            "200" => "success",
            "400" => "invalid request parameter",
            "401" => "authentication failed",
            "404" => "record does not exist",
            _ => "system busy",
        };
        let mut body = Vec::with_capacity(256);
        for (before, text) in [("{\"code\":", code), (",\"message\":", message)] {
            body.extend_from_slice(before.as_bytes());
            json::push_string(&mut body, text);
        }
        if let Some(data) = data {
            body.extend_from_slice(b",\"data\":");
            json::push_string(&mut body, data);
        }
        body.push(b'}');
        let status = if self.status_is_code { code.parse().unwrap_or(500) } else { 200 };
        let headers = Vec::from([("Content-Type".to_string(), "application/json".to_string())]);
        Answer { status, headers, body }
    }
}
