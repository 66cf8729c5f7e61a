//! What one send of a work comes to, whatever its subject is: the work is over or stays owed, the next one comes to the
//! front, and who waits is answered. What it means for the subject itself, its own row knows.

use alloc::vec::Vec;

use super::admission::Admission;
use super::context::SettlementContext;
use super::decision::{Alarm, Outcome, Settled, Settling};
use super::key;
use super::lane::LaneRow;
use super::lease;
use super::queue::Works;
use super::row::{End, WorkRow};
use super::snapshot::{Changes, Snapshot, Stop};
use crate::dialect::Reply;
use crate::reason::{Reason, ReasonCode};

/// What became of the work.
pub(super) enum Fate {
    /// The work is over and out of its lane, and the row of its subject is put or gone; why that is no success.
    Over(Option<Reason>),
    /// The backend took it in and will say more.
    Accepted,
    /// Nothing came of it, or nothing that the platform would take.
    Failed(Reason),
    /// The send goes on.
    Running,
}

/// A row that knows what the end of a work means for its subject.
pub(super) trait SubjectRow: LaneRow {
    /// Judges the outcome. If the work is over, it is taken out of the lane with [`Sent::finish`], and the row is among the
    /// changes when this returns.
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop>;

    /// What the call gets that waits for the work, by the row as it is now, and why that is no success.
    fn reply(&self, admission: &Admission<'_>) -> (Reply, Option<ReasonCode>);
}

/// One send of a work, and what its settlement changes.
pub(super) struct Sent<'a> {
    pub(super) context: &'a SettlementContext<'a>,
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) work: &'a WorkRow,
    /// Whether the call that began it waits for the answer.
    pub(super) is_awaited: bool,
    pub(super) works: Works,
    pub(super) changes: Changes,
    pub(super) alarms: Vec<Alarm>,
}

impl Sent<'_> {
    /// Takes the work out of its lane; the next one comes to the front.
    pub(super) fn finish(&mut self, row: &mut dyn LaneRow, end: End) {
        self.works.finish(row, &self.work.id, end, self.context.now, &mut self.changes);
    }

    /// Voids the works that are left in the lane.
    pub(super) fn clear(&mut self, row: &mut dyn LaneRow) {
        self.works.clear(row, self.context.now, &mut self.changes);
    }

    pub(super) fn alarm(&mut self, code: &'static str) {
        let instance = self.work.subject.instance().into();
        let tenant = self.work.subject.tenant().into();
        self.alarms.push(Alarm { code: code.into(), instance, tenant });
    }
}

/// What an outcome means for a work of which nobody waits for the answer: the backend is told until it has heard. A refusal
/// ends it, since one message that it will never take must not keep it from hearing the rest.
pub(super) fn of_outbox(row: &mut dyn LaneRow, sent: &mut Sent<'_>) -> Fate {
    let end = match sent.context.outcome {
        Outcome::Done(_) => End::Done,
        Outcome::Refused { .. } => {
            sent.alarm("effect-refused");
            End::Refused
        }
        Outcome::Accepted => return Fate::Accepted,
        Outcome::Failed => return Fate::Failed(ReasonCode::BackendFailed.into()),
        Outcome::Running => return Fate::Running,
    };
    sent.finish(row, end);
    row.put(&mut sent.changes);
    Fate::Over(None)
}

/// Settles one send of a work, which stands at the front of the lane of this row.
pub(super) fn end(
    context: &SettlementContext<'_>,
    snapshot: &Snapshot<'_>,
    mut work: WorkRow,
    row: &mut dyn SubjectRow,
    admission: Option<&Admission<'_>>,
) -> Result<Settled, Stop> {
    let mut sent = Sent {
        context,
        snapshot,
        work: &work,
        is_awaited: admission.is_some(),
        works: Works::load(row.lane(), snapshot)?,
        changes: Changes::default(),
        alarms: Vec::new(),
    };
    let fate = row.settle(&mut sent)?;
    if matches!(&fate, Fate::Failed(reason) if reason.code == ReasonCode::BackendAnswerInvalid) {
        sent.alarm("backend-answer-invalid");
    }
    let Sent { mut changes, alarms, .. } = sent;
    if matches!(fate, Fate::Accepted | Fate::Failed(_)) {
        // The lease is given back at once: the next send is due after its wait, not after what is left of the lease.
        lease::postpone(&mut work, matches!(fate, Fate::Accepted), context.now, &context.seller.settings);
        changes.put(key::work(&work.id), &work);
    }
    let (effect, reason) = match fate {
        Fate::Over(reason) => (Settling::Ended, reason),
        Fate::Failed(reason) => (Settling::Owed, Some(reason)),
        Fate::Accepted | Fate::Running => (Settling::Owed, None),
    };
    // A send that goes on changes nothing: whoever sees its end settles it.
    let is_running = matches!(context.outcome, Outcome::Running);
    let commit = if is_running { Vec::new() } else { snapshot.commit(changes) };
    let (answer, reason) = match admission {
        None => (None, reason),
        Some(admission) => {
            let (reply, reason) = match reason {
                Some(reason) => (Reply::failure(reason.code), Some(reason)),
                None => {
                    let (reply, code) = row.reply(admission);
                    (reply, code.map(Reason::from))
                }
            };
            (Some(admission.answer(&reply, context.entropy)), reason)
        }
    };
    let promoted = effect == Settling::Ended && !row.lane().is_empty();
    let instance = Some(work.subject.instance().into());
    Ok(Settled { answer, instance, commit, effect, promoted, reason, alarms })
}
