//! An instance on its way out: the line that [`Seller::import_instance`](crate::Seller::import_instance) takes in again.

use alloc::string::String;

use serde::Serialize;

use super::state::State;
use crate::ledger::row::{self, Create, InstanceRow};
use crate::ledger::view::AccessView;
use crate::lifecycle::Phase;
use crate::reason::ReasonCode;

/// What a row gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Export {
    /// An instance that is, or was, open.
    Line {
        /// One JSON object without a line end.
        instance: String,
        /// Effects that are still owed to the backend. They are not in the line: another ledger will not send them.
        owed: u64,
    },
    /// An instance that is not open yet; a later call opens it.
    Unopened,
}

#[derive(Serialize)]
struct Line<'a> {
    product: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_line_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a str>,
    instance_id: &'a str,
    phase: Phase,
    /// The phase does not say it while the instance is frozen.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    trial: bool,
    expire_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sku_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charging_mode: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<AccessView>,
    state: State,
}

/// The line of an instance row. Access data, passwords among them, are in it only if asked for; an open instance cannot
/// be imported without them.
///
/// # Errors
/// [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
pub fn export_instance(row: &[u8], with_access: bool) -> Result<Export, ReasonCode> {
    let row: InstanceRow = row::decode(row)?;
    if row.create != Create::Completed {
        return Ok(Export::Unopened);
    }
    let phase = row.phase();
    let line = Line {
        product: &row.product,
        order_id: &row.order_id,
        order_line_id: row.order_line_id.as_deref(),
        product_id: row.product_id.as_deref(),
        instance_id: &row.id,
        phase,
        trial: row.trial && phase != Phase::Trial,
        expire_time: row.expire_time,
        customer_id: row.customer_id.as_deref(),
        sku_code: row.sku_code.as_deref(),
        charging_mode: row.charging_mode.as_deref(),
        access: row.access.clone().filter(|_| with_access).map(AccessView::from),
        state: State::of(&row),
    };
    let instance = serde_json::to_string(&line).map_err(|_| ReasonCode::Internal)?;
    let owed = u64::try_from(row.queue.len()).unwrap_or(u64::MAX);
    Ok(Export::Line { instance, owed })
}
