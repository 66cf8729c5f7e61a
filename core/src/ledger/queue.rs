//! The works of a lane and what becomes of them together: the row of the subject says their order, each work is a row of
//! its own.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::key;
use super::lane::{Lane, LaneRow, Queued};
use super::lease;

use super::row::{End, EndedWork, FORMAT, TakenIn, WorkEvent, WorkRow, format_of};
use super::snapshot::{Changes, Snapshot, Stop};
use crate::event::Event;
use crate::seller::Settings;

/// So long the end of a work is remembered for a backend that reports it again: 7 days.
const REPORT_MS: u64 = 604_800_000;

/// The rows of the works of one lane, as far as they are loaded.
#[derive(Debug, Default)]
pub(crate) struct Works(Vec<WorkRow>);

/// A work that has no place in a lane yet.
#[derive(Debug)]
pub(crate) struct NewWork {
    /// The effect id that it has for ever.
    pub(crate) id: String,
    /// The route that took the call in.
    pub(crate) path: String,
    pub(crate) dialect: String,
    pub(crate) event: Event,
    pub(crate) signed_at: u64,
    pub(crate) created_at: u64,
}

/// How a call stands among those of its subject.
#[derive(Debug, Default)]
pub(crate) struct Reservation {
    /// The identity of a renewal or an upgrade.
    pub(crate) operation_id: String,
    /// The time of its field before.
    pub(crate) before: Option<u64>,
    /// The time under which it counts; by default the lesser of signed time and now.
    pub(crate) recorded_at: Option<u64>,
}

impl Works {
    /// Loads every work of the lane.
    pub(crate) fn load(lane: &Lane, snapshot: &Snapshot<'_>) -> Result<Self, Stop> {
        let keys: Vec<String> = lane.queue.iter().map(|queued| key::work(&queued.id)).collect();
        snapshot.existing(&keys).map(Self)
    }

    /// The work in the lane for which `is` holds, the last of several.
    pub(crate) fn find(&self, lane: &Lane, is: impl Fn(&Queued) -> bool) -> Option<&WorkRow> {
        let queued = lane.queue.iter().rev().find(|queued| is(queued))?;
        self.0.iter().find(|work| work.id == queued.id)
    }

    /// Removes the works for which `is` holds and that nobody runs: what they would have done is void. One that is under way
    /// stays, since nobody can call it back.
    pub(crate) fn remove_idle(
        &mut self,
        row: &mut dyn LaneRow,
        now: u64,
        settings: &Settings,
        changes: &mut Changes,
        is: impl Fn(&Queued) -> bool,
    ) {
        let idle =
            |id: &str| self.0.iter().any(|work| work.id == id && !lease::is_leased(work, now, settings));
        let removed: Vec<String> = row
            .lane()
            .queue
            .iter()
            .filter(|queued| is(queued) && idle(&queued.id))
            .map(|queued| queued.id.clone())
            .collect();
        for id in removed {
            self.end(row, &id, End::Superseded, now, changes);
        }
        self.promote(row, now, changes);
    }

    /// Takes a work out of its lane: it is over, and the next one comes to the front.
    pub(crate) fn finish(
        &mut self,
        row: &mut dyn LaneRow,
        effect_id: &str,
        end: End,
        now: u64,
        changes: &mut Changes,
    ) {
        self.end(row, effect_id, end, now, changes);
        self.promote(row, now, changes);
    }

    /// Removes whatever is left, without regard to who runs it: the subject will never be.
    pub(crate) fn clear(&mut self, row: &mut dyn LaneRow, now: u64, changes: &mut Changes) {
        let left: Vec<String> = row.lane().queue.iter().map(|queued| queued.id.clone()).collect();
        for id in left {
            self.end(row, &id, End::Superseded, now, changes);
        }
    }

    /// Puts a work at the end of the lane and gives its row, which the caller writes. At the front it may be leased and
    /// sent at once; otherwise it waits its turn.
    pub(crate) fn append(
        &mut self,
        row: &mut dyn LaneRow,
        work: NewWork,
        reservation: Reservation,
        changes: &mut Changes,
    ) -> WorkRow {
        let NewWork { id, path, dialect, mut event, signed_at, created_at } = work;
        let Reservation { operation_id, before, recorded_at } = reservation;
        let format = format_of(event.kind);
        let kind = event.kind.name().to_string();
        let waits = row.lane_mut().append(Queued { id: id.clone(), kind, operation_id, before }) > 0;
        if waits {
            self.restate(row, changes);
        } else {
            row.complete(&mut event, TakenIn::new(created_at, signed_at, recorded_at));
        }
        WorkRow {
            format,
            id,
            product: row.product().to_string(),
            path,
            dialect,
            subject: row.subject(),
            event: WorkEvent::of(&event),
            signed_at,
            created_at,
            recorded_at,
            queued: waits,
            token: row.lane().next_token(),
            owner: None,
            leased_until: None,
            sends: 0,
            next_at: created_at,
            last: None,
        }
    }

    fn end(&mut self, row: &mut dyn LaneRow, effect_id: &str, end: End, now: u64, changes: &mut Changes) {
        let at = self.0.iter().position(|work| work.id == effect_id);
        let (spent, format) = at.map_or((0, FORMAT), |at| {
            let work = self.0.remove(at);
            (work.token, work.format)
        });
        row.lane_mut().remove(effect_id, spent);
        let (product, subject) = (row.product().to_string(), row.subject());
        changes.delete(key::work(effect_id));
        let ended = EndedWork { format, product, subject, end };
        changes.put_until(key::report(effect_id), &ended, now.saturating_add(REPORT_MS));
    }

    /// The first work, if it stood behind another so far, may be sent now.
    fn promote(&mut self, row: &dyn LaneRow, now: u64, changes: &mut Changes) {
        let Some(work) = self.front(row.lane()).filter(|work| work.queued) else { return };
        row.lane().promote(work, now);
        state(row, work);
        changes.put(key::work(&work.id), work);
    }

    /// What a call that waits has set already is in the event of the first work too when that is sent again: the backend
    /// hears of no state that the ledger has left behind.
    fn restate(&mut self, row: &dyn LaneRow, changes: &mut Changes) {
        let Some(work) = self.front(row.lane()).filter(|work| !work.queued) else { return };
        if state(row, work) {
            changes.put(key::work(&work.id), work);
        }
    }

    fn front(&mut self, lane: &Lane) -> Option<&mut WorkRow> {
        let first = lane.front()?;
        self.0.iter_mut().find(|work| work.id == first.id)
    }
}

/// Writes anew what the backend is told, by the row as it is now; says whether that is something else than before. An event
/// that cannot be read stays as it is: whoever claims the work finds the damage.
fn state(row: &dyn LaneRow, work: &mut WorkRow) -> bool {
    let Ok(mut event) = work.event.parse() else { return false };
    row.complete(&mut event, work.taken_in());
    let before = core::mem::replace(&mut work.event, WorkEvent::of(&event));
    before != work.event
}
