//! A route of the dialect: its token and keys, and how data are framed.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::layout::Layout;
use crate::crypto::account_cipher::AccountKey;
use crate::crypto::{Entropy, MacKey, Secret};
use crate::dialect::Context;
use crate::dialect::freshness::Window;

/// How data are encrypted. One is never tried for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Gcm,
    Ecb,
    None,
}

/// A route of the dialect.
#[derive(Debug)]
pub(super) struct AccountEndpoint {
    pub(super) token: Secret,
    /// Empty: signing is off.
    pub(super) signature_keys: Vec<(Secret, MacKey)>,
    /// Empty: encryption is off.
    pub(super) encryption_keys: Vec<(Secret, AccountKey)>,
    pub(super) algorithm: Algorithm,
    pub(super) window: Window,
    /// The number of the code is the HTTP status too.
    pub(super) status_is_code: bool,
}

/// Characters before the message, and what stands between them and it.
pub(super) const FRAME: usize = 16;

impl AccountEndpoint {
    /// How a layout and key stand in the context of a call.
    pub(super) fn sealed_as(&self, context: Context) -> (Layout, Option<&AccountKey>) {
        let key = usize::try_from(context.0 >> 8).ok().and_then(|index| self.encryption_keys.get(index));
        (Layout::of_number(context.0 & 0xff), key.map(|(_, key)| key))
    }
}

/// Sixteen letters, the ampersand, the text.
pub(super) fn framed(text: &str, entropy: &Entropy) -> String {
    format!("{}&{text}", entropy.letters::<FRAME>("account-frame"))
}
