//! What the host gets to carry out: the message, the handle for its settlement, and until when it counts.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::context::DecisionContext;
use super::decision::Assignment;
use super::effect;
use super::row::WorkRow;
use super::subject::Subject;
use super::work::Handle;
use crate::event::Event;
use crate::seller::Settings;

/// One send of a work. `order` is that of its event.
pub(crate) fn of_work(
    work: &WorkRow,
    order: String,
    now: u64,
    answer_by: u64,
    settings: &Settings,
) -> Assignment {
    let subject = work.subject.key(&work.product);
    Assignment {
        work: Handle::Work { effect_id: work.id.clone(), token: work.token, subject }.encode(),
        effect: effect::of_work(work),
        instance: work.subject.instance().to_string(),
        order,
        attempt: work.sends,
        commit: Vec::new(),
        answer_by,
        give_up_at: now.saturating_add(settings.effect_deadline_ms),
        alarms: Vec::new(),
    }
}

/// A question for the call of the context: nothing is reserved for it, and nobody is owed the answer but the call.
pub(crate) fn of_question(
    context: &DecisionContext<'_>,
    subject: &Subject,
    data: &str,
    deadline_ms: u64,
) -> Assignment {
    let kind = context.admission.call.event.kind;
    let id = context.entropy.uuid("effect");
    let answer_by = context.answer_by();
    Assignment {
        work: Handle::Question.encode(),
        effect: effect::of_question(
            context.admission.route,
            id,
            kind.name(),
            subject.id(),
            data,
            context.now,
        ),
        instance: subject.instance().to_string(),
        order: order_of(&context.admission.call.event),
        attempt: 1,
        commit: Vec::new(),
        answer_by,
        give_up_at: context.now.saturating_add(deadline_ms).min(answer_by),
        alarms: Vec::new(),
    }
}

/// The order that an event names; empty where it names none.
pub(crate) fn order_of(event: &Event) -> String {
    event.text("order_id").unwrap_or_default().to_string()
}
