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

pub(super) mod create;
mod message;
mod update;

use alloc::string::String;

pub(super) use create::settle as settle_create;

use super::context::DecisionContext;
use super::ruling::Ruling;
use super::snapshot::Stop;
use crate::dialect::Reply;
use crate::event::{AccountEvent, Datum};
use crate::reason::ReasonCode;
use crate::wire::json;

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
