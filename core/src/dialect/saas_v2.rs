//! SaaS V2: POST JSON, signed in the query string (KooGallery SaaS access guide V2.0).

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::fields::Form::{Ids, Key, Object, Text, Time};
use super::fields::{Activity, Meaning, Member, Members, Reading, optional, required};
use super::{
    Call, Defaults, Demands, Dialect, Interface, OrderKey, Purchase, PurchaseKeys, Refused, Reply,
    Unfinished, content, limits,
};
use crate::answer::Answer;
use crate::crypto::compare;
use crate::detail::Detail;
use crate::event::{Event, EventKind};
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::seller::{Policy, RingKey, Route, Settings};
use crate::wire::json::{self, Canonical, Value};
use crate::wire::{Form, hex, time};

/// POST JSON with `signature`, `timestamp` and `nonce` in the query string.
#[derive(Debug)]
pub(crate) struct SaasV2;

static ACTIVITIES: &[Activity] = &[
    Activity {
        wire: "newInstance",
        meaning: Meaning::Is(EventKind::Subscribe),
        fields: &[
            required("orderId", "order_id", Key),
            required("orderLineId", "order_line_id", Key),
            required("businessId", "business_id", Text),
        ],
    },
    Activity {
        wire: "queryInstance",
        meaning: Meaning::Is(EventKind::QueryInstances),
        fields: &[required("instanceId", "instance_ids", Ids)],
    },
    Activity {
        wire: "refreshInstance",
        meaning: Meaning::Is(EventKind::Renew),
        fields: &[
            required("scene", "scene", Text),
            required("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
            required("instanceId", "instance_id", Key),
            optional("productId", "product_id", Text),
            required("expireTime", "expire_time", Time),
        ],
    },
    Activity {
        wire: "updateInstanceStatus",
        meaning: Meaning::ByStatus("status"),
        fields: &[required("instanceId", "instance_id", Key), required("status", "status", Text)],
    },
    Activity {
        wire: "releaseInstance",
        meaning: Meaning::Is(EventKind::Release),
        fields: &[
            required("instanceId", "instance_id", Key),
            optional("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
        ],
    },
    Activity {
        wire: "upgradeInstance",
        meaning: Meaning::Is(EventKind::Upgrade),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("orderId", "order_id", Key),
            optional("orderLineId", "order_line_id", Key),
        ],
    },
    Activity {
        wire: "changeInstanceCheck",
        meaning: Meaning::Is(EventKind::CheckChange),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("productInfo", "product_info", Object),
        ],
    },
];

/// Parameters of the query string.
const SIGNATURE: &str = "signature";
const TIMESTAMP: &str = "timestamp";
const NONCE: &str = "nonce";

/// Longer than any that was seen: examples have 16 to 64 characters.
const MAX_NONCE_BYTES: usize = 256;

impl Dialect for SaasV2 {
    fn name(&self) -> &'static str {
        "saas-v2"
    }

    fn interface(&self) -> Interface {
        Interface::Basic
    }

    fn method(&self) -> &'static str {
        "POST"
    }

    fn defaults(&self) -> Defaults {
        Defaults::default()
    }

    fn own_settings(&self) -> &'static [&'static str] {
        &["timestamp_in_seconds", "descending_order", "replayed_code", "change_refusal_code"]
    }

    fn is_timeless(&self) -> bool {
        false
    }

    fn activities(&self) -> &'static [Activity] {
        ACTIVITIES
    }

    fn admit(
        &self,
        route: &Route,
        settings: &Settings,
        request: &Arrived<'_>,
        now: u64,
    ) -> Result<Call, Refused> {
        limits::check(settings, request, limits::largest_body(settings, self.interface()))?;
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        let stamp = Stamp::read(request.target.query(), &route.policy, now)?;
        let signature = stamp.signature()?;
        let unreadable = content::unreadable(request, body);
        let verified = match (verify(route, &stamp, &signature, body), &unreadable) {
            (Err(_), Some(why)) => return Err(why.clone().with(super::keys_tried(route)).into()),
            (verified, _) => verified?,
        };
        let refuse = |reason: Reason| Refused { reason, key: Some(verified.key) };
        if let Some(why) = unreadable {
            return Err(refuse(why));
        }
        let document = verified.document.map_err(refuse)?;
        let Value::Object(object) = document else { return Err(refuse(ReasonCode::MalformedJson.into())) };
        let texts = verified.scalars_are_texts;
        let members: Members<'_> =
            object.into_iter().map(|(name, value)| (name.into_cow(), member(value, texts))).collect();
        let ring = route.keys.get(verified.key).or(route.first_key());
        let ring = ring.ok_or(refuse(ReasonCode::Internal.into()))?;
        let reading = Reading {
            activities: ACTIVITIES,
            transport: &[],
            cipher: &ring.cipher,
            expire_time_offset_minutes: route.policy.expire_time_offset_minutes,
        };
        let (event, test) = reading.event(&members).map_err(refuse)?;
        Ok(Call { event, test, signed_at: stamp.signed_at, signature: Some(signature), key: verified.key })
    }

    fn answer(&self, route: &Route, key: Option<&RingKey>, reply: &Reply) -> Answer {
        reply.to_answer(route, key)
    }

    fn order_key(&self, event: &Event) -> OrderKey {
        let text = |name| event.text(name).unwrap_or_default().to_string();
        OrderKey::Line(text("order_id"), text("order_line_id"))
    }

    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
        let line = purchase.order_line_id.ok_or("order_line_id")?;
        let key = OrderKey::Line(purchase.order_id.to_string(), line.to_string());
        Ok(PurchaseKeys { keys: Vec::from([key]), item: None })
    }

    fn unfinished(&self) -> Unfinished {
        Unfinished { create: "000004", change: "000005", query: "000004" }
    }

    fn takes_refusal(&self, code: &str) -> bool {
        ("000100"..="000107").contains(&code) && code.len() == 6
    }

    /// The patience: CONFIRMED on one page; another says 20 s.
    fn demands(&self, policy: &Policy) -> Demands {
        Demands {
            signature: false,
            app_on_create: false,
            encrypted: policy.encrypt_credentials,
            escaped_memo: false,
            patience_ms: 5_000,
        }
    }

    fn create_carries_access(&self) -> bool {
        false
    }
}

/// What the query string says about the signature.
struct Stamp<'a> {
    signature: Option<Cow<'a, str>>,
    timestamp: Cow<'a, str>,
    nonce: Cow<'a, str>,
    signed_at: u64,
}

impl<'a> Stamp<'a> {
    /// Timestamp and nonce are judged before any key is used.
    fn read(query: &'a [u8], policy: &Policy, now: u64) -> Result<Self, Reason> {
        let own = |name: &str| [SIGNATURE, TIMESTAMP, NONCE].into_iter().find(|own| *own == name);
        let mut form = Form::parse(query).map_err(|error| super::query_reason(error, query, own))?;
        let mut take = |wanted: &str| form.take(wanted).filter(|text| !text.is_empty());
        let (signature, timestamp, nonce) = (take(SIGNATURE), take(TIMESTAMP), take(NONCE));
        let timestamp = timestamp.ok_or_else(|| Reason::about(ReasonCode::TimestampMissing, TIMESTAMP))?;
        let signed_at = signed_at(&timestamp, policy)?;
        super::check_window(signed_at, now, policy, TIMESTAMP)?;
        let nonce = nonce.ok_or_else(|| Reason::about(ReasonCode::NonceMissing, NONCE))?;
        if nonce.len() > MAX_NONCE_BYTES {
            let reason = Reason::about(ReasonCode::NonceTooLong, NONCE);
            return Err(reason.with(Detail::limit(MAX_NONCE_BYTES)));
        }
        Ok(Self { signature, timestamp, nonce, signed_at })
    }

    fn signature(&self) -> Result<[u8; 32], Reason> {
        let reason = |code| Reason::about(code, SIGNATURE);
        let text = self.signature.as_deref().ok_or_else(|| reason(ReasonCode::SignatureMissing))?;
        let text = super::decode_again(text).ok_or_else(|| reason(ReasonCode::SignatureMalformed))?;
        hex::decode_32(text.as_bytes()).map_err(|_| reason(ReasonCode::SignatureMalformed))
    }
}

fn signed_at(timestamp: &str, policy: &Policy) -> Result<u64, Reason> {
    let malformed = || Reason::about(ReasonCode::TimestampMalformed, TIMESTAMP);
    if policy.timestamp_in_seconds
        && timestamp.len() == 10
        && timestamp.bytes().all(|byte| byte.is_ascii_digit())
    {
        let seconds: u64 = timestamp.parse().map_err(|_| malformed())?;
        return Ok(seconds.saturating_mul(1_000));
    }
    time::parse_13(timestamp).map_err(|_| malformed())
}

/// A body that some key of the ring signed.
struct Verified<'a> {
    key: usize,
    /// The document that arrived, parsed from the very bytes; or why it is none.
    document: Result<Value<'a>, Reason>,
    /// What was signed has texts in the place of the numbers and truth values at the top.
    scalars_are_texts: bool,
}

/// Of `true` and of `"true"` the signature says the same where scalars were signed as texts: so does the event.
fn member(value: Value<'_>, scalars_are_texts: bool) -> Member<'_> {
    match value {
        Value::Number(digits) if scalars_are_texts => Member::Text(digits.into()),
        Value::Bool(flag) if scalars_are_texts => Member::Text(flag.to_string().into()),
        other => Member::Json(other),
    }
}

/// The forms that may have been signed, in the order in which they are tried; the raw bytes come first.
fn forms(policy: &Policy) -> impl Iterator<Item = Canonical> {
    let always = [Canonical::TopLevelSorted, Canonical::RecursivelySorted, Canonical::ScalarsAsStrings];
    always.into_iter().chain(policy.descending_order.then_some(Canonical::Descending))
}

fn verify<'a>(
    route: &Route,
    stamp: &Stamp<'_>,
    signature: &[u8; 32],
    body: &'a [u8],
) -> Result<Verified<'a>, Reason> {
    if let Some(key) = matching_key(route, stamp, signature, body) {
        let document = json::read(body).map_err(super::json_reason);
        return Ok(Verified { key, document, scalars_are_texts: false });
    }
    let mismatch = || Reason::from(ReasonCode::SignatureMismatch).with(super::keys_tried(route));
    let document = json::read(body).map_err(|_| mismatch())?;
    let mut text = Vec::with_capacity(body.len());
    for form in forms(&route.policy) {
        text.clear();
        if form.write(&document, &mut text).is_ok()
            && let Some(key) = matching_key(route, stamp, signature, &text)
        {
            let scalars_are_texts = form == Canonical::ScalarsAsStrings;
            return Ok(Verified { key, document: Ok(document), scalars_are_texts });
        }
    }
    Err(mismatch())
}

/// `hex(HMAC(key, key + nonce + timestamp + hex(HMAC(key, payload))))`; every key is tried, whichever matches.
fn matching_key(route: &Route, stamp: &Stamp<'_>, signature: &[u8; 32], payload: &[u8]) -> Option<usize> {
    let candidates = route.keys.iter().map(|key| {
        let inner = hex::encode_32(&key.mac.mac(&[payload]));
        let outer = [key.secret.expose(), stamp.nonce.as_bytes(), stamp.timestamp.as_bytes(), &inner];
        compare::equal(signature, &key.mac.mac(&outer))
    });
    compare::lowest_match(candidates).reveal()
}
