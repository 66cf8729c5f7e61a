//! A lane: the works of one subject in their order. Only the one at the front is leased and sent.
//!
//! A lane is two members of the row of its subject. The row of each work says for itself who runs it; here stands only in
//! what order they come, and how far the fencing tokens have gone.

use alloc::string::String;
use alloc::vec::Vec;

use super::row::codec::record;
use super::row::{TakenIn, WorkRow};

use super::snapshot::Changes;
use super::subject::Subject;
use crate::event::{Event, EventKind, InstanceEvent};

record! {
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    Lane {
        /// The highest fencing token of a work that is over.
        token: u64,
        /// Works that are not over, in order.
        queue: Vec<Queued>,
    }
}

record! {
    /// A work in a lane.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Queued {
        id: String,
        /// The kind of its event, by name.
        kind: String,
        /// What makes two calls the same that happen once: of a renewal or an upgrade; empty for the rest.
        operation_id as once: String,
        /// The time of its field before it was reserved: a refusal restores it.
        [sparse] before: Option<u64>,
    }
}

impl Queued {
    pub(crate) fn is(&self, kind: impl Into<EventKind>) -> bool {
        self.kind == kind.into().name()
    }

    pub(crate) fn is_status(&self) -> bool {
        self.is(InstanceEvent::Freeze) || self.is(InstanceEvent::Unfreeze)
    }
}

impl Lane {
    /// An empty lane whose tokens go on from here.
    pub(crate) const fn from_token(token: u64) -> Self {
        Self { token, queue: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The work whose turn it is.
    pub(crate) fn front(&self) -> Option<&Queued> {
        self.queue.first()
    }

    pub(crate) fn get(&self, effect_id: &str) -> Option<&Queued> {
        self.queue.iter().find(|queued| queued.id == effect_id)
    }

    pub(crate) fn has(&self, is: impl Fn(&Queued) -> bool) -> bool {
        self.queue.iter().any(is)
    }

    /// The token with which a work comes to the front; every claim then raises the work's own.
    pub(crate) const fn next_token(&self) -> u64 {
        self.token
    }

    /// Puts a work at the end and says its position: 0 is the front.
    pub(crate) fn append(&mut self, queued: Queued) -> usize {
        let position = self.queue.len();
        self.queue.push(queued);
        position
    }

    /// A work is over. Its tokens are spent: whoever held one is behind whatever comes next.
    pub(crate) fn remove(&mut self, effect_id: &str, spent: u64) {
        self.queue.retain(|queued| queued.id != effect_id);
        self.token = self.token.max(spent);
    }

    /// Lets the work at the front be sent from now on.
    pub(crate) fn promote(&self, work: &mut WorkRow, now: u64) {
        work.queued = false;
        work.token = self.next_token();
        work.next_at = now;
    }
}

/// The row of a subject, as its works see it.
pub(crate) trait LaneRow {
    fn subject(&self) -> Subject;

    fn product(&self) -> &str;

    fn lane(&self) -> &Lane;

    fn lane_mut(&mut self) -> &mut Lane;

    /// Writes into the event of the work at the front what depends on the row, and is known for certain only now that
    /// nothing is before it.
    fn complete(&self, event: &mut Event, taken_in: TakenIn);

    /// Puts the row among the changes, under its key.
    fn put(&self, changes: &mut Changes);

    /// The key of the row.
    fn key(&self) -> String {
        self.subject().key(self.product())
    }
}
