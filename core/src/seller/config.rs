//! The seller's configuration: read, checked as a whole, every mistake named.

use alloc::format;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use super::route::Route;
use super::settings::Settings;
use super::{fingerprint, sharing};
use crate::config::{ConfigError, Problems, Table};
use crate::wire::json::{self, Value};

/// What a seller sets: routes and settings. Read from JSON, or from whatever else serde reads.
#[derive(Debug)]
pub struct SellerConfig {
    /// The production addresses.
    pub(crate) routes: Vec<Route>,
    /// Times and limits.
    pub(crate) settings: Settings,
    /// Of the whole document.
    pub(crate) fingerprint: [u8; 16],
}

impl SellerConfig {
    /// Reads a JSON document.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake; for a text that is not JSON, or repeats a name, with that alone.
    pub fn from_json(text: &[u8]) -> Result<Self, ConfigError> {
        match json::read(text) {
            Ok(document) => Self::read(document.value(), fingerprint::of(document.value(), text.len())),
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

    fn read(document: Value<'_>, fingerprint: [u8; 16]) -> Result<Self, ConfigError> {
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
                        if let Some(route) = Route::read(route, &path, &mut problems) {
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
            table.finish(None, &mut problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(problems.into_error()) }
    }

    /// What can only be seen across routes: this one and those before it.
    fn check_route(&self, route: &Route, path: &str, problems: &mut Problems) {
        let rivals = self.routes.iter().filter(|other| route.takes_calls_of(other));
        for hindrance in rivals.filter_map(|other| sharing::hindrance(route, other)) {
            problems.add(&format!("{path}.path"), "conflict", hindrance);
        }
        let of_another_type =
            self.routes.iter().filter(|other| other.dialect.interface() != route.dialect.interface());
        for other in of_another_type {
            for ring in route.rings_shared_with(other) {
                let message = "a key serves one interface type only";
                problems.add(&format!("{path}.{ring}"), "conflict", message);
            }
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
