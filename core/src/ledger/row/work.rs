//! One effect that is owed to the seller's backend. Complete in itself: whoever finds it can carry it on.

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkRow {
    pub(crate) format: u8,
    /// The effect id, which is the `webhook-id`: the same for every send.
    pub(crate) id: String,
    pub(crate) product: String,
    pub(crate) path: String,
    pub(crate) dialect: String,
    pub(crate) instance: String,
    /// The event as JSON, with the instance id and the resulting phase.
    pub(crate) event: Box<RawValue>,
    /// When the platform signed the call.
    pub(crate) signed_at: u64,
    pub(crate) created_at: u64,
    /// Behind another work of the instance: neither leased nor sent.
    pub(crate) queued: bool,
    /// Raised by every claim, ascending over all works of the instance.
    pub(crate) token: u64,
    /// The request or the timer that holds the lease. Lower-case hex.
    pub(crate) owner: Option<String>,
    /// The lease. `None`: nobody is at work.
    pub(crate) leased_until: Option<u64>,
    /// Sends so far, for the waits between them.
    pub(crate) sends: u32,
    /// Not sent again before.
    pub(crate) next_at: u64,
    /// How the last send ended.
    pub(crate) last: Option<Last>,
}

/// How a send ended that did not end the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Last {
    pub(crate) at: u64,
    /// The backend said 202; otherwise it failed.
    pub(crate) accepted: bool,
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

/// A work that is over.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EndedWork {
    pub(crate) format: u8,
    pub(crate) product: String,
    pub(crate) instance: String,
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    Done,
    Refused,
    /// Another call made it void before it was carried out.
    Superseded,
}
