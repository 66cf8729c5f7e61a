//! What a host needs of an opened configuration. Holds no key.

use alloc::vec::Vec;

use serde::Serialize;

use super::{Route, Seller, Settings, Warning};

/// Times and limits with the defaults filled in, and where calls arrive.
#[derive(Debug, Serialize)]
pub struct Description<'s> {
    /// A host bounds bodies and waits by these.
    pub settings: &'s Settings,
    /// Each once, in the order of the configuration.
    pub products: Vec<&'s str>,
    /// In the order of the configuration.
    pub routes: Vec<RouteDescription<'s>>,
    /// What an operator should look at; a host prints it.
    pub warnings: Vec<Warning>,
}

/// One production address under one dialect.
#[derive(Debug, Serialize)]
pub struct RouteDescription<'s> {
    /// The path as registered.
    pub path: &'s str,
    /// Calls of this HTTP method are its own.
    pub method: &'static str,
    /// The dialect's name.
    pub dialect: &'static str,
    /// The owner of its instances.
    pub product: &'s str,
}

impl Seller {
    /// What a host needs of the configuration.
    #[must_use]
    pub fn describe(&self) -> Description<'_> {
        Description {
            settings: &self.settings,
            products: self.products(),
            routes: self.routes.iter().map(Route::describe).collect(),
            warnings: self.warnings(),
        }
    }
}

impl Route {
    fn describe(&self) -> RouteDescription<'_> {
        RouteDescription {
            path: &self.path,
            method: self.dialect.targets().first().map_or("", |target| target.method),
            dialect: self.dialect.name(),
            product: &self.product,
        }
    }
}
