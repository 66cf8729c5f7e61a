//! The seller's configuration: read, checked as a whole, every mistake named.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::problem::{ConfigError, Problems};
use super::settings::Settings;
use super::table::Table;
use crate::crypto::{KeyLength, Secret};
use crate::dialect::{self, Dialect};
use crate::wire::json::{self, Value};

/// What a seller sets: routes and settings. Read from JSON, or from whatever else serde reads.
#[derive(Debug)]
pub struct SellerConfig {
    /// The production addresses.
    pub(crate) routes: Vec<RouteConfig>,
    /// Times and limits.
    pub(crate) settings: Settings,
}

/// One production address under one dialect.
#[derive(Debug)]
pub(crate) struct RouteConfig {
    /// The path as registered with the platform; matched exactly.
    pub(crate) path: String,
    pub(crate) dialect: &'static dyn Dialect,
    /// The key ring: every key authenticates calls; the first one signs refusals.
    pub(crate) keys: Vec<Secret>,
    /// The key length of contact data and credentials.
    pub(crate) cipher: KeyLength,
    /// The owner of the instances; prefixes every ledger key.
    pub(crate) product: String,
    pub(crate) policy: Policy,
}

/// What the protocol leaves open or to the seller, one setting each. The source of every default stands with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    /// Test calls get this address (KooGallery debugging checks `frontEndUrl`). UNKNOWN in the documents; absent: none is sent.
    pub(crate) test_front_end_url: Option<String>,
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

impl SellerConfig {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake; for a text that is not JSON, or repeats a name, with that alone.
    pub fn from_json(text: &[u8]) -> Result<Self, ConfigError> {
        match json::read(text) {
            Ok(document) => Self::read(&document),
            Err(_) => {
                let mut problems = Problems::default();
                problems.add("", "wrong-type", "is not JSON, or repeats a name");
                Err(problems.into_error())
            }
        }
    }

    /// Reads a document that a host already parsed, from TOML for instance.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake.
    pub fn from_value(document: &serde_json::Value) -> Result<Self, ConfigError> {
        // Printed once more: the module then has one reader of JSON, not two.
        Self::from_json(&Zeroizing::new(serde_json::to_vec(document).unwrap_or_default()))
    }

    fn read(document: &Value<'_>) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let mut config = Self { routes: Vec::new(), settings: Settings::default() };
        if let Some(mut table) = Table::new(document, "", &mut problems) {
            if let Some(settings) = table.value("settings") {
                config.settings = Settings::read(settings, &mut problems);
            }
            match table.value("routes") {
                Some(Value::Array(routes)) if !routes.is_empty() => {
                    for (index, route) in routes.iter().enumerate() {
                        let path = format!("routes[{index}]");
                        if let Some(route) = RouteConfig::read(route, &path, &mut problems) {
                            config.check_route(&route, &path, &mut problems);
                            config.routes.push(route);
                        }
                    }
                }
                Some(Value::Array(_)) | None => {
                    problems.add("routes", "missing", "at least one route is required");
                }
                Some(_) => problems.add("routes", "wrong-type", "must be an array of tables"),
            }
            table.finish(&mut problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(problems.into_error()) }
    }

    /// What can only be seen across routes: this one and those before it.
    fn check_route(&self, route: &RouteConfig, path: &str, problems: &mut Problems) {
        let same_calls = |other: &&RouteConfig| {
            other.path == route.path && other.dialect.method() == route.dialect.method()
        };
        if self.routes.iter().any(|other| same_calls(&other)) {
            problems.add(
                &format!("{path}.path"),
                "conflict",
                "another route with this path takes the same calls",
            );
        }
        let shares_a_key = |other: &RouteConfig| {
            route.keys.iter().any(|key| other.keys.iter().any(|one| one.expose() == key.expose()))
        };
        let mut others =
            self.routes.iter().filter(|other| other.dialect.interface() != route.dialect.interface());
        if others.any(shares_a_key) {
            problems.add(&format!("{path}.keys"), "conflict", "a key serves one interface type only");
        }
    }
}

/// Any format that serde reads; the error names every mistake.
impl<'de> serde::Deserialize<'de> for SellerConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = serde_json::Value::deserialize(deserializer)?;
        Self::from_value(&document).map_err(serde::de::Error::custom)
    }
}

impl RouteConfig {
    fn read(value: &Value<'_>, path: &str, problems: &mut Problems) -> Option<Self> {
        let mut table = Table::new(value, path, problems)?;
        let address = table.required_text("path", problems).unwrap_or("/");
        if !is_path(address) {
            let message = "must begin with `/` and hold neither blanks, `?` nor `#`, at most 512 bytes";
            problems.add(&table.at("path"), "out-of-range", message);
        }
        let dialect = read_dialect(&mut table, problems);
        let keys = read_keys(&mut table, problems);
        let ciphers = [("aes-256", KeyLength::Aes256), ("aes-128", KeyLength::Aes128)];
        let cipher = table.choice("cipher", &ciphers, problems);
        let product = table.text("product", problems).unwrap_or(address);
        if product.is_empty() || product.len() > 128 || !product.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.add(&table.at("product"), "out-of-range", "must be 1 to 128 printable ASCII characters");
        }
        let policy = Policy::read(&mut table, dialect, problems);
        table.finish(problems);
        Some(Self {
            path: address.to_string(),
            dialect: dialect?,
            keys,
            cipher: cipher?,
            product: product.to_string(),
            policy: policy?,
        })
    }
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() <= 512
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#')
}

fn read_dialect(table: &mut Table<'_>, problems: &mut Problems) -> Option<&'static dyn Dialect> {
    let name = table.required_text("dialect", problems)?;
    let found = dialect::by_name(name);
    if found.is_none() {
        let names: Vec<&str> = dialect::ALL.iter().map(|one| one.name()).collect();
        problems.add(&table.at("dialect"), "unknown-value", &format!("must be one of: {}", names.join(", ")));
    }
    found
}

/// The most keys of a ring: each costs one more MAC for every call.
const MAX_KEYS: usize = 8;

fn read_keys(table: &mut Table<'_>, problems: &mut Problems) -> Vec<Secret> {
    let path = table.at("keys");
    let items = match table.value("keys") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        Some(Value::Array(_)) | None => {
            problems.add(&path, "missing", "at least one key is required");
            return Vec::new();
        }
        Some(_) => {
            problems.add(&path, "wrong-type", "must be an array of strings");
            return Vec::new();
        }
    };
    if items.len() > MAX_KEYS {
        problems.add(&path, "out-of-range", "at most 8 keys");
    }
    let mut keys: Vec<Secret> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match item.as_str() {
            None => problems.add(&path, "wrong-type", "must be a string"),
            Some("") => problems.add(&path, "out-of-range", "must not be empty"),
            Some(text) if text.len() > 1_024 => problems.add(&path, "out-of-range", "at most 1 024 bytes"),
            Some(text) if keys.iter().any(|key| key.expose() == text.as_bytes()) => {
                problems.add(&path, "duplicate", "stands in the ring already");
            }
            Some(text) => keys.push(Secret::from(text.to_string())),
        }
    }
    keys
}

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

impl Policy {
    fn read(
        table: &mut Table<'_>,
        dialect: Option<&'static dyn Dialect>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let defaults = dialect.map(Dialect::defaults).unwrap_or_default();
        let test_front_end_url = table.text("test_front_end_url", problems).map(ToString::to_string);
        if test_front_end_url.as_ref().is_some_and(|url| url.is_empty() || url.chars().count() > 512) {
            problems.add(&table.at("test_front_end_url"), "out-of-range", "must have 1 to 512 characters");
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
