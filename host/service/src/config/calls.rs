//! How calls are judged, by whom they are answered, and where their effects go: one part of the configuration, since no
//! half of it means anything without the other.

use super::{Address, BackendConfig, ProductBackend, SellerPart, ShadowConfig};

/// Routes and settings, backends and old handlers.
#[derive(Debug)]
pub struct CallsConfig {
    /// The core's part, and which engine runs it.
    pub seller: SellerPart,
    /// The common backend.
    pub backend: BackendConfig,
    /// Backends of products that have one of their own.
    pub product_backends: Vec<ProductBackend>,
    /// Old handlers that answer in the gateway's place.
    pub shadow: ShadowConfig,
}

/// A route as the configuration has it today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// How it is reached, and the owner of its instances.
    pub address: Address,
    /// Its effects are somebody else's: an old handler carries them out.
    pub held: bool,
}

impl CallsConfig {
    /// The backend of each product.
    pub fn backends(&self) -> impl Iterator<Item = (&str, &BackendConfig)> {
        self.seller.products().iter().map(|product| {
            let own = self.product_backends.iter().find(|own| own.product == *product);
            (product.as_str(), own.map_or(&self.backend, |own| &own.backend))
        })
    }

    /// The routes, and whether old handlers answer them.
    #[must_use]
    pub fn routed(&self) -> Vec<Routed> {
        let shadow = &self.shadow;
        let own = |path: &str, method: &str| {
            shadow.routes.iter().any(|(known, takes, _)| known == path && *takes == method)
        };
        let addresses = self.seller.addresses().iter();
        let held = |one: &Address| shadow.common.is_some() || own(&one.path, one.method);
        addresses.map(|one| Routed { address: one.clone(), held: held(one) }).collect()
    }
}
