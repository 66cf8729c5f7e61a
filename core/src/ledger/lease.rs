//! Who runs a work, and when it is sent again. All of it stands in the row of the work: whoever finds one needs no other.

use alloc::string::ToString;

use super::instant;
use super::row::{Last, WorkRow};
use crate::seller::Settings;

/// Leases a work to somebody: a request or a timer, in lower-case hex. Every lease has a token of its own, so that a worker
/// that was thought dead and comes back late is told from the one that took its place.
pub(crate) fn claim(work: &mut WorkRow, owner: &str, now: u64, settings: &Settings) {
    work.token = work.token.saturating_add(1);
    work.owner = Some(owner.to_string());
    work.leased_until = Some(now.saturating_add(settings.lease_ms));
    work.sends = work.sends.saturating_add(1);
}

/// Whether whoever sent the work under this token may still settle it. A backend that reports by itself has none.
pub(crate) fn is_current(work: &WorkRow, token: Option<u64>) -> bool {
    !work.queued && token.is_none_or(|token| token == work.token)
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
pub(crate) fn is_leased(work: &WorkRow, now: u64, settings: &Settings) -> bool {
    work.leased_until.is_some() && due_at(work, now, settings) > now
}

/// How a call stands to a work that exists already.
pub(crate) enum Join {
    /// The call's own reservation: an earlier commit of it held.
    Mine,
    /// Somebody is at work: wait until then.
    Wait(u64),
    /// The work is not finished; the call gets what the table says.
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
    // A send that ended while the call waited is the one that it waited for; an older one is no reason not to try again.
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
