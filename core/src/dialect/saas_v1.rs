//! SaaS V1: GET, everything in the query string, signed by `authToken` (KooGallery SaaS access guide V1.0).

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::fields::Form::{Contact, Decimal, ExtendParams, Ids, Integer, Key, Name, Text, Time};
use super::fields::{
    Activity, Field, MAX_KEY_BYTES, Meaning, Member, Members, Reading, optional, required, too_long,
};
use super::{
    Call, Defaults, Demands, Dialect, Interface, OrderKey, Purchase, PurchaseKeys, Refused, Reply,
    Unfinished, limits,
};
use crate::answer::Answer;
use crate::crypto::{compare, hmac_sha256};
use crate::event::{Datum, Event, EventKind};
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;
use crate::seller::{Policy, RingKey, Route, Settings};
use crate::wire::{Form, base64, time, utf16};

/// GET with `authToken` over all other parameters.
#[derive(Debug)]
pub(crate) struct SaasV1;

static ACTIVITIES: &[Activity] = &[
    Activity {
        wire: "newInstance",
        meaning: Meaning::Is(EventKind::Subscribe),
        fields: &[
            required("orderId", "order_id", Key),
            required("businessId", "business_id", Text),
            optional("customerId", "customer_id", Text),
            optional("customerName", "customer_name", Name),
            optional("userId", "user_id", Text),
            optional("userName", "user_name", Name),
            optional("mobilePhone", "mobile_phone", Contact),
            optional("email", "email", Contact),
            optional("skuCode", "sku_code", Text),
            optional("productId", "product_id", Text),
            optional("trialFlag", "trial_flag", Text),
            optional("expireTime", "expire_time", Time),
            optional("chargingMode", "charging_mode", Integer),
            optional("saasExtendParams", "saas_extend_params", ExtendParams),
            optional("periodType", "period_type", Text),
            optional("periodNumber", "period_number", Integer),
            optional("amount", "amount", Integer),
            optional("diskSize", "disk_size", Integer),
            optional("bandWidth", "band_width", Integer),
            optional("orderAmount", "order_amount", Decimal),
            optional("provisionType", "provision_type", Text),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "refreshInstance",
        meaning: Meaning::Is(EventKind::Renew),
        fields: &[
            required("orderId", "order_id", Key),
            required("instanceId", "instance_id", Key),
            optional("productId", "product_id", Text),
            required("expireTime", "expire_time", Time),
            optional("trialToFormal", "trial_to_formal", Text),
            optional("periodType", "period_type", Text),
            optional("periodNumber", "period_number", Integer),
            optional("orderAmount", "order_amount", Decimal),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "expireInstance",
        meaning: Meaning::Is(EventKind::Freeze),
        fields: &[
            required("instanceId", "instance_id", Key),
            // The table says mandatory, the documents' own example leaves it out.
            optional("orderId", "order_id", Key),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "releaseInstance",
        meaning: Meaning::Is(EventKind::Release),
        fields: &[
            required("instanceId", "instance_id", Key),
            optional("orderId", "order_id", Key),
            optional("orderAmount", "order_amount", Decimal),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "upgrade",
        meaning: Meaning::Is(EventKind::Upgrade),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("orderId", "order_id", Key),
            optional("skuCode", "sku_code", Text),
            optional("productId", "product_id", Text),
            optional("amount", "amount", Integer),
            optional("diskSize", "disk_size", Integer),
            optional("bandWidth", "band_width", Integer),
            optional("saasExtendParams", "saas_extend_params", ExtendParams),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "instanceStatus",
        meaning: Meaning::ByStatus("instanceStatus"),
        fields: &[
            required("instanceId", "instance_id", Key),
            required("instanceStatus", "status", Text),
            optional("timeStamp", "time_stamp", Text),
        ],
    },
    Activity {
        wire: "queryInstance",
        meaning: Meaning::Is(EventKind::QueryInstances),
        fields: &[required("instanceId", "instance_ids", Ids), optional("timeStamp", "time_stamp", Text)],
    },
];

/// Names of the family's tables that stand in no activity's own.
const COMMON_NAMES: [&str; 5] = [TOKEN, TIME, "activity", "testFlag", "acceptanceTime"];
const TOKEN: &str = "authToken";
const TIME: &str = "timeStamp";

/// Base64 on the wire: a blank in one of them is a plus sign that arrived unescaped, or was decoded once too often.
const BASE64_NAMES: [&str; 3] = ["mobilePhone", "email", "saasExtendParams"];

/// The mode of pay-per-use orders: one order, one call per billing item.
const PAY_PER_USE: &str = "0";

impl Dialect for SaasV1 {
    fn name(&self) -> &'static str {
        "saas-v1"
    }

    fn interface(&self) -> Interface {
        Interface::Basic
    }

    fn method(&self) -> &'static str {
        "GET"
    }

    fn defaults(&self) -> Defaults {
        // The platform waits 20 s; probes may replay saved calls, so there is no window unless the seller sets one.
        Defaults { window_ms: None, encrypt_credentials: true, contact_data: true, longest_answer_ms: 15_000 }
    }

    fn own_settings(&self) -> &'static [&'static str] {
        &["retry_without_empty", "expire_time_offset_minutes"]
    }

    fn is_timeless(&self) -> bool {
        true
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
        let query = request.target.query();
        let mut form = Form::parse(query).map_err(|error| super::query_reason(error, query, table_name))?;
        let token = form.take(TOKEN);
        let mut pairs = form.into_pairs();
        let about_time = |code| Reason::about(code, TIME);
        let stamp = pairs.iter().find(|(name, value)| name == TIME && !value.is_empty());
        let stamp = stamp.map(|(_, value)| value.clone());
        let stamp = stamp.ok_or_else(|| about_time(ReasonCode::TimestampMissing))?;
        let signed_at = time::parse_17(&stamp, time::UTC);
        let signed_at = signed_at.map_err(|_| about_time(ReasonCode::TimestampMalformed))?;
        super::check_window(signed_at, now, &route.policy, TIME)?;
        let key = verify(route, &mut pairs, token.as_deref(), &stamp)?;
        let refuse = |reason: Reason| Refused { reason, key: Some(key) };
        if let Some((name, _)) = pairs.iter().find(|(name, value)| is_ambiguous(name, value)) {
            let field = table_name(name).map(Cow::Borrowed);
            return Err(refuse(Reason { field, ..ReasonCode::AmbiguousText.into() }));
        }
        let ring = route.keys.get(key).ok_or(refuse(ReasonCode::Internal.into()))?;
        let members: Members<'_> =
            pairs.into_iter().map(|(name, value)| (name, Member::Text(value))).collect();
        let reading = Reading {
            activities: ACTIVITIES,
            transport: &[TIME],
            cipher: &ring.cipher,
            expire_time_offset_minutes: route.policy.expire_time_offset_minutes,
        };
        let (event, test) = reading.event(&members).map_err(refuse)?;
        let event = complete(event).map_err(refuse)?;
        Ok(Call { event, test, signed_at, signature: None, key })
    }

    fn answer(&self, route: &Route, key: Option<&RingKey>, reply: &Reply) -> Answer {
        reply.to_answer(route, key)
    }

    fn order_key(&self, event: &Event) -> OrderKey {
        let text = |name| event.text(name).unwrap_or_default().to_string();
        match event.text("charging_mode") {
            Some(PAY_PER_USE) => OrderKey::Product(text("order_id"), text("product_id")),
            _ => OrderKey::Order(text("order_id")),
        }
    }

    /// Where the charging mode is not known the order may come either way, so it gets both keys.
    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str> {
        let pay_per_use = purchase.charging_mode == Some(PAY_PER_USE);
        let either = purchase.product_id.filter(|_| pay_per_use || purchase.charging_mode.is_none());
        let item = purchase.item.unwrap_or(either).map(ToString::to_string);
        let order = purchase.order_id.to_string();
        let mut keys = Vec::new();
        if pay_per_use && item.is_none() {
            return Err("product_id");
        }
        if !pay_per_use {
            keys.push(OrderKey::Order(order.clone()));
        }
        keys.extend(item.clone().map(|item| OrderKey::Product(order, item)));
        Ok(PurchaseKeys { keys, item })
    }

    fn unfinished(&self) -> Unfinished {
        Unfinished { create: "000005", change: "000005", query: "000005" }
    }

    fn takes_refusal(&self, code: &str) -> bool {
        ("000100"..="000107").contains(&code) && code.len() == 6
    }

    /// The patience: CONFIRMED (FAQ of V1.0).
    fn demands(&self, _policy: &Policy) -> Demands {
        Demands {
            signature: true,
            app_on_create: true,
            encrypted: true,
            escaped_memo: true,
            patience_ms: 20_000,
        }
    }

    fn create_carries_access(&self) -> bool {
        true
    }
}

/// The key whose token stands in the call; all parameters take part, then all but the empty ones. If neither fits, the
/// same with the plus signs that Base64 values lost on their way, which the pairs have from then on.
fn verify(
    route: &Route,
    pairs: &mut [(Cow<'_, str>, Cow<'_, str>)],
    token: Option<&str>,
    stamp: &str,
) -> Result<usize, Reason> {
    let reason = |code| Reason::about(code, TOKEN);
    let token = token.filter(|text| !text.is_empty()).ok_or_else(|| reason(ReasonCode::SignatureMissing))?;
    let token = super::decode_again(token).ok_or_else(|| reason(ReasonCode::SignatureMalformed))?;
    // A plus sign that arrives unescaped reads as a blank.
    let token = token.replace(' ', "+");
    let signature =
        base64::decode_32(token.as_bytes()).map_err(|_| reason(ReasonCode::SignatureMalformed))?;
    pairs.sort_by(|(left, _), (right, _)| utf16::compare(left, right));
    let matching = |text: &str| {
        let candidates = route.keys.iter().map(|key| {
            let made = hmac_sha256(&[key.secret.expose(), stamp.as_bytes()], &[text.as_bytes()]);
            compare::equal(&signature, &made)
        });
        compare::lowest_match(candidates).reveal()
    };
    loop {
        if let Some(key) = matching(&signed_text(pairs, |_| true)) {
            return Ok(key);
        }
        if route.policy.retry_without_empty
            && pairs.iter().any(|(_, value)| value.is_empty())
            && let Some(key) = matching(&signed_text(pairs, |value| !value.is_empty()))
        {
            return Ok(key);
        }
        if !restore_plus(pairs) {
            return Err(Reason::from(ReasonCode::SignatureMismatch).with(super::keys_tried(route)));
        }
    }
}

/// Whether there was anything to restore.
fn restore_plus(pairs: &mut [(Cow<'_, str>, Cow<'_, str>)]) -> bool {
    let mut restored = false;
    for (name, value) in pairs {
        if value.contains(' ') && BASE64_NAMES.contains(&&**name) {
            *value = Cow::Owned(value.replace(' ', "+"));
            restored = true;
        }
    }
    restored
}

/// `name=value&name=value…`, values decoded once, names ascending.
fn signed_text(pairs: &[(Cow<'_, str>, Cow<'_, str>)], take: impl Fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(512);
    for (name, value) in pairs.iter().filter(|(_, value)| take(value)) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}

/// Names and values are joined unescaped, so one text has several readings: the token of `skuCode=s&testFlag=1` is that of
/// `skuCode=s%26testFlag%3D1`, and that of `orderId=o&x=1` is that of `orderId=o%26x%3D1`. What an honest call never has
/// is refused:
///
/// * a name with `&` or `=`;
/// * a value with `&`, a name of the tables and `=`, whatever parameter has it: a parameter of ours would vanish;
/// * a value with any `&` where the tables have anything but a person's or a company's name: a parameter that no table
///   has could be glued to an order, an instance, a price level, and one captured call becomes two.
///
/// What is left to whoever re-partitions a captured text: parameters that no table has may move into `customerName`,
/// `userName` or each other.
fn is_ambiguous(name: &str, value: &str) -> bool {
    if name.contains(['&', '=']) {
        return true;
    }
    let Some((_, glued)) = value.split_once('&') else { return false };
    let is_name = field(name).is_some_and(|field| field.form == Name);
    let imitates = |part: &str| part.split_once('=').is_some_and(|(name, _)| table_name(name).is_some());
    table_name(name).is_some() && !is_name || glued.split('&').any(imitates)
}

fn field(name: &str) -> Option<&'static Field> {
    ACTIVITIES.iter().flat_map(|activity| activity.fields).find(|field| field.wire == name)
}

/// The same name, if the tables have it.
fn table_name(name: &str) -> Option<&'static str> {
    let common = COMMON_NAMES.into_iter().find(|known| *known == name);
    common.or_else(|| field(name).map(|field| field.wire))
}

/// What the tables say in prose.
fn complete(mut event: Event) -> Result<Event, Reason> {
    match event.kind {
        EventKind::Subscribe if event.text("charging_mode") == Some(PAY_PER_USE) => {
            match event.text("product_id") {
                None => return Err(Reason::about(ReasonCode::FieldMissing, "productId")),
                Some(product) if product.len() > MAX_KEY_BYTES => return Err(too_long("productId")),
                Some(_) => {}
            }
        }
        EventKind::Renew => {
            let scene = scene_of(&event);
            event.set("scene", Datum::Text(scene.to_string()));
        }
        _ => {}
    }
    Ok(event)
}

/// V1 has no scene of its own; the words are those of V2.
fn scene_of(event: &Event) -> &'static str {
    let negative =
        |amount: &str| amount.starts_with('-') && amount.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    if event.text("trial_to_formal") == Some("1") {
        "TRIAL_TO_FORMAL"
    } else if event.text("order_amount").is_some_and(negative) {
        "UNSUBSCRIBE_RENEWAL_PERIOD"
    } else {
        "RENEWAL"
    }
}
