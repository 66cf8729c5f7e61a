//! A call takes its place in a lane, or meets a work there that is its own already. The reservation is committed before
//! anything is sent, so that no crash and no rival makes a second effect out of one call.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::assignment::{self, order_of};
use super::context::DecisionContext;
use super::key;
use super::lane::LaneRow;
use super::lease::{self, Join, Waiter};
use super::queue::{NewWork, Reservation, Works};
use super::row::WorkRow;
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use crate::event::Event;
use crate::reason::ReasonCode;

/// Appends a work for the call and has it performed at once, if it is at the front; else the call gets `unfinished`. The
/// row is put in any case.
pub(crate) fn append(
    context: &DecisionContext<'_>,
    row: &mut dyn LaneRow,
    mut works: Works,
    reservation: Reservation,
    event: Event,
    mut changes: Changes,
    unfinished: Ruling,
) -> Ruling {
    let order = order_of(&event);
    let mut work = works.append(row, new_work(context, event), reservation, &mut changes);
    if !work.queued {
        lease::claim(&mut work, &context.admission.request, context.now, context.settings);
    }
    changes.put(key::work(&work.id), &work);
    row.put(&mut changes);
    if work.queued { unfinished.changing(changes) } else { perform(context, &work, order, changes) }
}

/// Appends a work that nobody waits for: the call succeeds as soon as the commit holds, and whoever looks for what is owed
/// sends it. The caller puts the row. Works before it are not even loaded: no message of an outbox changes what another
/// says.
pub(crate) fn owe(
    context: &DecisionContext<'_>,
    row: &mut dyn LaneRow,
    reservation: Reservation,
    event: Event,
    changes: &mut Changes,
) {
    let work = Works::default().append(row, new_work(context, event), reservation, changes);
    changes.put(key::work(&work.id), &work);
}

fn new_work(context: &DecisionContext<'_>, event: Event) -> NewWork {
    let admission = context.admission;
    NewWork {
        id: context.entropy.uuid("effect"),
        path: admission.route.path.clone(),
        dialect: admission.route.dialect.name().to_string(),
        event,
        signed_at: admission.call.signed_at,
        created_at: context.now,
    }
}

/// What the call gets whose work exists already.
pub(crate) fn join(
    context: &DecisionContext<'_>,
    row: &dyn LaneRow,
    work: &WorkRow,
    unfinished: Ruling,
) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let waiter = Waiter {
        request: &admission.request,
        received_at: admission.received_at,
        answer_by: context.answer_by(),
    };
    let order = || Ok::<String, Stop>(order_of(&work.event.parse()?));
    Ok(match lease::join(work, &waiter, context.now, context.settings) {
        Join::Mine => perform(context, work, order()?, Changes::default()),
        Join::Wait(until) => Ruling::Wait { keys: Vec::from([key::work(&work.id), row.key()]), until },
        Join::Unfinished => unfinished,
        Join::Failed => Ruling::refuse(ReasonCode::BackendFailed),
        Join::TakeUp => {
            let mut taken = work.clone();
            lease::claim(&mut taken, &admission.request, context.now, context.settings);
            let mut changes = Changes::default();
            changes.put(key::work(&taken.id), &taken);
            perform(context, &taken, order()?, changes)
        }
    })
}

fn perform(context: &DecisionContext<'_>, work: &WorkRow, order: String, changes: Changes) -> Ruling {
    let answer_by = context.answer_by();
    Ruling::Perform {
        assignment: assignment::of_work(work, order, context.now, answer_by, context.settings),
        changes,
    }
}
