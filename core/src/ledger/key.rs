//! Keys of the ledger. Every part is percent-encoded, so no id can imitate another key; the product stands before
//! every id, so one product's key never touches another's instance. A replay row alone has no product: signatures do
//! not cover the path.

use alloc::string::String;

use crate::dialect::OrderKey;
use crate::wire::{hex, percent};

/// Where test traffic lives, for ever apart from production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Space {
    Production,
    Test,
}

/// The prefix of every instance row of production.
pub(crate) const INSTANCES: &str = "instance/";
/// The prefix of every work row.
pub(crate) const WORKS: &str = "work/";

fn join(space: Space, kind: &str, parts: &[&str]) -> String {
    let mut key = String::with_capacity(128);
    if space == Space::Test {
        key.push_str("test/");
    }
    key.push_str(kind);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            key.push('/');
        }
        percent::encode_to(&mut key, part.as_bytes());
    }
    key
}

pub(crate) fn instance(space: Space, product: &str, instance_id: &str) -> String {
    join(space, INSTANCES, &[product, instance_id])
}

/// The row that names the instance of an order.
pub(crate) fn order(space: Space, product: &str, order: &OrderKey) -> String {
    match order {
        OrderKey::Order(order) => join(space, "order/", &[product, order]),
        OrderKey::Product(order, item) => join(space, "order/", &[product, order, "product", item]),
        OrderKey::Line(order, line) => join(space, "order/", &[product, order, "line", line]),
    }
}

pub(crate) fn work(effect_id: &str) -> String {
    join(Space::Production, WORKS, &[effect_id])
}

/// What became of a work that is over: a backend may report it again.
pub(crate) fn report(effect_id: &str) -> String {
    join(Space::Production, "effect/", &[effect_id])
}

pub(crate) fn replay(signature: &[u8; 32]) -> String {
    join(Space::Production, "replay/", &[&hex::encode(signature)])
}
