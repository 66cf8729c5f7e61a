//! An instance on its way out: the line that [`Seller::import_instance`](crate::Seller::import_instance) takes in again.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::state::State;
use crate::ledger::row::codec::{ObjectWriter, record};
use crate::ledger::row::{self, Access, Create, InstanceRow};
use crate::lifecycle::Phase;
use crate::reason::ReasonCode;

/// What an export makes of a row.
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
    let mut out = Vec::with_capacity(512);
    write_line(&row, with_access, &mut out);
    let instance = String::from_utf8(out).map_err(|_| ReasonCode::Internal)?;
    let owed = u64::try_from(row.lane.queue.len()).unwrap_or(u64::MAX);
    Ok(Export::Line { instance, owed })
}

fn write_line(row: &InstanceRow, with_access: bool, out: &mut Vec<u8>) {
    let phase = row.phase();
    let mut line = ObjectWriter::open(out);
    line.member("product", &row.product);
    if !row.order_id.is_empty() {
        line.member("order_id", &row.order_id);
    }
    line.sparse_member("order_line_id", &row.order_line_id);
    line.sparse_member("product_id", &row.product_id);
    line.member("instance_id", &row.id);
    line.member("phase", &phase.name().to_string());
    // The phase does not say it while the instance is frozen.
    if row.trial && phase != Phase::Trial {
        line.member("trial", &true);
    }
    line.member("expire_time", &row.expire_time);
    line.sparse_member("customer_id", &row.customer_id);
    line.sparse_member("sku_code", &row.sku_code);
    line.sparse_member("charging_mode", &row.charging_mode);
    if let Some(access) = row.access.as_ref().filter(|_| with_access) {
        line.member("access", &ExportedAccess::of(access));
    }
    if let Some(license) = row.license.as_ref().filter(|_| with_access) {
        line.member("license", license);
    }
    line.member("state", &State::of(row));
    line.close();
}

record! {
    /// Access data without what only a ledger needs.
    ExportedAccess {
        revision: u64,
        front_end_url: String,
        [sparse] admin_url: Option<String>,
        [sparse] user_name: Option<String>,
        [sparse] password: Option<String>,
        [sparse] memo: Option<String>,
    }
}

impl ExportedAccess {
    fn of(access: &Access) -> Self {
        Self {
            revision: access.revision,
            front_end_url: access.front_end_url.clone(),
            admin_url: access.admin_url.clone(),
            user_name: access.user_name.clone(),
            password: access.password.clone(),
            memo: access.memo.clone(),
        }
    }
}
