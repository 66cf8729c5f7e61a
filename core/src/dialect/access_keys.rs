//! The access keys of a route: what the platform calls the key of an interface, and what the dialects make of it.

use alloc::vec::Vec;
use core::fmt;

use super::Context;
use crate::config::{Problems, Table};
use crate::crypto::{CbcKey, Choice, KeyLength, MacKey, Secret, compare};
use crate::detail::Detail;

/// One access key in every form that the dialects need.
pub(crate) struct AccessKey {
    /// The key itself: V1 appends the timestamp to it, V2 signs it.
    pub(crate) secret: Secret,
    /// HMAC-SHA256 under the key alone.
    pub(crate) mac: MacKey,
    /// The AES key that a JDK derives from it.
    pub(crate) cipher: CbcKey,
}

impl AccessKey {
    fn new(secret: Secret, length: KeyLength) -> Self {
        Self { mac: MacKey::new(secret.expose()), cipher: CbcKey::derive(secret.expose(), length), secret }
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AccessKey(redacted)")
    }
}

/// The ring of a route. Every key authenticates calls; the first one signs what no key authenticated.
#[derive(Debug)]
pub(crate) struct AccessKeys(Vec<AccessKey>);

impl AccessKeys {
    /// Reads `keys`.
    pub(super) fn read(table: &mut Table<'_>, problems: &mut Problems) -> Vec<Secret> {
        table.secrets(Self::NAME, problems)
    }

    /// What the ring is called in the configuration.
    pub(super) const NAME: &'static str = "keys";

    /// Prepares the keys; ciphers are of this length.
    pub(super) fn new(secrets: Vec<Secret>, length: KeyLength) -> Self {
        Self(secrets.into_iter().map(|secret| AccessKey::new(secret, length)).collect())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &AccessKey> {
        self.0.iter()
    }

    /// The lowest key for which this holds. All are tried, whichever it is.
    pub(super) fn find(&self, holds: impl Fn(&AccessKey) -> Choice) -> Option<usize> {
        compare::lowest_match(self.0.iter().map(holds)).reveal()
    }

    /// The key that authenticated a call.
    pub(crate) fn of(&self, context: Context) -> Option<&AccessKey> {
        self.0.get(context.key())
    }

    /// The key that signs and encrypts the answer to a call: the one that authenticated it, else the first.
    pub(super) fn answering(&self, context: Option<Context>) -> Option<&AccessKey> {
        context.and_then(|context| self.of(context)).or(self.0.first())
    }

    /// How many keys an operator is told were tried.
    pub(super) fn tried(&self) -> Detail {
        Detail::KeysTried(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }

    pub(super) fn secrets(&self) -> Vec<&Secret> {
        self.0.iter().map(|key| &key.secret).collect()
    }
}
