//! The settings of one route, each with the source of its default.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::problem::Problems;
use super::table::Table;
use crate::dialect::Defaults;
use crate::wire::address::is_web_address;
use crate::wire::json::Value;

/// What the protocol leaves open or to the seller, one setting each. The source of every default stands with it.
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
    /// A signed time may differ from now by so much. V2: 60 s, CONFIRMED (signature page). V1: UNKNOWN, no window by default.
    pub(crate) window_ms: Option<u64>,
    /// Added to the window on both sides for clock error.
    pub(crate) clock_allowance_ms: u64,
    /// Reads a 10-digit V2 timestamp as seconds. UNKNOWN (older pages say seconds, examples have 13 digits); off.
    pub(crate) timestamp_in_seconds: bool,
    /// Also tries names in descending order. UNKNOWN (older pages say z to a); off.
    pub(crate) descending_order: bool,
    /// V1 parameters without a value are part of the signed text; on a mismatch tried without. UNKNOWN; on.
    pub(crate) retry_without_empty: bool,
    /// Minutes east of UTC in which `expireTime` is written. UNKNOWN for V1, CONFIRMED UTC for V2.
    pub(crate) expire_time_offset_minutes: i16,
    /// Sends `Body-Sign`. V2: documents contradict each other; sending satisfies both.
    pub(crate) sign_answers: bool,
    /// Encrypts credentials in answers. V1: CONFIRMED. V2: UNKNOWN, plain by default.
    pub(crate) encrypt_credentials: bool,
    /// A blank after `signature=` in `Body-Sign`, as the documents print it.
    pub(crate) body_sign_blank: bool,
    /// The result code of a replayed call. UNKNOWN; 000001.
    pub(crate) replayed_code: &'static str,
    /// The result code when the backend says no to changeInstanceCheck without a code. UNKNOWN; 000005.
    pub(crate) change_refusal_code: &'static str,
    /// An answer leaves so long after the last byte of the request (the platform allows 5 s in V2, 20 s in V1).
    pub(crate) answer_within_ms: u64,
}

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

impl Policy {
    pub(super) fn read(table: &mut Table<'_>, defaults: &Defaults, problems: &mut Problems) -> Option<Self> {
        let test_front_end_url = table.text("test_front_end_url", problems).map(ToString::to_string);
        if test_front_end_url.as_ref().is_some_and(|url| url.is_empty() || url.chars().count() > 512) {
            problems.add(&table.at("test_front_end_url"), "out-of-range", "must have 1 to 512 characters");
        } else if test_front_end_url.as_ref().is_some_and(|url| !is_web_address(url)) {
            problems.add(&table.at("test_front_end_url"), "malformed", "must be an http or https address");
        }
        let unknown = [("refuse", false), ("adopt", true)];
        let adopts_unknown = table.choice("unknown_instance", &unknown, problems);
        // Never a success: a replayed create would be told that it worked, without its instance id.
        let codes = [("000001", "000001"), ("000002", "000002"), ("000005", "000005")];
        let refusals = [("000005", "000005"), ("000002", "000002"), ("000100", "000100")];
        let replayed_code = table.choice("replayed_code", &codes, problems);
        let change_refusal_code = table.choice("change_refusal_code", &refusals, problems);
        let policy = Self {
            test_front_end_url,
            product_ids: read_product_ids(table, problems),
            test_effects: table.flag("test_effects", false, problems),
            adopts_unknown: adopts_unknown.unwrap_or_default(),
            usage: table.flag("usage", false, problems),
            window_ms: table.optional_number("window_ms", 1_000..=DAY_MS, problems).or(defaults.window_ms),
            clock_allowance_ms: table.number("clock_allowance_ms", 0, 0..=60 * MINUTE_MS, problems),
            timestamp_in_seconds: table.flag("timestamp_in_seconds", false, problems),
            descending_order: table.flag("descending_order", false, problems),
            retry_without_empty: table.flag("retry_without_empty", true, problems),
            expire_time_offset_minutes: read_offset(table, problems),
            sign_answers: table.flag("sign_answers", true, problems),
            encrypt_credentials: table.flag("encrypt_credentials", defaults.encrypt_credentials, problems),
            body_sign_blank: table.flag("body_sign_blank", true, problems),
            replayed_code: replayed_code.unwrap_or_default(),
            change_refusal_code: change_refusal_code.unwrap_or_default(),
            answer_within_ms: table.number(
                "answer_within_ms",
                4_000,
                100..=defaults.longest_answer_ms,
                problems,
            ),
        };
        // Every setting was asked for before the first that is wrong ends it, so that none counts as unknown.
        adopts_unknown.and(replayed_code).and(change_refusal_code).map(|_| policy)
    }
}

/// The longest `productId` that may become part of a ledger key, bytes.
const MAX_PRODUCT_ID_BYTES: usize = 128;
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
            Some(id) if id.is_empty() || id.len() > MAX_PRODUCT_ID_BYTES => {
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

fn read_offset(table: &mut Table<'_>, problems: &mut Problems) -> i16 {
    let path = table.at("expire_time_offset_minutes");
    let Some(value) = table.value("expire_time_offset_minutes") else { return 0 };
    match value.as_number().and_then(|digits| digits.parse::<i16>().ok()) {
        Some(minutes) if (-720..=840).contains(&minutes) => minutes,
        Some(_) => {
            problems.add(&path, "out-of-range", "must be between -720 and 840");
            0
        }
        None => {
            problems.add(&path, "wrong-type", "must be a whole number");
            0
        }
    }
}
