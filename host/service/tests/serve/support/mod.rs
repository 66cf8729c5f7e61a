//! The platform, a seller's backend and a gateway, each small.

pub(crate) mod backend;
pub(crate) mod clocks;
pub(crate) mod debts;
pub(crate) mod gateway;
pub(crate) mod old;
pub(crate) mod platform;
pub(crate) mod process;
pub(crate) mod stranger;

pub(crate) use backend::{Backend, Delivery, Reply, access};
pub(crate) use clocks::Clocks;
pub(crate) use gateway::{Gateway, config};
pub(crate) use platform::{Platform, now_ms};

/// Waits until something holds.
pub(crate) fn until(what: &str, limit: std::time::Duration, mut holds: impl FnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "{what}: not within {limit:?}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// The key of every route.
pub(crate) const KEY: &str = "test-access-key-0001";
/// The backend's secret: 32 bytes under Base64.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_dGhpcnR5LXR3by1ieXRlcy1vZi10ZXN0LXNlY3JldCE=";
