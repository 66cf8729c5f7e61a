//! What only dialects have whose calls are about instances: orders, and refusals by the seller.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::event::{Event, InstanceEvent};

/// The rules of a dialect about instances. They need no key, so they hold for works whose route is gone as well.
pub(crate) trait InstanceRules: Sync + fmt::Debug {
    /// The field of an event that names its instance.
    fn instance_field(&self) -> &'static str {
        "instance_id"
    }

    /// What a backend says when it has opened an instance.
    fn delivers(&self) -> Delivery {
        Delivery::Access
    }

    /// Whether a call of the dialect opens an instance. Where none does, every instance is new to the ledger once and known
    /// without an order, a route adopts it unless its configuration says otherwise, and nobody is told how it is reached.
    fn opens_instances(&self) -> bool {
        self.delivers() != Delivery::Nothing
    }

    /// Under what a create is remembered.
    fn order_key(&self, event: &Event) -> OrderKey;

    /// Under what an order that was carried out elsewhere is remembered, so that a repeated create finds it.
    ///
    /// # Errors
    /// The name of the field without which there is no key.
    fn purchase_keys(&self, purchase: &Purchase<'_>) -> Result<PurchaseKeys, &'static str>;

    /// The codes with which a seller may refuse a create, an upgrade or a licence.
    fn takes_refusal(&self, event: InstanceEvent, code: &str) -> bool;

    /// Whether the dialect's table of result codes has this one.
    fn knows_result_code(&self, code: &str) -> bool {
        is_common_code(code) || self.takes_refusal(InstanceEvent::IssueLicense, code)
    }
}

/// What a backend's success brings with it when an instance is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// How the buyer reaches the instance.
    Access,
    /// The same, if he reaches it in a browser at all.
    AccessIfAny,
    /// The text of a licence.
    License,
    /// Nothing: the instance was opened elsewhere.
    Nothing,
}

/// The codes with which sellers refuse in every dialect that has any.
pub(crate) fn is_common_refusal(code: &str) -> bool {
    ("000100"..="000107").contains(&code) && code.len() == 6
}

/// The result codes that every dialect of the production address has.
pub(crate) fn is_common_code(code: &str) -> bool {
    ("000000"..="000005").contains(&code)
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

impl PurchaseKeys {
    /// Of an instance whose order is not known.
    pub(crate) const fn none() -> Self {
        Self { keys: Vec::new(), item: None }
    }
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
