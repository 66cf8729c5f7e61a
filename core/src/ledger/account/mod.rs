//! Accounts and organisations of an identity centre.
//!
//! | | remembered under | told |
//! |---|---|---|
//! | a create (`create`) | the username, or the code of an organisation | before the answer, by a call that brings the message |
//! | an update (`update`) | the id that the backend gave | before the answer; owed if it did not end |
//! | a delete (`update`) | the same | after the answer, in the order of the id |
//!
//! A create carries a password, and a password is not stored. So its work is no row that anybody could carry on: the row of
//! the name holds the effect id, a digest and the lease, and the next call sends the same effect with the message that it
//! brings itself.

mod create;
mod update;

use alloc::string::String;
use alloc::vec::Vec;

pub(super) use create::settle as settle_create;

use super::context::DecisionContext;
use super::ruling::Ruling;
use super::snapshot::Stop;
use crate::crypto::hmac_sha256;
use crate::dialect::Reply;
use crate::event::{AccountEvent, Datum, Event};
use crate::reason::ReasonCode;
use crate::wire::hex;
use crate::wire::json::{self, Canonical};

pub(super) fn decide(context: &DecisionContext<'_>, kind: AccountEvent) -> Result<Ruling, Stop> {
    match kind {
        AccountEvent::UrlCheck => Ok(Ruling::reply(Reply::Account(text_of_check(context)))),
        AccountEvent::Unknown => Ok(Ruling::success().because(ReasonCode::UnknownEvent)),
        AccountEvent::Create | AccountEvent::OrganizationCreate => create::decide(context),
        AccountEvent::Update | AccountEvent::OrganizationUpdate => update::update(context),
        AccountEvent::Delete | AccountEvent::OrganizationDelete => update::delete(context),
    }
}

/// The message of a check as it came: a text, or whatever else it is.
fn text_of_check(context: &DecisionContext<'_>) -> String {
    let Some(Datum::Json(message)) = context.admission.call.event.get("message") else {
        return String::new();
    };
    match json::read_own(message.as_bytes()) {
        Ok(document) => document.value().as_str().map_or_else(|| message.clone(), String::from),
        Err(_) => message.clone(),
    }
}

/// `{"id":"…"}`: what is answered for an account, to the byte.
fn data_of(id: &str) -> Reply {
    let mut out = Vec::from(*b"{\"id\":");
    json::push_string(&mut out, id);
    out.push(b'}');
    Reply::Account(String::from_utf8(out).unwrap_or_default())
}

/// A digest of a message, the order of its members apart, and `without` one of them.
fn digest_of(event: &Event, without: &str) -> String {
    let mut text = Vec::new();
    if let Some(Datum::Json(message)) = event.get("message")
        && let Ok(document) = json::read_own(message.as_bytes())
    {
        let kept = document.value().as_object().map(|members| left(members, without));
        let kept = kept.as_deref().and_then(|kept| json::read_own(kept).ok());
        let written = kept.as_ref().map(|kept| Canonical::RecursivelySorted.write(kept.value(), &mut text));
        if written.is_none_or(|written| written.is_err()) {
            text = message.clone().into_bytes();
        }
    }
    let digest = hmac_sha256(&[b"message"], &[event.kind.name().as_bytes(), &[0], &text]);
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// An object without the members of one name.
fn left(members: json::Members<'_>, without: &str) -> Vec<u8> {
    let mut out = Vec::from(*b"{");
    for (index, (name, value)) in members.iter().filter(|(name, _)| *name != without).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        json::push_string(&mut out, name);
        out.push(b':');
        json::push_value(&mut out, value);
    }
    out.push(b'}');
    out
}

/// The codes with which a backend refuses; any other is a failure.
fn is_refusal(code: &str) -> bool {
    matches!(code, "400" | "404")
}
