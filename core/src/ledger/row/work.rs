//! One effect that is owed to the seller's backend. Complete in itself: whoever finds it can carry it on.

use alloc::string::String;

use super::codec::{Field, Json, MemberReader, ObjectWriter, Record, record, row, words};
use super::{FORMAT, SECOND_FORMAT};
use crate::event::{Event, EventKind, InstanceEvent};
use crate::ledger::subject::Subject;
use crate::reason::ReasonCode;
use crate::wire::json::{self, Value};

row! {
    /// Its own key is its effect id.
    #[derive(Clone)]
    WorkRow up to SECOND_FORMAT; {
        /// The effect id, which is the `webhook-id`: the same for every send.
        id: String,
        product: String,
        path: String,
        dialect: String,
        /// In whose lane it stands.
        [flat] subject: Subject,
        [flat] event: WorkEvent,
        /// When the platform signed the call.
        signed_at: u64,
        /// When the call was taken in.
        created_at: u64,
        /// The time under which the call counts among those that set the same field.
        [sparse] recorded_at: Option<u64>,
        /// Behind another work of its lane: neither leased nor sent.
        queued: bool,
        /// Raised by every claim, ascending over all works of the lane.
        token: u64,
        /// The request or the timer that holds the lease. Lower-case hex.
        owner: Option<String>,
        /// The lease. `None`: nobody is at work.
        leased_until: Option<u64>,
        /// Sends so far, for the waits between them.
        sends: u32,
        /// When it may be sent again, once nobody holds the lease.
        next_at: u64,
        /// How the last send ended.
        last: Option<Last>,
    }
}

record! {
    /// How a send ended that did not end the work.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    Last {
        at: u64,
        /// The backend said 202; otherwise it failed.
        accepted: bool,
    }
}

/// The event of a work, printed once: the same text stands in the row and in every message. Its kind stands beside it, so
/// that nobody has to read the text who only wants to know what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkEvent {
    kind: EventKind,
    text: Json,
}

impl WorkEvent {
    pub(crate) fn of(event: &Event) -> Self {
        Self { kind: event.kind, text: Json(event.to_json()) }
    }

    pub(crate) const fn kind(&self) -> EventKind {
        self.kind
    }

    /// The event as JSON, to the byte as it is sent.
    pub(crate) fn text(&self) -> &str {
        &self.text.0
    }

    /// The event with its fields.
    ///
    /// # Errors
    /// [`ReasonCode::CorruptRow`] for a text that is no event.
    pub(crate) fn parse(&self) -> Result<Event, ReasonCode> {
        Event::from_json(self.text().as_bytes()).ok_or(ReasonCode::CorruptRow)
    }
}

/// A row that says no `kind` is of release 0.1.0, where the event alone says it.
impl Record for WorkEvent {
    fn write_members(&self, object: &mut ObjectWriter<'_>) {
        object.member("event", &self.text);
        object.member("kind", &self.kind);
    }

    fn read_members(members: &MemberReader<'_>) -> Option<Self> {
        let event = members.find("event")?;
        let kind = members.find("kind").or_else(|| event.get("type"))?;
        Some(Self { kind: EventKind::read(&kind)?, text: Json::read(&event)? })
    }

    fn knows(name: &str) -> bool {
        matches!(name, "event" | "kind")
    }
}

impl Field for EventKind {
    fn write(&self, out: &mut alloc::vec::Vec<u8>) {
        json::push_string(out, self.name());
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        Self::from_name(value.as_str()?)
    }
}

/// When a call was taken in. Milliseconds, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakenIn {
    /// The moment of its reservation.
    pub(crate) at: u64,
    /// The time under which it counts among the calls that set the same field.
    pub(crate) recorded_at: u64,
}

impl TakenIn {
    /// `recorded_at` is by default the lesser of the signed time and the moment itself: a platform's clock that is ahead
    /// makes no later call stale.
    pub(crate) fn new(at: u64, signed_at: u64, recorded_at: Option<u64>) -> Self {
        Self { at, recorded_at: recorded_at.unwrap_or(signed_at.min(at)) }
    }
}

/// The format of a work, and of what is remembered of it: whoever knows the first alone knows instances alone, and of them
/// the events that were there from the beginning.
pub(crate) fn format_of(event: EventKind) -> u8 {
    match event {
        EventKind::Instance(
            InstanceEvent::Subscribe
            | InstanceEvent::Renew
            | InstanceEvent::Upgrade
            | InstanceEvent::CheckChange
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release
            | InstanceEvent::QueryInstances,
        ) => FORMAT,
        EventKind::Instance(InstanceEvent::IssueLicense)
        | EventKind::Order(_)
        | EventKind::Directory(_)
        | EventKind::Account(_) => SECOND_FORMAT,
    }
}

impl WorkRow {
    pub(crate) fn taken_in(&self) -> TakenIn {
        TakenIn::new(self.created_at, self.signed_at, self.recorded_at)
    }
}

row! {
    /// A work that is over.
    EndedWork up to SECOND_FORMAT; {
        product: String,
        [flat] subject: Subject,
        end: End,
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    End {
        Done = "done",
        Refused = "refused",
        /// Another call made it void before it was carried out.
        Superseded = "superseded",
    }
}
