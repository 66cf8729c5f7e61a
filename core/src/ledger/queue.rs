//! The works of one instance: a queue in its row, each work a row of its own. Only the first is leased and sent.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::decision::Assignment;
use super::effect;
use super::instant;
use super::key;
use super::row::{Create, End, EndedWork, FORMAT, InstanceRow, Json, Last, Queued, WorkRow};
use super::snapshot::{Changes, Snapshot, Stop};
use super::work::Handle;
use crate::event::{Datum, Event};
use crate::seller::Settings;

/// So long the end of a work is remembered for a backend that reports it again: 7 days.
const REPORT_MS: u64 = 604_800_000;

/// An instance row and the rows of its works, loaded together.
pub(crate) struct Queue {
    pub(crate) instance: InstanceRow,
    pub(crate) works: Vec<WorkRow>,
}

impl Queue {
    /// Loads every work of the instance.
    pub(crate) fn load(instance: InstanceRow, snapshot: &Snapshot<'_>) -> Result<Self, Stop> {
        let keys: Vec<String> = instance.queue.iter().map(|queued| key::work(&queued.id)).collect();
        let works = snapshot.existing(&keys)?;
        Ok(Self { instance, works })
    }

    /// The work in the queue for which `is` holds, the last of several.
    pub(crate) fn find(&self, is: impl Fn(&Queued) -> bool) -> Option<&WorkRow> {
        let queued = self.instance.queue.iter().rev().find(|queued| is(queued))?;
        self.works.iter().find(|work| work.id == queued.id)
    }

    /// Removes the works for which `is` holds and that nobody runs; what they would have done is void.
    pub(crate) fn remove_idle(
        &mut self,
        now: u64,
        settings: &Settings,
        changes: &mut Changes,
        is: impl Fn(&Queued) -> bool,
    ) {
        let queue = core::mem::take(&mut self.instance.queue);
        for queued in queue {
            let idle = self.works.iter().any(|work| work.id == queued.id && !is_leased(work, now, settings));
            if idle && is(&queued) {
                self.end(&queued.id, End::Superseded, now, changes);
            } else {
                self.instance.queue.push(queued);
            }
        }
        self.promote(now, changes);
    }

    /// Takes the first work out: it is over.
    pub(crate) fn finish(&mut self, effect_id: &str, end: End, now: u64, changes: &mut Changes) {
        self.instance.queue.retain(|queued| queued.id != effect_id);
        self.end(effect_id, end, now, changes);
        self.promote(now, changes);
    }

    /// Removes whatever is left: the instance will never be.
    pub(crate) fn clear(&mut self, now: u64, changes: &mut Changes) {
        for queued in core::mem::take(&mut self.instance.queue) {
            self.end(&queued.id, End::Superseded, now, changes);
        }
    }

    fn end(&mut self, effect_id: &str, end: End, now: u64, changes: &mut Changes) {
        if let Some(at) = self.works.iter().position(|work| work.id == effect_id) {
            let work = self.works.remove(at);
            self.instance.token = self.instance.token.max(work.token);
        }
        let ended = EndedWork {
            format: FORMAT,
            product: self.instance.product.clone(),
            instance: self.instance.id.clone(),
            end,
        };
        changes.delete(key::work(effect_id));
        changes.put_until(key::report(effect_id), &ended, now.saturating_add(REPORT_MS));
    }

    /// The first work, if it stood behind another so far, may be sent now.
    fn promote(&mut self, now: u64, changes: &mut Changes) {
        let Some(first) = self.instance.queue.first() else { return };
        let token = self.instance.token;
        if let Some(work) = self.works.iter_mut().find(|work| work.id == first.id && work.queued) {
            work.queued = false;
            work.token = token;
            work.next_at = now;
            if let Some(event) = Event::from_json(work.event.get().as_bytes()) {
                address(&self.instance, work, event);
            }
            changes.put(key::work(&work.id), work);
        }
    }

    /// Puts a work at the end: leased at once when it is the first, otherwise it waits its turn.
    pub(crate) fn append(
        &mut self,
        mut work: WorkRow,
        event: Event,
        queued: Queued,
        owner: &Owner<'_>,
        changes: &mut Changes,
    ) -> Option<WorkRow> {
        work.queued = !self.instance.queue.is_empty();
        work.token = self.instance.token;
        self.instance.queue.push(queued);
        if work.queued {
            work.event = Json(event.to_json());
            self.restate(changes);
        } else {
            address(&self.instance, &mut work, event);
            claim(&mut work, owner.request, owner.now, owner.settings);
        }
        changes.put(key::work(&work.id), &work);
        (!work.queued).then_some(work)
    }

    /// A status or a release that was taken in meanwhile is in the phase that the first work names when it is sent
    /// again: it counts from its reservation, and the backend hears no phase that the ledger has left behind.
    fn restate(&mut self, changes: &mut Changes) {
        let Some(first) = self.instance.queue.first() else { return };
        let Some(work) = self.works.iter_mut().find(|work| work.id == first.id && !work.queued) else {
            return;
        };
        let Some(event) = Event::from_json(work.event.get().as_bytes()) else { return };
        if event.text("phase") != Some(self.instance.state().after(work.as_move(&event)).phase().name()) {
            address(&self.instance, work, event);
            changes.put(key::work(&work.id), work);
        }
    }
}

/// Who takes a work, when, and for how long.
pub(crate) struct Owner<'a> {
    /// The request or the timer. Lower-case hex.
    pub(crate) request: &'a str,
    pub(crate) now: u64,
    pub(crate) settings: &'a Settings,
}

/// Writes what the backend is told once the work is at the front: the phase in which the ledger will be when it is carried
/// out, and, where the instance is not adopted yet, that the backend is asked whether it knows it. Works behind it need
/// not ask: once they are sent it does.
fn address(instance: &InstanceRow, work: &mut WorkRow, mut event: Event) {
    let phase = instance.state().after(work.as_move(&event)).phase();
    event.set("phase", Datum::Text(phase.name().to_string()));
    if instance.create == Create::Adopting {
        event.set("adopted", Datum::Flag(true));
    }
    work.event = Json(event.to_json());
}

/// Leases a work to somebody.
pub(crate) fn claim(work: &mut WorkRow, owner: &str, now: u64, settings: &Settings) {
    work.token = work.token.saturating_add(1);
    work.owner = Some(owner.to_string());
    work.leased_until = Some(now.saturating_add(settings.lease_ms));
    work.sends = work.sends.saturating_add(1);
}

/// The send is over, the work is not: it is sent again after a while.
pub(crate) fn postpone(work: &mut WorkRow, accepted: bool, now: u64, settings: &Settings) {
    work.owner = None;
    work.leased_until = None;
    work.last = Some(Last { at: now, accepted });
    work.next_at = now.saturating_add(wait_after(work.sends, settings));
}

/// The wait after so many sends: 1, 2, 4 … seconds.
fn wait_after(sends: u32, settings: &Settings) -> u64 {
    let doublings = sends.saturating_sub(1).min(31);
    1_000_u64.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(settings.resend_limit_ms)
}

/// When a work at the front may be sent next: after the lease that somebody holds, or after the wait for the next send.
pub(crate) fn due_at(work: &WorkRow, now: u64, settings: &Settings) -> u64 {
    match work.leased_until {
        Some(until) => instant::end(until, settings.lease_ms, now),
        None => instant::end(work.next_at, wait_after(work.sends, settings), now),
    }
}

/// Whether somebody is at work on it.
fn is_leased(work: &WorkRow, now: u64, settings: &Settings) -> bool {
    work.leased_until.is_some() && due_at(work, now, settings) > now
}

/// What the host gets to carry out.
pub(crate) fn assignment(work: &WorkRow, now: u64, answer_by: u64, settings: &Settings) -> Assignment {
    let event = Event::from_json(work.event.get().as_bytes());
    Assignment {
        work: Handle::Work { effect_id: work.id.clone(), token: Some(work.token) }.encode(),
        effect: effect::of_work(work, event.as_ref().map_or("", |event| event.kind.name())),
        instance: work.instance.clone(),
        order: order_of(event.as_ref()),
        attempt: work.sends,
        commit: Vec::new(),
        answer_by,
        give_up_at: now.saturating_add(settings.effect_deadline_ms),
        alarms: Vec::new(),
    }
}

/// The order that an event names; empty where it names none.
pub(crate) fn order_of(event: Option<&Event>) -> String {
    event.and_then(|event| event.text("order_id")).unwrap_or_default().to_string()
}

/// How a call stands to a work that exists already.
pub(crate) enum Join {
    /// The call's own reservation: an earlier commit of it held.
    Mine,
    /// Somebody is at work: wait until then.
    Wait(u64),
    /// Not finished; the call gets what the table says.
    Unfinished,
    /// The send that the call was waiting for failed.
    Failed,
    /// Nobody is at work: the call takes it up.
    TakeUp,
}

/// A call that meets a work which exists already.
pub(crate) struct Waiter<'a> {
    pub(crate) request: &'a str,
    pub(crate) received_at: u64,
    /// Its answer leaves by then.
    pub(crate) answer_by: u64,
}

/// Judges a work for such a call.
pub(crate) fn join(work: &WorkRow, call: &Waiter<'_>, now: u64, settings: &Settings) -> Join {
    if work.queued {
        return Join::Unfinished;
    }
    if is_leased(work, now, settings) {
        let patience = call.received_at.saturating_add(settings.duplicate_wait_ms).min(call.answer_by);
        return if work.owner.as_deref() == Some(call.request) {
            Join::Mine
        } else if now < patience && !instant::is_future(call.received_at, now) {
            Join::Wait(due_at(work, now, settings).min(patience))
        } else {
            Join::Unfinished
        };
    }
    match work.last {
        Some(last) if instant::is_since(last.at, call.received_at, now) => {
            if last.accepted {
                Join::Unfinished
            } else {
                Join::Failed
            }
        }
        _ => Join::TakeUp,
    }
}
