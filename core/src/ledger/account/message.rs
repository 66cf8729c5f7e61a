//! What is answered for an account, and when two messages say the same.

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::{Datum, Event, with_other};
use crate::wire::hex;
use crate::wire::json::{self, Canonical};

/// `{"id":"…"}`: what is answered for an account, to the byte.
pub(super) fn data_of(id: &str) -> Reply {
    let mut out = Vec::from(*b"{\"id\":");
    json::push_string(&mut out, id);
    out.push(b'}');
    Reply::Account(String::from_utf8(out).unwrap_or_default())
}

/// A digest of a message, the order of its members apart, and `without` one of them.
pub(super) fn digest_of(event: &Event, without: &str) -> String {
    let mut text = Vec::new();
    if let Some(Datum::Json(message)) = event.get("message")
        && let Ok(document) = json::read_own(message.as_bytes())
    {
        let kept = document.value().as_object().map(|members| with_other(members, without, None));
        let kept = kept.as_deref().and_then(|kept| json::read_own(kept.as_bytes()).ok());
        let written = kept.as_ref().map(|kept| Canonical::RecursivelySorted.write(kept.value(), &mut text));
        if written.is_none_or(|written| written.is_err()) {
            text = message.clone().into_bytes();
        }
    }
    let digest = hmac_sha256(&[b"message"], &[event.kind.name().as_bytes(), &[0], &text]);
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// The codes with which a backend refuses; any other is a failure.
pub(super) fn is_refusal(code: &str) -> bool {
    matches!(code, "400" | "404")
}
