//! The callback protocols, one file each. A new one is a new file and one line in [`ALL`].

mod catalogue;
mod content;
mod fields;
mod heard;
pub(crate) mod limits;
mod result;
mod saas_v1;
mod saas_v2;
mod signature;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use catalogue::{FieldDescription, event_fields};
pub(crate) use heard::{Demands, Heard, hear};
pub(crate) use result::{AppInfo, Credential, InstanceInfo, Reply, SUCCESS, Usage};

use crate::answer::Answer;
use crate::detail::Detail;
use crate::event::Event;
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;
use crate::seller::{Policy, RingKey, Route, Settings};
use crate::wire::form::pairs;
use crate::wire::json::JsonError;
use crate::wire::{FormError, percent};

/// Every dialect, by name.
pub(crate) static ALL: &[&dyn Dialect] = &[&saas_v1::SaasV1, &saas_v2::SaasV2];

pub(crate) fn by_name(name: &str) -> Option<&'static dyn Dialect> {
    ALL.iter().copied().find(|dialect| dialect.name() == name)
}

/// The kind of interface that a key is bound to at the platform. One key never serves two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    /// The production address of a SaaS product.
    Basic,
}

/// Where dialects differ in what a setting means when it is absent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defaults {
    pub(crate) window_ms: Option<u64>,
    pub(crate) encrypt_credentials: bool,
    /// Calls carry contact data that the access key encrypts.
    pub(crate) contact_data: bool,
    /// The largest `answer_within_ms`.
    pub(crate) longest_answer_ms: u64,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            window_ms: Some(60_000),
            encrypt_credentials: false,
            contact_data: false,
            longest_answer_ms: 4_900,
        }
    }
}

/// A call that is genuine and understood.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) event: Event,
    /// Test traffic lives in its own namespace.
    pub(crate) test: bool,
    /// When the platform signed it, milliseconds.
    pub(crate) signed_at: u64,
    /// What makes a second arrival of the same bytes a replay; `None` where the protocol has no such rule.
    pub(crate) signature: Option<[u8; 32]>,
    /// The key of the ring that authenticated it.
    pub(crate) key: usize,
}

/// A refusal, and the key that authenticated the call if one did.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) key: Option<usize>,
}

impl Refused {
    /// What the platform is told. Whatever is wrong with the document of a call that no key signed is a wrong signature
    /// outside: only who holds a key learns more.
    pub(crate) fn result_code(&self) -> &'static str {
        let unsigned = self.key.is_none() && (400..500).contains(&self.reason.code.number());
        let code = if unsigned { ReasonCode::SignatureMismatch } else { self.reason.code };
        code.result_code()
    }
}

impl<R: Into<Reason>> From<R> for Refused {
    fn from(reason: R) -> Self {
        Self { reason: reason.into(), key: None }
    }
}

/// One callback protocol.
pub(crate) trait Dialect: Sync + fmt::Debug {
    /// The name in `dialect`.
    fn name(&self) -> &'static str;
    fn interface(&self) -> Interface;
    /// The HTTP method that selects it among the routes of a path.
    fn method(&self) -> &'static str;
    fn defaults(&self) -> Defaults;
    /// Settings of a route that not every dialect has.
    fn own_settings(&self) -> &'static [&'static str];
    /// Whether a call stays genuine for ever, wherever it is sent: no window, no replay row, and a text that names no path.
    fn is_timeless(&self) -> bool;
    /// The tables of its activities.
    fn activities(&self) -> &'static [fields::Activity];
    /// Shape, freshness, authenticity, decryption, meaning: in this order.
    fn admit(
        &self,
        route: &Route,
        settings: &Settings,
        request: &Arrived<'_>,
        now: u64,
    ) -> Result<Call, Refused>;
    /// The answer to a call of this dialect, signed and encrypted with this key.
    fn answer(&self, route: &Route, key: Option<&RingKey>, reply: &Reply) -> Answer;
    /// Under what a create is remembered.
    fn order_key(&self, event: &Event) -> OrderKey;
    /// Under what an order that was carried out elsewhere is remembered, so that a repeated create finds it.
    ///
    /// # Errors
    /// The name of the field without which there is no key.
    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str>;
    /// The result codes for work that is not finished.
    fn unfinished(&self) -> Unfinished;
    /// The codes with which a seller may refuse a create or an upgrade.
    fn takes_refusal(&self, code: &str) -> bool;
    /// Whether the dialect's table of result codes has this one.
    fn knows_result_code(&self, code: &str) -> bool {
        ("000000"..="000005").contains(&code) || self.takes_refusal(code)
    }
    /// What the platform asks of an answer to a call of this route, whoever gave it.
    fn demands(&self, policy: &Policy) -> Demands;
    /// Whether the answer to a create carries the access data, and needs them.
    fn create_carries_access(&self) -> bool;
}

/// What the platform is told while work goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unfinished {
    /// For a create; V2 names the instance id with it.
    pub(crate) create: &'static str,
    /// For everything else.
    pub(crate) change: &'static str,
    /// For a query.
    pub(crate) query: &'static str,
}

/// The signed time must lie in the window, on both sides.
fn check_window(signed_at: u64, now: u64, policy: &Policy, field: &'static str) -> Result<(), Reason> {
    let Some(window) = policy.window_ms else { return Ok(()) };
    let window = window.saturating_add(policy.clock_allowance_ms);
    let code = if now.saturating_sub(signed_at) > window {
        ReasonCode::TimestampStale
    } else if signed_at.saturating_sub(now) > window {
        ReasonCode::TimestampFuture
    } else {
        return Ok(());
    };
    Err(Reason::about(code, field).with(distance(signed_at, now)))
}

#[cold]
#[inline(never)]
fn distance(signed_at: u64, now: u64) -> Detail {
    let millis = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    Detail::DistanceMs(millis(signed_at).saturating_sub(millis(now)))
}

fn keys_tried(route: &Route) -> Detail {
    Detail::KeysTried(i64::try_from(route.keys.len()).unwrap_or(i64::MAX))
}

/// `own` knows the names of this dialect: a repeated one is told, a stranger's is not.
#[cold]
#[inline(never)]
fn query_reason(error: FormError, query: &[u8], own: fn(&str) -> Option<&'static str>) -> Reason {
    let malformed = |cause| Reason::from(ReasonCode::MalformedQuery).with(Detail::cause(cause));
    match error {
        FormError::RepeatedName => {
            let names: Vec<Cow<'_, str>> = pairs(query).flatten().map(|(name, _)| name).collect();
            let stands_before = |at: usize, name: &str| names.iter().take(at).any(|other| other == name);
            let repeated = names.iter().enumerate().filter_map(|(at, name)| Some((at, own(name)?)));
            let field = repeated.filter(|(at, name)| stands_before(*at, name)).map(|(_, name)| name).next();
            Reason { field: field.map(Cow::Borrowed), ..ReasonCode::RepeatedQueryName.into() }
        }
        FormError::Percent => malformed("percent"),
        FormError::Utf8 => malformed("utf-8"),
    }
}

/// A signature that still has a `%` after the query was decoded was encoded twice on its way: neither Base64 nor hex has
/// one. It is decoded once more, and not a third time.
fn decode_again(signature: &str) -> Option<Cow<'_, str>> {
    if signature.contains('%') {
        percent::decode(signature.as_bytes()).ok()
    } else {
        Some(Cow::Borrowed(signature))
    }
}

#[cold]
#[inline(never)]
fn json_reason(error: JsonError) -> Reason {
    match error {
        JsonError::DuplicateName => ReasonCode::DuplicateName.into(),
        JsonError::TooDeep { at } => Reason::from(ReasonCode::TooDeep).with(Detail::at(at)),
        JsonError::Malformed { at } => Reason::from(ReasonCode::MalformedJson).with(Detail::at(at)),
    }
}

/// An order that was carried out elsewhere, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purchase<'a> {
    pub(crate) order_id: &'a str,
    pub(crate) order_line_id: Option<&'a str>,
    pub(crate) product_id: Option<&'a str>,
    pub(crate) charging_mode: Option<&'a str>,
    /// The price level that another ledger had in a key, or that it had none.
    pub(crate) item: Option<Option<&'a str>>,
}

/// The keys of such an order, and the price level that stands in one of them.
#[derive(Debug)]
pub(crate) struct PurchaseKeys {
    pub(crate) keys: Vec<OrderKey>,
    pub(crate) item: Option<String>,
}

/// Where in the ledger a create is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OrderKey {
    /// By order alone.
    Order(String),
    /// By order and price level: pay-per-use orders bring one call per billing item.
    Product(String, String),
    /// By order and order line.
    Line(String, String),
}
