//! The one activity of notices about orders.

use super::{Order, set};
use crate::Fields;

/// orderNotify.
#[must_use]
pub fn order_notify(order: &Order) -> Fields {
    let mut fields = Fields::new();
    set(&mut fields, "activity", "orderNotify");
    set(&mut fields, "orderId", &*order.order_id);
    set(&mut fields, "orderLineId", order.order_line_id());
    fields
}
