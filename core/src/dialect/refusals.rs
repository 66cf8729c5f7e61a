//! Reasons that several dialects give for what they read in the same way.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::detail::Detail;
use crate::limits;
use crate::reason::{Reason, ReasonCode};
use crate::wire::form::pairs;
use crate::wire::json::JsonError;
use crate::wire::{FormError, percent};

/// `own` knows the names of the dialect: a repeated one is told, a stranger's is not.
#[cold]
#[inline(never)]
pub(super) fn query(error: FormError, query: &[u8], own: &dyn Fn(&str) -> Option<&'static str>) -> Reason {
    let malformed = |cause| Reason::from(ReasonCode::MalformedQuery).with(Detail::cause(cause));
    match error {
        FormError::RepeatedName => {
            let names: Vec<Cow<'_, str>> = pairs(query).flatten().map(|(name, _)| name).collect();
            let stands_before = |at: usize, name: &str| names.iter().take(at).any(|other| other == name);
            let repeated = names.iter().enumerate().filter_map(|(at, name)| Some((at, own(name)?)));
            let field = repeated.filter(|(at, name)| stands_before(*at, name)).map(|(_, name)| name).next();
            Reason { field: field.map(Cow::Borrowed), ..ReasonCode::RepeatedQueryName.into() }
        }
        FormError::Percent => malformed("percent"),
        FormError::Utf8 => malformed("utf-8"),
    }
}

#[cold]
#[inline(never)]
pub(super) fn json(error: JsonError) -> Reason {
    match error {
        JsonError::DuplicateName => ReasonCode::DuplicateName.into(),
        JsonError::TooDeep { at } => Reason::from(ReasonCode::TooDeep).with(Detail::at(at)),
        JsonError::Malformed { at } => Reason::from(ReasonCode::MalformedJson).with(Detail::at(at)),
    }
}

/// A signature that still has a `%` after the query was decoded was encoded twice on its way: neither Base64 nor hex has
/// one. It is decoded once more, and not a third time.
pub(super) fn decode_again(signature: &str) -> Option<Cow<'_, str>> {
    if signature.contains('%') {
        percent::decode(signature.as_bytes()).ok()
    } else {
        Some(Cow::Borrowed(signature))
    }
}

/// A value that becomes part of a key and is too long for one.
pub(super) fn too_long(wire: &'static str) -> Reason {
    Reason::about(ReasonCode::FieldTooLong, wire).with(Detail::limit(limits::KEY_BYTES))
}
