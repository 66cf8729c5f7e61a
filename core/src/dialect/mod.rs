//! The callback protocols, one file each. A new one is a new file and one line in [`ALL`].

mod catalogue;
mod fields;
mod heard;
mod limits;
mod result;
mod saas_v1;
mod saas_v2;
mod signature;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

pub use catalogue::{FieldDescription, event_fields};
pub(crate) use heard::{Demands, Heard, hear};
pub(crate) use result::{AppInfo, Credential, InstanceInfo, Reply, SUCCESS, Usage};

use crate::answer::Answer;
use crate::event::Event;
use crate::reason::{Reason, ReasonCode};
use crate::request::Request;
use crate::seller::{Policy, RingKey, Route, Settings};
use crate::wire::FormError;
pub(crate) use crate::wire::form::split_target;
use crate::wire::json::JsonError;

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
    /// The largest `answer_within_ms`.
    pub(crate) longest_answer_ms: u64,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { window_ms: Some(60_000), encrypt_credentials: false, longest_answer_ms: 4_900 }
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
    /// The tables of its activities.
    fn activities(&self) -> &'static [fields::Activity];
    /// Shape, freshness, authenticity, decryption, meaning: in this order.
    fn admit(
        &self,
        route: &Route,
        settings: &Settings,
        request: &Request<'_>,
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
fn check_window(signed_at: u64, now: u64, policy: &Policy) -> Result<(), Reason> {
    let Some(window) = policy.window_ms else { return Ok(()) };
    let window = window.saturating_add(policy.clock_allowance_ms);
    if now.saturating_sub(signed_at) > window {
        return Err(ReasonCode::TimestampStale.into());
    }
    if signed_at.saturating_sub(now) > window {
        return Err(ReasonCode::TimestampFuture.into());
    }
    Ok(())
}

fn query_reason(error: FormError) -> Reason {
    match error {
        FormError::RepeatedName => ReasonCode::RepeatedQueryName.into(),
        FormError::Percent | FormError::Utf8 => ReasonCode::MalformedQuery.into(),
    }
}

fn json_reason(error: JsonError) -> Reason {
    match error {
        JsonError::DuplicateName => ReasonCode::DuplicateName.into(),
        JsonError::TooDeep { .. } => ReasonCode::TooDeep.into(),
        JsonError::Malformed { .. } => ReasonCode::MalformedJson.into(),
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
