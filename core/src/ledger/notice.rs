//! Orders of which the platform sends notices. The backend is told once the call is answered, what is new of one order in
//! its order and what is new of different ones side by side.
//!
//! A notice says that something is new and not what. So one that is owed already says all that another notice of the same
//! line would say, however often the platform calls; once it is delivered, the next call is news again. UNKNOWN in the
//! documents, which say neither when a notice is repeated nor what for.

use alloc::string::{String, ToString};

use super::admission::Admission;
use super::context::DecisionContext;
use super::effect;
use super::ending::{self, Fate, Sent, SubjectRow};
use super::lane::{Lane, LaneRow};
use super::queue::Reservation;
use super::reserve;
use super::row::{NoticeRow, OrderRow, SECOND_FORMAT, TakenIn};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::dialect::Reply;
use crate::event::Event;
use crate::reason::ReasonCode;

impl LaneRow for NoticeRow {
    fn subject(&self) -> Subject {
        Subject::Order(self.order_id.clone())
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

    /// A notice says all that it has to say when it is taken in.
    fn complete(&self, _: &mut Event, _: TakenIn) {}

    fn put(&self, changes: &mut Changes) {
        changes.put(self.key(), self);
    }
}

impl SubjectRow for NoticeRow {
    fn settle(&mut self, sent: &mut Sent<'_>) -> Result<Fate, Stop> {
        Ok(ending::of_outbox(self, sent))
    }

    /// Nobody waits: the call was answered when its work was appended.
    fn reply(&self, _: &Admission<'_>) -> (Reply, Option<ReasonCode>) {
        (Reply::success(), None)
    }
}

pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let found = context.snapshot.get::<NoticeRow>(&admission.notice_key())?;
    let mut row = found.unwrap_or_else(|| NoticeRow {
        format: SECOND_FORMAT,
        product: admission.route.product.clone(),
        order_id: admission.text("order_id").to_string(),
        lane: Lane::default(),
    });
    let line = admission.text("order_line_id");
    // Beside an old handler the seller's application knows already.
    if context.observed || row.lane.has(|queued| queued.operation_id == line) {
        return Ok(Ruling::success());
    }
    let event = match instance_of(context)? {
        Some(instance_id) => effect::event_of(&admission.call.event, &instance_id),
        None => admission.call.event.clone(),
    };
    let reservation = Reservation { operation_id: line.to_string(), ..Reservation::default() };
    let mut changes = Changes::default();
    reserve::owe(context, &mut row, reservation, event, &mut changes);
    row.put(&mut changes);
    Ok(Ruling::success().changing(changes))
}

/// The instance of the order, where the product's ledger knows the order.
fn instance_of(context: &DecisionContext<'_>) -> Result<Option<String>, Stop> {
    for key in context.admission.noticed_orders() {
        if let Some(order) = context.snapshot.get::<OrderRow>(&key)? {
            return Ok(Some(order.instance));
        }
    }
    Ok(None)
}
