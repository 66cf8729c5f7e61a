//! One effect that is owed to the seller's backend. Complete in itself: whoever finds it can carry it on.

use alloc::string::String;

use super::codec::{Json, record, row, words};
use crate::event::Event;
use crate::lifecycle::Move;

row! {
    /// Its own key is its effect id.
    #[derive(Clone)]
    WorkRow {
        /// The effect id, which is the `webhook-id`: the same for every send.
        id: String,
        product: String,
        path: String,
        dialect: String,
        instance: String,
        /// The event as JSON, with the instance id and, once the work has come to the front, the resulting phase.
        event: Json,
        /// When the platform signed the call.
        signed_at: u64,
        /// When the call was taken in.
        created_at: u64,
        /// The time under which the call counts among those that set the same field.
        [sparse] recorded_at: Option<u64>,
        /// Behind another work of the instance: neither leased nor sent.
        queued: bool,
        /// Raised by every claim, ascending over all works of the instance.
        token: u64,
        /// The request or the timer that holds the lease. Lower-case hex.
        owner: Option<String>,
        /// The lease. `None`: nobody is at work.
        leased_until: Option<u64>,
        /// Sends so far, for the waits between them.
        sends: u32,
        /// Not sent again before.
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

impl WorkRow {
    /// The call as a move of the instance.
    pub(crate) fn as_move<'e>(&self, event: &'e Event) -> Move<'e> {
        Move { event, taken_in_at: self.created_at, recorded_at: self.recorded_at() }
    }

    /// The time under which the call counts: that of its reservation, or what it is by default.
    pub(crate) fn recorded_at(&self) -> u64 {
        self.recorded_at.unwrap_or(self.signed_at.min(self.created_at))
    }
}

row! {
    /// A work that is over.
    EndedWork {
        product: String,
        instance: String,
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
