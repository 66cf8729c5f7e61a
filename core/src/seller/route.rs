//! One route, compiled: keys prepared for use.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::Policy;
use super::config::RouteConfig;
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

impl RingKey {
    /// How long the key is; of bytes that are no text, their number.
    pub(super) fn characters(&self) -> usize {
        let bytes = self.secret.expose();
        core::str::from_utf8(bytes).map_or(bytes.len(), |text| text.chars().count())
    }
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

    /// Whether a productId is one of this route's, as far as the route names any.
    pub(crate) fn sells(&self, product_id: &str) -> bool {
        let known = &self.policy.product_ids;
        known.is_empty() || known.iter().any(|one| one == product_id)
    }

    /// The key that signs what no key authenticated.
    pub(crate) fn first_key(&self) -> Option<&RingKey> {
        self.keys.first()
    }
}
