//! What is sent to the seller's backend: a structured CloudEvent (CloudEvents 1.0, JSON format).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::decision::Effect;
use super::row::WorkRow;
use crate::event::{Datum, Event};
use crate::seller::Route;
use crate::wire::{json, time};

/// An event as the backend gets it: with the ledger's instance id.
pub(crate) fn event_of(event: &Event, instance_id: &str) -> Event {
    let mut event = event.clone();
    event.set("instance_id", Datum::Text(instance_id.to_string()));
    event
}

/// `end_sessions` where access ends for everybody.
pub(crate) const ALL_SESSIONS: &str = r#"{"scope":"all"}"#;

/// Everything that goes into one message.
struct Envelope<'a> {
    id: &'a str,
    source: &'a str,
    kind: &'a str,
    subject: &'a str,
    time: u64,
    /// Absent for questions: they change nothing, so nobody can be late with them.
    fencing_token: Option<u64>,
    data: &'a str,
}

impl Envelope<'_> {
    fn to_json(&self) -> String {
        let mut out = Vec::with_capacity(self.data.len().saturating_add(320));
        out.extend_from_slice(b"{\"specversion\":\"1.0\"");
        let mut kind = String::from("countersign.");
        kind.push_str(self.kind);
        let members = [
            ("id", self.id),
            ("source", self.source),
            ("type", kind.as_str()),
            ("subject", self.subject),
            ("time", &time::format_rfc3339(self.time)),
            ("datacontenttype", "application/json"),
        ];
        for (name, text) in members.iter().filter(|(_, text)| !text.is_empty()) {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            json::push_string(&mut out, text);
        }
        if let Some(token) = self.fencing_token {
            out.extend_from_slice(b",\"fencingtoken\":");
            out.extend_from_slice(token.to_string().as_bytes());
        }
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(self.data.as_bytes());
        out.push(b'}');
        String::from_utf8(out).unwrap_or_default()
    }
}

/// The message of a work. Apart from the fencing token, and a phase that a later status has changed, it is the same for
/// every send.
pub(super) fn of_work(row: &WorkRow) -> Effect {
    let envelope = Envelope {
        id: &row.id,
        source: &row.product,
        kind: row.event.kind().name(),
        subject: row.subject.id(),
        time: row.created_at,
        fencing_token: Some(row.token),
        data: row.event.text(),
    };
    Effect {
        id: row.id.clone(),
        product: row.product.clone(),
        path: row.path.clone(),
        dialect: row.dialect.clone(),
        body: envelope.to_json(),
    }
}

/// The message of an event that is the work of no lane.
pub(super) fn of_event(
    route: &Route,
    id: &str,
    kind: &str,
    subject: &str,
    data: &str,
    time: u64,
    token: u64,
) -> Effect {
    let fencing_token = Some(token);
    let envelope = Envelope { id, source: &route.product, kind, subject, time, fencing_token, data };
    let body = envelope.to_json();
    Effect {
        id: id.to_string(),
        product: route.product.clone(),
        path: route.path.clone(),
        dialect: route.dialect.name().to_string(),
        body,
    }
}

/// The message of a question.
pub(super) fn of_question(
    route: &Route,
    id: String,
    kind: &str,
    subject: &str,
    data: &str,
    now: u64,
) -> Effect {
    let envelope =
        Envelope { id: &id, source: &route.product, kind, subject, time: now, fencing_token: None, data };
    let body = envelope.to_json();
    Effect {
        id,
        product: route.product.clone(),
        path: route.path.clone(),
        dialect: route.dialect.name().to_string(),
        body,
    }
}
