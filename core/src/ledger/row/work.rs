//! One effect that is owed to the seller's backend. Complete in itself: whoever finds it can carry it on.

use alloc::string::String;

use super::codec::{Json, record, row, words};

row! {
    format 1;
    #[derive(Debug, Clone)]
    pub(crate) struct WorkRow {
        /// The effect id, which is the `webhook-id`: the same for every send.
        id: String,
        product: String,
        path: String,
        dialect: String,
        instance: String,
        /// The event as JSON, with the instance id and the resulting phase.
        event: Json,
        /// When the platform signed the call.
        signed_at: u64,
        created_at: u64,
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
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) struct Last {
        at: u64,
        /// The backend said 202; otherwise it failed.
        accepted: bool,
    }
}

impl WorkRow {
    /// Whether somebody is at work on it.
    pub(crate) fn is_leased(&self, now: u64) -> bool {
        self.leased_until.is_some_and(|until| until > now)
    }

    /// When it may be sent next: after the lease that somebody holds, or after the wait for the next send.
    pub(crate) fn due_at(&self) -> u64 {
        self.leased_until.unwrap_or(self.next_at)
    }
}

row! {
    format 1;
    /// A work that is over.
    #[derive(Debug)]
    pub(crate) struct EndedWork {
        product: String,
        instance: String,
        end: End,
    }
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum End {
        Done = "done",
        Refused = "refused",
        /// Another call made it void before it was carried out.
        Superseded = "superseded",
    }
}
