//! Orders of which the platform sends notices. The backend is told once the call is answered, what is new of one order in
//! its order and what is new of different ones side by side.
//!
//! A notice says that something is new and not what. So one that is owed already says all that another notice of the same
//! line would say, however often the platform calls; once it is delivered, the next call is news again. UNKNOWN in the
//! documents, which say neither when a notice is repeated nor what for.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::admission::Admission;
use super::context::DecisionContext;
use super::effect;
use super::ending::{self, Fate, Sent, SubjectRow};
use super::key::{self, Space};
use super::lane::{Lane, LaneRow};
use super::queue::{Reservation, Works};
use super::reserve;
use super::row::{NoticeRow, OrderRow, SECOND_FORMAT, TakenIn};
use super::ruling::Ruling;
use super::snapshot::{Changes, Stop};
use super::subject::Subject;
use crate::dialect::{OrderKey, Reply};
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

/// The rows with which the decision begins: what is owed of the order, and who may know its instance.
pub(super) fn keys(admission: &Admission<'_>) -> Vec<String> {
    let mut keys = Vec::from([row_key(admission)]);
    keys.extend(order_keys(admission));
    keys
}

fn row_key(admission: &Admission<'_>) -> String {
    key::notice(&admission.route.product, admission.text("order_id"))
}

/// Under what dialects with instances may remember the order: by its line, or by itself. Which price level of an order of
/// pay-per-use items is meant, a notice does not say.
fn order_keys(admission: &Admission<'_>) -> impl Iterator<Item = String> {
    let order = admission.text("order_id").to_string();
    let line = admission.call.event.text("order_line_id");
    let by_line = line.map(|line| OrderKey::Line(order.clone(), line.to_string()));
    let by_itself = OrderKey::Order(order);
    let keys = by_line.into_iter().chain([by_itself]);
    keys.map(|order| key::order(Space::Production, &admission.route.product, &order))
}

pub(super) fn decide(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    let admission = context.admission;
    let found = context.snapshot.get::<NoticeRow>(&row_key(admission))?;
    let mut row = found.unwrap_or_else(|| NoticeRow {
        format: SECOND_FORMAT,
        product: admission.route.product.clone(),
        order_id: admission.text("order_id").to_string(),
        lane: Lane::default(),
    });
    let line = admission.text("order_line_id");
    if row.lane.has(|queued| queued.operation_id == line) {
        return Ok(Ruling::success());
    }
    let event = match instance_of(context)? {
        Some(instance_id) => effect::event_of(&admission.call.event, &instance_id),
        None => admission.call.event.clone(),
    };
    let reservation = Reservation { operation_id: line.to_string(), ..Reservation::default() };
    // Those before it are not even loaded: no notice changes what another says.
    Ok(reserve::owe(context, &mut row, Works::default(), reservation, event, Changes::default()))
}

/// The instance of the order, where the product's ledger knows the order.
fn instance_of(context: &DecisionContext<'_>) -> Result<Option<String>, Stop> {
    for key in order_keys(context.admission) {
        if let Some(order) = context.snapshot.get::<OrderRow>(&key)? {
            return Ok(Some(order.instance));
        }
    }
    Ok(None)
}
