//! A line about an instance that the ledger knows: nothing is overwritten.

use super::line::Line;
use crate::config::Problems;
use crate::ledger::row::{Access, Create, InstanceRow};

/// Fills in what the row leaves open and says whether there was anything; what contradicts the row is a problem.
pub(super) fn complete(row: &mut InstanceRow, line: Line, problems: &mut Problems) -> bool {
    if row.create != Create::Completed {
        problems.add("instance_id", "conflict", "the instance is not open yet");
        return false;
    }
    if line.phase.is_some_and(|phase| phase != row.phase()) {
        problems.add("phase", "conflict", OTHERWISE);
    }
    let mut filled = false;
    if row.order_id.is_empty() && !line.order_id.is_empty() {
        row.order_id.clone_from(&line.order_id);
        filled = true;
    } else if row.order_id != line.order_id && !line.order_id.is_empty() {
        problems.add("order_id", "conflict", OTHERWISE);
    }
    for (name, known, said) in [
        ("order_line_id", &mut row.order_line_id, line.order_line_id),
        ("product_id", &mut row.product_id, line.product_id),
        ("sku_code", &mut row.sku_code, line.sku_code),
        ("customer_id", &mut row.customer_id, line.customer_id),
        ("charging_mode", &mut row.charging_mode, line.charging_mode),
    ] {
        filled |= fill(name, known, said, problems);
    }
    filled |= fill("expire_time", &mut row.expire_time, line.expire_time, problems);
    filled |= fill("license", &mut row.license, line.license, problems);
    filled | fill_access(&mut row.access, line.access, problems)
}

const OTHERWISE: &str = "the ledger says otherwise";

fn fill<T: PartialEq>(name: &str, known: &mut Option<T>, said: Option<T>, problems: &mut Problems) -> bool {
    match (&known, said) {
        (_, None) => false,
        (None, said) => {
            *known = said;
            true
        }
        (Some(known), Some(said)) => {
            if *known != said {
                problems.add(name, "conflict", OTHERWISE);
            }
            false
        }
    }
}

/// Access data that are there are changed by the operator, not by an import.
fn fill_access(known: &mut Option<Access>, said: Option<Access>, problems: &mut Problems) -> bool {
    let (Some(row), Some(line)) = (&known, &said) else {
        let fills = known.is_none() && said.is_some();
        if fills {
            *known = said;
        }
        return fills;
    };
    if row.front_end_url != line.front_end_url {
        problems.add("front_end_url", "conflict", OTHERWISE);
    }
    for (name, row, line) in [
        ("admin_url", &row.admin_url, &line.admin_url),
        ("user_name", &row.user_name, &line.user_name),
        ("password", &row.password, &line.password),
        ("memo", &row.memo, &line.memo),
    ] {
        if line.is_some() && row != line {
            problems.add(name, "conflict", OTHERWISE);
        }
    }
    false
}
