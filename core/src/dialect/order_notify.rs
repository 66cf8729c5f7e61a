//! orderNotify: the platform tells that something about an order is new (KooGallery, order notification). The call is signed
//! by V2 and names the order and its line, nothing else: what the order holds is asked of the order query.

use super::Interface;
use super::fields::Syntax::Key;
use super::fields::{Activity, Meaning, optional, required};
use super::v2::V2;
use crate::config::{Problems, Table};
use crate::event::{EventKind, OrderEvent};

/// POST JSON with `signature`, `timestamp` and `nonce` in the query string, under a key of the generic type.
pub(super) static ORDER_NOTIFY: V2 = V2 {
    name: "order-notify",
    interface: Interface::Generic,
    activities: ACTIVITIES,
    own: read_own,
    instances: None,
};

static ACTIVITIES: &[Activity] = &[Activity {
    wire: "orderNotify",
    meaning: Meaning::Is(EventKind::Order(OrderEvent::Changed)),
    fields: &[
        required("orderId", "order_id", Key),
        // The table says mandatory; an order that has no lines has nothing to say here.
        optional("orderLineId", "order_line_id", Key),
    ],
}];

/// Reads `order_query` (off): whether the order is read before the backend is told. It needs calls to the platform, which
/// this version does not make: whoever asks for it is told so rather than given effects without the order.
fn read_own(table: &mut Table<'_>, problems: &mut Problems) {
    if table.flag("order_query", false, problems) {
        problems.add(
            &table.at("order_query"),
            "conflict",
            "needs [openapi], which this version does not have",
        );
    }
}
