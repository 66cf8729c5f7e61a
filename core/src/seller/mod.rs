//! The seller: a configuration, checked as a whole and compiled once.

mod config;
mod description;
mod problem;
mod route;
mod settings;
mod table;

use alloc::vec::Vec;

pub(crate) use config::Policy;
pub use config::SellerConfig;
pub use description::{Description, RouteDescription};
pub(crate) use problem::Problems;
pub use problem::{ConfigError, Problem};
pub(crate) use route::{RingKey, Route};
pub use settings::Settings;

use crate::crypto::MacKey;

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
        let fingerprint = fingerprint(&config);
        Self {
            routes: config.routes.into_iter().map(Route::compile).collect(),
            settings: config.settings,
            fingerprint,
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

/// Keyed by every key of the configuration, over everything else in it that decides how a call is read.
fn fingerprint(config: &SellerConfig) -> [u8; 16] {
    let mut chain = [0_u8; 32];
    for route in &config.routes {
        for key in &route.keys {
            let key = MacKey::new(key.expose());
            chain = key.mac(&[
                &chain,
                route.path.as_bytes(),
                &[0],
                route.dialect.name().as_bytes(),
                &[0],
                route.product.as_bytes(),
            ]);
        }
    }
    core::array::from_fn(|index| chain.get(index).copied().unwrap_or_default())
}
