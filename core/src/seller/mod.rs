//! The seller: a configuration, checked as a whole and compiled once.

mod config;
mod description;
mod fingerprint;
mod keys;
mod policy;
mod problem;
mod route;
mod settings;
mod table;
mod warning;

use alloc::vec::Vec;

pub use config::SellerConfig;
pub use description::{Description, RouteDescription};
pub use keys::has_stray_characters;
pub(crate) use policy::Policy;
pub(crate) use problem::Problems;
pub use problem::{ConfigError, Problem};
pub(crate) use route::{RingKey, Route};
pub use settings::Settings;
pub use warning::Warning;

/// A compiled configuration: routes, key rings and policies. Open it once, use it for every call.
#[derive(Debug)]
pub struct Seller {
    pub(crate) routes: Vec<Route>,
    pub(crate) settings: Settings,
    /// Marks admissions: another configuration refuses them.
    pub(crate) fingerprint: [u8; 16],
}

impl Seller {
    /// Prepares every key of the configuration.
    #[must_use]
    pub fn new(config: SellerConfig) -> Self {
        Self {
            routes: config.routes.into_iter().map(Route::compile).collect(),
            settings: config.settings,
            fingerprint: config.fingerprint,
        }
    }

    /// Reads and compiles a JSON document.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake of the document.
    pub fn from_json(text: &[u8]) -> Result<Self, ConfigError> {
        SellerConfig::from_json(text).map(Self::new)
    }

    /// Times and limits: a host reads its own from here.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Path, HTTP method and dialect of every route, in the order of the configuration.
    #[must_use]
    pub fn addresses(&self) -> Vec<(&str, &'static str, &'static str)> {
        let address = |route: &'_ Route| (route.dialect.method(), route.dialect.name());
        let routes = self.routes.iter().map(|route| (route.path.as_str(), address(route)));
        routes.map(|(path, (method, dialect))| (path, method, dialect)).collect()
    }

    /// The products of the routes, each once, in the order of the configuration.
    #[must_use]
    pub fn products(&self) -> Vec<&str> {
        let mut products = Vec::new();
        for route in &self.routes {
            if !products.contains(&route.product.as_str()) {
                products.push(route.product.as_str());
            }
        }
        products
    }
}
