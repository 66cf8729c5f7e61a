//! A tenant as a subject: what the backend is told of it, in order, and what the ends of that mean.

use super::admission::Admission;
use super::decision::Outcome;
use super::ending::{Fate, Sent, SubjectRow};
use super::lane::{Lane, LaneRow};
use super::row::{End, TakenIn, TenantRow};
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
    /// A refusal ends the work as well: one bad record must not stop a tenant.
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        let end = match sent.context.outcome {
            Outcome::Done(_) => End::Done,
            Outcome::Refused { .. } => End::Refused,
            Outcome::Accepted => return Ok(Fate::Accepted),
            Outcome::Failed => return Ok(Fate::Failed(ReasonCode::BackendFailed.into())),
            Outcome::Running => return Ok(Fate::Running),
        };
        if end == End::Refused {
            sent.alarm("effect-refused");
        }
        sent.finish(self, end);
        self.put(&mut sent.changes);
        Ok(Fate::Over(None))
    }

    /// Nobody waits: the call was answered when its work was appended.
    fn reply(&self, _: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        (Reply::success(), None)
    }
}
