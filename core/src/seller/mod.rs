//! The seller: a configuration, checked as a whole and compiled once.

mod config;
mod description;
mod fingerprint;
pub(crate) mod limits;
mod policy;
mod route;
mod settings;
mod sharing;
mod warning;

use alloc::vec::Vec;

pub use config::SellerConfig;
pub use description::{Description, RouteDescription};
pub(crate) use policy::Policy;
pub(crate) use route::Route;
pub use settings::Settings;
pub use warning::Warning;

use crate::config::ConfigError;

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
        Self { routes: config.routes, settings: config.settings, fingerprint: config.fingerprint }
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
