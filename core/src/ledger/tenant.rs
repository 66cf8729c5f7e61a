//! A tenant as a subject: what the backend is told of it, in order, and what the ends of that mean.

use super::admission::Admission;
use super::ending::{self, Fate, Sent, SubjectRow};
use super::lane::{Lane, LaneRow};
use super::row::{TakenIn, TenantRow};
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::dialect::Reply;
use crate::event::Event;
use crate::reason::ReasonCode;

impl LaneRow for TenantRow {
    fn subject(&self) -> Subject {
        Subject::Tenant { tenant: self.tenant.clone(), instance: self.instance.clone() }
    }

    fn product(&self) -> &str {
        &self.product
    }

    fn lane(&self) -> &Lane {
        &self.lane
    }

    fn lane_mut(&mut self) -> &mut Lane {
        &mut self.lane
    }

    /// What is to be told was decided when the call was taken in: whoever is told everything in order knows the rest.
    fn complete(&self, _: &mut Event, _: TakenIn) {}

    fn put(&self, changes: &mut Changes) {
        changes.put(self.key(), self);
    }
}

impl SubjectRow for TenantRow {
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        Ok(ending::of_outbox(self, sent))
    }

    /// Nobody waits: the call was answered when its work was appended.
    fn reply(&self, _: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        (Reply::success(), None)
    }
}
