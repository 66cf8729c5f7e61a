//! What marks an admission as one of this configuration.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::crypto::hmac_sha256;
use crate::wire::json::{Canonical, Value};

/// A digest of the whole document, keys and all, in one canonical form: no blanks, names in order, numbers as they
/// stand. A setting that is added later is covered without a line here. Two documents that say the same in other words, a
/// default written out for instance, count as two: an admission lives for one call, and a host opens one document in all
/// its engines.
///
/// It is no secret, and tells nothing of the keys to whoever does not know all the rest and can guess them.
pub(super) fn of(document: Value<'_>, length: usize) -> [u8; 16] {
    // The canonical form is no longer than the text, so that no copy of a key is left behind by growing.
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    let _no_object = Canonical::RecursivelySorted.write(document, &mut text);
    let digest = hmac_sha256(&[b"countersign configuration"], &[&text]);
    core::array::from_fn(|index| digest.get(index).copied().unwrap_or_default())
}
