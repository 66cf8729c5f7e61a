//! The seller's configuration: read, checked as a whole, every mistake named.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::policy::Policy;
use super::problem::{ConfigError, Problems};
use super::settings::Settings;
use super::table::Table;
use super::{fingerprint, keys};
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
    /// Of the whole document.
    pub(crate) fingerprint: [u8; 16],
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

impl SellerConfig {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake; for a text that is not JSON, or repeats a name, with that alone.
    pub fn from_json(text: &[u8]) -> Result<Self, ConfigError> {
        match json::read(text) {
            Ok(document) => Self::read(&document, fingerprint::of(&document, text.len())),
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

    fn read(document: &Value<'_>, fingerprint: [u8; 16]) -> Result<Self, ConfigError> {
        let mut problems = Problems::default();
        let mut config = Self { routes: Vec::new(), settings: Settings::default(), fingerprint };
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
        let keys = keys::read(&mut table, problems);
        let defaults = dialect.map(Dialect::defaults).unwrap_or_default();
        table.withhold(dialect.map(withheld).unwrap_or_default());
        let policy = Policy::read(&mut table, &defaults, problems);
        let encrypts = policy.as_ref().is_none_or(|policy| policy.encrypt_credentials);
        if !(encrypts || defaults.contact_data) {
            table.withhold(Vec::from(["cipher"]));
        }
        let ciphers = [("aes-256", KeyLength::Aes256), ("aes-128", KeyLength::Aes128)];
        let cipher = table.choice("cipher", &ciphers, problems);
        let product = table.text("product", problems).unwrap_or(address);
        if product.is_empty() || product.len() > 128 || !product.bytes().all(|byte| byte.is_ascii_graphic()) {
            problems.add(&table.at("product"), "out-of-range", "must be 1 to 128 printable ASCII characters");
        }
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

/// Settings of other dialects that this one has no use for.
fn withheld(dialect: &'static dyn Dialect) -> Vec<&'static str> {
    let others = dialect::ALL.iter().flat_map(|other| other.own_settings());
    others.filter(|name| !dialect.own_settings().contains(name)).copied().collect()
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
