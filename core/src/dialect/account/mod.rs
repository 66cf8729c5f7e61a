//! Account events of an identity centre (workbench §C): POST JSON to one address, a bearer token, a signature over four members,
//! data that may be encrypted, in several layouts. Answers are encrypted as the call was.

mod answer;
mod envelope;
mod layout;
mod route;
mod tables;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use envelope::Envelope;
use layout::Layout;
use route::{AccountEndpoint, Algorithm, FRAME};
use tables::EVENTS;

use super::fields::{Activity, Reading};
use super::freshness::Window;
use super::members::Members;
use super::{
    Call, Context, Dialect, Endpoint, Expectations, InstanceRules, Interface, Refused, Replay, Reply,
    Revealed, Ring, Target, content, refusals,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::account_cipher::AccountKey;
use crate::crypto::{Entropy, MacKey, Secret};
use crate::event::{AccountEvent, Datum, Event, EventKind, text_of};
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::wire::json::{self, Value};

pub(super) static ACCOUNT_EVENTS: AccountEvents = AccountEvents;

/// The dialect.
#[derive(Debug)]
pub(super) struct AccountEvents;

const DAY_MS: u64 = 86_400_000;
/// A replay row outlives what is fresh by so much: where no time was judged, both together are a day.
const MARGIN_MS: u64 = 600_000;

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

    /// UNKNOWN how long an identity centre waits; as long as V2 does.
    fn longest_answer_ms(&self) -> u64 {
        4_900
    }

    fn is_timeless(&self) -> bool {
        false
    }

    fn activities(&self) -> &'static [Activity] {
        EVENTS
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        None
    }

    /// `token`, `signature_keys` and `encryption_keys` (`[]` switches off), `algorithm` (`AES/GCM/NoPadding`), `error_status`
    /// (`code`), `window_ms` (300 000) and `clock_allowance_ms`.
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        let token = read_token(table, problems);
        let signature_keys = table.ascii_secrets::<16>("signature_keys", problems);
        let encryption_keys = table.ascii_secrets::<16>("encryption_keys", problems);
        let algorithms = [
            ("AES/GCM/NoPadding", Algorithm::Gcm),
            ("AES/ECB/PKCS5Padding", Algorithm::Ecb),
            ("none", Algorithm::None),
        ];
        let algorithm = table.choice("algorithm", &algorithms, problems);
        let has_keys =
            table.value("encryption_keys").and_then(Value::as_array).is_some_and(|keys| !keys.is_empty());
        let has_ring = table.value("encryption_keys").is_some();
        match algorithm {
            Some(Algorithm::None) if has_keys => {
                problems.add(&table.at("algorithm"), "conflict", "`none` has no use for encryption_keys");
            }
            Some(Algorithm::Gcm | Algorithm::Ecb) if has_ring && !has_keys => {
                problems.add(&table.at("algorithm"), "conflict", "must be `none` where encryption is off");
            }
            _ => {}
        }
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

fn read_token(table: &mut Table<'_>, problems: &mut Problems) -> Option<Secret> {
    let text = table.required_text("token", problems)?;
    if !(1..=1_024).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "must be 1 to 1 024 printable ASCII characters";
        problems.add(&table.at("token"), "out-of-range", message);
    }
    Some(Secret::from(text.to_string()))
}

/// Data that were opened: what the answer needs to be closed in the same way, and the message.
struct Opened {
    layout: Layout,
    key: usize,
    message: String,
}

impl AccountEndpoint {
    /// Every key under every layout of the algorithm: GCM says by itself which is right, and the frame says it again.
    fn open_data(&self, data: &str) -> Option<Opened> {
        let layouts: &[Layout] = match self.algorithm {
            Algorithm::None => {
                return Some(Opened { layout: Layout::None, key: 0, message: data.to_string() });
            }
            Algorithm::Gcm => &Layout::OF_GCM,
            Algorithm::Ecb => &[Layout::Ecb],
        };
        layouts.iter().find_map(|layout| {
            self.encryption_keys.iter().enumerate().find_map(|(key, (_, cipher))| {
                let (layout, plain) = layout.open(cipher, data)?;
                let message = unframed(core::str::from_utf8(&plain).ok()?)?.to_string();
                Some(Opened { layout, key, message })
            })
        })
    }
}

/// What stands behind sixteen characters and an ampersand. The message is never split again.
fn unframed(plain: &str) -> Option<&str> {
    let (at, _) = plain.char_indices().nth(FRAME).filter(|(_, letter)| *letter == '&')?;
    plain.get(at.saturating_add(1)..)
}

impl Endpoint for AccountEndpoint {
    fn admit(&self, _target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        self.check_bearer(request)?;
        // Whoever knows the token may know what is wrong with his call.
        let known = |reason: Reason| Refused { reason, context: Some(Context::of_key(0)) };
        if let Some(why) = content::unreadable(request, body) {
            return Err(known(why));
        }
        let document = json::read(body).map_err(|error| known(refusals::json(error)))?;
        let envelope = Envelope::read(document.value()).map_err(known)?;
        let signed_at = envelope.signed_at().map_err(known)?;
        if let Some(signed_at) = signed_at {
            self.window.check(signed_at, now, envelope::TIMESTAMP).map_err(known)?;
        }
        self.verify(&envelope).map_err(known)?;
        let undecryptable = || Reason::about(ReasonCode::UndecryptableData, envelope::DATA);
        let opened = self.open_data(envelope.data).ok_or_else(|| known(undecryptable()))?;
        let event = read_event(&envelope, &opened).map_err(known)?;
        let is_json = matches!(event.get(tables::MESSAGE), Some(Datum::Json(text)) if text.starts_with('{'));
        // Nothing but the cipher vouches for these data; of ECB not even that.
        if self.signature_keys.is_empty() && tables::needs_json(event.kind) && !is_json {
            return Err(known(undecryptable()));
        }
        let event = tables::complete(event).map_err(known)?;
        let key = u32::try_from(opened.key).unwrap_or_default();
        let context = Context(opened.layout.number() | key << 8);
        let fresh_until = match signed_at {
            Some(signed_at) => self.window.end(signed_at),
            None => now.saturating_add(DAY_MS).saturating_sub(MARGIN_MS),
        };
        let replay = Some(Replay { signature: envelope.digest(), fresh_until });
        // 0: nobody says when.
        Ok(Call { event, test: false, signed_at: signed_at.unwrap_or_default(), replay, context })
    }

    fn answer(&self, context: Context, reply: &Reply, entropy: &Entropy) -> Answer {
        self.write(context, reply, entropy)
    }

    fn refuse(&self, _context: Option<Context>, reason: ReasonCode) -> Answer {
        self.print(answer::code_of(reason), answer::message_of(answer::code_of(reason)), None)
    }

    fn result_code<'r>(&self, reply: &'r Reply) -> &'r str {
        answer::code(reply)
    }

    fn encrypts_credentials(&self) -> bool {
        false
    }

    fn reveal(&self, event: &Event) -> Option<Revealed> {
        let password = event.password()?;
        Some(Revealed { name: "password", secret: Secret::from(password) })
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        let of = |name, secrets: Vec<_>| Ring { name, secrets };
        Vec::from([
            of("signature_keys", self.signature_keys.iter().map(|(key, _)| key).collect()),
            of("encryption_keys", self.encryption_keys.iter().map(|(key, _)| key).collect()),
        ])
    }

    fn expectations(&self) -> Option<Expectations<'_>> {
        None
    }
}

/// The event, with whatever its table finds in the message.
fn read_event(envelope: &Envelope<'_>, opened: &Opened) -> Result<Event, Reason> {
    let name = envelope.event_type.trim();
    let activity = EVENTS.iter().find(|known| known.wire == name);
    let text = |name: &'static str, text: &str| (Cow::Borrowed(name), Datum::Text(text.to_string()));
    let mut fields = Vec::from([text("activity", name)]);
    let document = json::read(opened.message.as_bytes()).ok();
    let object = document.as_ref().and_then(|document| document.value().as_object());
    if let Some(activity) = activity
        && let Some(members) = object
    {
        let members = Members::Json { members, scalars_are_texts: false, drops_empty: false };
        fields.extend(Reading::optional(activity, &members)?);
    }
    if activity.is_none() {
        fields.push(text("event_type", name));
    }
    fields.push(text("layout", opened.layout.name()));
    let message = match object {
        Some(_) => opened.message.clone(),
        None => text_of(Value::String(&opened.message)),
    };
    fields.push((Cow::Borrowed(tables::MESSAGE), Datum::Json(message)));
    let kind = activity.map_or(EventKind::Account(AccountEvent::Unknown), tables::kind_of);
    Ok(Event { kind, fields, extra: Vec::new() })
}
