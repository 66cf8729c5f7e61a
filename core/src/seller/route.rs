//! One route, compiled: keys prepared for use.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::config::{Policy, RouteConfig};
use crate::crypto::{CbcKey, KeyLength, MacKey, Secret};
use crate::dialect::Dialect;

/// One key of a ring in every form that the dialects need.
pub(crate) struct RingKey {
    /// The key itself: V1 appends the timestamp to it, V2 signs it.
    pub(crate) secret: Secret,
    /// HMAC-SHA256 under the key alone.
    pub(crate) mac: MacKey,
    /// The AES key that a JDK derives from it.
    pub(crate) cipher: CbcKey,
}

impl fmt::Debug for RingKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RingKey(redacted)")
    }
}

/// One production address under one dialect, ready for calls.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) path: String,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) keys: Vec<RingKey>,
    pub(crate) key_length: KeyLength,
    pub(crate) product: String,
    pub(crate) policy: Policy,
}

impl Route {
    pub(super) fn compile(config: RouteConfig) -> Self {
        let key_length = config.cipher;
        let prepare = |secret: Secret| RingKey {
            mac: MacKey::new(secret.expose()),
            cipher: CbcKey::derive(secret.expose(), key_length),
            secret,
        };
        Self {
            path: config.path,
            dialect: config.dialect,
            keys: config.keys.into_iter().map(prepare).collect(),
            key_length,
            product: config.product,
            policy: config.policy,
        }
    }

    /// The key that signs what no key authenticated.
    pub(crate) fn first_key(&self) -> Option<&RingKey> {
        self.keys.first()
    }
}
