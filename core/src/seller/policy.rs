//! What every route has, whatever its dialect: each setting with the source of its default.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::config::{Problems, Table};
use crate::dialect::Dialect;
use crate::limits;
use crate::wire::address::is_web_address;
use crate::wire::json::Value;

/// What the protocol leaves to the seller, one setting each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Test calls get this address (KooGallery debugging checks `frontEndUrl`). UNKNOWN in the documents; absent: none is sent.
    pub(crate) test_front_end_url: Option<String>,
    /// The price levels (`productId`) of the route's product; empty: none is judged. A signature covers no path, so
    /// where one key serves several products only this tells a call of one from a call of another. OURS.
    pub(crate) product_ids: Vec<String>,
    /// Test calls reach the backend, marked as tests.
    pub(crate) test_effects: bool,
    /// A call for an instance that the ledger never saw is carried out, and the instance adopted, if the backend knows it.
    pub(crate) adopts_unknown: bool,
    /// queryInstance asks the backend for usage.
    pub(crate) usage: bool,
    /// An answer leaves so long after the last byte of the request (the platform allows 5 s in V2, 20 s in V1).
    pub(crate) answer_within_ms: u64,
}

impl Policy {
    /// What a setting means that is absent, and how far one may go, is the dialect's.
    pub(super) fn read(
        table: &mut Table<'_>,
        dialect: &dyn Dialect,
        problems: &mut Problems,
    ) -> Option<Self> {
        let test_front_end_url = table.text("test_front_end_url", problems).map(ToString::to_string);
        if test_front_end_url.as_ref().is_some_and(|url| url.is_empty() || url.chars().count() > limits::URL)
        {
            problems.add(&table.at("test_front_end_url"), "out-of-range", "must have 1 to 512 characters");
        } else if test_front_end_url.as_ref().is_some_and(|url| !is_web_address(url)) {
            problems.add(&table.at("test_front_end_url"), "malformed", "must be an http or https address");
        }
        let mut choices = [("refuse", false), ("adopt", true)];
        if dialect.instances().is_some_and(|rules| !rules.opens_instances()) {
            choices.reverse();
        }
        let adopts_unknown = table.choice("unknown_instance", &choices, problems);
        let policy = Self {
            test_front_end_url,
            product_ids: read_product_ids(table, problems),
            test_effects: table.flag("test_effects", false, problems),
            adopts_unknown: adopts_unknown.unwrap_or_default(),
            usage: table.flag("usage", false, problems),
            answer_within_ms: table.number(
                "answer_within_ms",
                4_000,
                100..=dialect.longest_answer_ms(),
                problems,
            ),
        };
        // Every setting was asked for before the first that is wrong ends it, so that none counts as unknown.
        adopts_unknown.map(|_| policy)
    }
}

/// Far beyond the price levels of any product.
const MAX_PRODUCT_IDS: usize = 1_000;

fn read_product_ids(table: &mut Table<'_>, problems: &mut Problems) -> Vec<String> {
    let path = table.at("product_ids");
    let items = match table.value("product_ids") {
        None => return Vec::new(),
        Some(Value::Array(items)) if (1..=MAX_PRODUCT_IDS).contains(&items.len()) => items,
        Some(Value::Array(_)) => {
            problems.add(&path, "out-of-range", "must name 1 to 1 000 price levels");
            return Vec::new();
        }
        Some(_) => {
            problems.add(&path, "wrong-type", "must be an array of strings");
            return Vec::new();
        }
    };
    let mut ids: Vec<String> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match item.as_str() {
            None => problems.add(&path, "wrong-type", "must be a string"),
            Some(id) if id.is_empty() || id.len() > limits::KEY_BYTES => {
                problems.add(&path, "out-of-range", "must have 1 to 128 bytes");
            }
            Some(id) if ids.iter().any(|known| known == id) => {
                problems.add(&path, "duplicate", "stands in the list already");
            }
            Some(id) => ids.push(id.to_string()),
        }
    }
    ids
}
