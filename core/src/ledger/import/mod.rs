//! Instances that were opened before the gate, and the way back out: one JSON object for each.
//!
//! An import is idempotent and never overwrites: a row that is there already is compared, what it leaves open is filled
//! in, and what contradicts it is refused.

mod existing;
mod export;
mod line;
mod names;
mod state;

use alloc::string::String;
use alloc::vec::Vec;

pub use export::{Export, export_instance};

use line::Line;

use super::contract::{Row, Write};
use super::key::{self, Space};
use super::row::{Create, FORMAT, InstanceRow, OrderRow, Status, TokenRow};
use super::snapshot::{Changes, Snapshot, Stop};
use crate::config::{Problem, Problems};
use crate::crypto::Entropy;
use crate::dialect::{Delivery, OrderKey, Purchase, PurchaseKeys};
use crate::lifecycle::Phase;
use crate::reason::ReasonCode;
use crate::seller::{Route, Seller};

/// What an import of one instance comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Import {
    /// Load these rows and call again with all rows so far.
    Need {
        /// The keys of the rows that are needed.
        keys: Vec<String>,
    },
    /// Commit; on a conflict load and call again.
    Commit(Vec<Write>),
    /// The ledger knows all of it already.
    Unchanged,
    /// Nothing is to be done with it.
    Refused {
        /// What is wrong, each with its path in the line: `conflict` where it contradicts the ledger.
        problems: Vec<Problem>,
    },
}

impl Seller {
    /// Takes an instance from before the gate into the ledger: `instance` is one JSON object with `product`, `order_id`,
    /// `order_line_id`, `product_id`, `instance_id`, `phase`, `expire_time` (milliseconds, UTC, or RFC 3339), the access
    /// data, and whatever else an export writes. A line without product is of `product`, if that is not empty.
    ///
    /// From then on the order counts as carried out: a repeated create answers this instance. The same line twice
    /// changes nothing. `entropy` is 32 fresh bytes; `now` is in milliseconds, UTC.
    ///
    /// # Errors
    /// [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`]. A line with mistakes is no error: it is [`Import::Refused`].
    pub fn import_instance(
        &self,
        product: &str,
        instance: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Import, ReasonCode> {
        let mut problems = Problems::default();
        let line = Line::read(self, product, instance, &Entropy::new(entropy), &mut problems);
        let line = line.filter(|_| problems.is_empty());
        let placed = line.and_then(|line| Some((self.place(&line, &mut problems)?, line)));
        let Some(((route, keys), line)) = placed else {
            return Ok(Import::Refused { problems: problems.into_list() });
        };
        let adopts = self.adopts(&route.product);
        match take(route, keys, line, adopts, &Snapshot::new(rows, &[]), now) {
            Ok(import) => Ok(import),
            Err(Stop::Need(keys)) => Ok(Import::Need { keys }),
            Err(Stop::Fail(code)) => Err(code),
        }
    }

    /// The route that would have opened the instance, and the keys of its order: an order line speaks for a dialect
    /// that has lines.
    fn place(&self, line: &Line, problems: &mut Problems) -> Option<(&Route, PurchaseKeys)> {
        let purchase = Purchase {
            order_id: &line.order_id,
            order_line_id: line.order_line_id.as_deref(),
            product_id: line.product_id.as_deref(),
            charging_mode: line.charging_mode.as_deref(),
            item: line.state.as_ref().map(|state| state.item()),
        };
        let routes = self.routes.iter().filter(|route| route.product == line.product);
        let mut routes = routes.filter_map(|route| Some((route, route.dialect.instances()?)));
        if line.order_id.is_empty() {
            let first = routes.next().map(|(route, _)| (route, PurchaseKeys::none()));
            if first.is_none() {
                problems.add("product", "unknown-value", "is a product without instances");
            }
            return first;
        }
        let mut fallback = None;
        let mut missing = "product";
        for (route, rules) in routes {
            match rules.purchase_keys(&purchase) {
                Ok(found) if found.keys.iter().any(|key| matches!(key, OrderKey::Line(..))) => {
                    return Some((route, found));
                }
                Ok(found) => fallback = fallback.or(Some((route, found))),
                Err(name) => missing = name,
            }
        }
        if fallback.is_none() {
            problems.add(missing, "missing", "is required: the order is found by it");
        }
        fallback
    }

    /// What a backend of the product says when it has opened an instance: what its first route with instances says that
    /// opens any. A product without routes counts as one with access data.
    pub(crate) fn delivery(&self, product: &str) -> Delivery {
        let routes = self.routes.iter().filter(|route| route.product == product);
        let all = routes.filter_map(|route| Some(route.dialect.instances()?.delivers()));
        let mut found = None;
        for delivery in all {
            if delivery != Delivery::Nothing {
                return delivery;
            }
            found = Some(delivery);
        }
        found.unwrap_or(Delivery::Access)
    }

    /// Whether any route of a product takes over instances that the ledger never saw.
    pub(crate) fn adopts(&self, product: &str) -> bool {
        self.routes.iter().any(|route| route.product == product && route.policy.adopts_unknown)
    }

    /// Whether credentials of a product go out encrypted: under this dialect, where the product still has a route that
    /// speaks it, else under any. A product without routes counts as one that encrypts, which allows the least.
    pub(crate) fn encrypts_credentials(&self, product: &str, dialect: Option<&str>) -> bool {
        let of_product = || self.routes.iter().filter(|route| route.product == product);
        let speaks = |route: &&Route| dialect.is_some_and(|dialect| route.dialect.name() == dialect);
        let encrypts = |route: &Route| route.endpoint.encrypts_credentials();
        match (of_product().any(|route| speaks(&route)), of_product().next()) {
            (true, _) => of_product().filter(speaks).any(encrypts),
            (false, Some(_)) => of_product().any(encrypts),
            (false, None) => true,
        }
    }
}

fn take(
    route: &Route,
    purchase: PurchaseKeys,
    line: Line,
    adopts: bool,
    snapshot: &Snapshot<'_>,
    now: u64,
) -> Result<Import, Stop> {
    let instance_key = key::instance(Space::Production, &route.product, &line.instance_id);
    let orders = purchase.keys.iter().map(|order| key::order(Space::Production, &route.product, order));
    let orders: Vec<String> = orders.collect();
    let mut keys = orders.clone();
    keys.push(instance_key.clone());
    let token_key = key::token(&route.product, &line.instance_id);
    if adopts {
        keys.push(token_key.clone());
    }
    snapshot.known(&keys)?;

    let mut problems = Problems::default();
    let mut changes = Changes::default();
    for order in orders {
        match snapshot.get::<OrderRow>(&order)? {
            Some(row) if row.instance == line.instance_id => {}
            Some(_) => problems.add("order_id", "conflict", "the order has another instance"),
            None => {
                changes.put(order, &OrderRow { format: FORMAT, instance: line.instance_id.clone() });
            }
        }
    }
    match snapshot.get::<InstanceRow>(&instance_key)? {
        Some(mut row) => {
            if existing::complete(&mut row, line, &mut problems) {
                changes.put(instance_key, &row);
            }
        }
        None => {
            let mut row = new_row(route, purchase.item, line, now);
            if adopts && let Some(left) = snapshot.get::<TokenRow>(&token_key)? {
                row.lane.token = row.lane.token.max(left.token);
            }
            changes.put(instance_key, &row);
        }
    }
    Ok(if !problems.is_empty() {
        Import::Refused { problems: problems.into_list() }
    } else if changes.is_empty() {
        Import::Unchanged
    } else {
        Import::Commit(snapshot.commit(changes))
    })
}

fn new_row(route: &Route, item: Option<String>, line: Line, now: u64) -> InstanceRow {
    let phase = line.phase.unwrap_or(Phase::Active);
    let frozen = phase == Phase::Frozen;
    let mut row = InstanceRow {
        order_id: line.order_id,
        order_line_id: line.order_line_id,
        customer_id: line.customer_id,
        access: line.access,
        license: line.license,
        trial: line.trial || phase == Phase::Trial,
        frozen: frozen.then_some(now),
        requested: frozen.then_some(Status::Freeze),
        released: (phase == Phase::Released).then_some(now),
        expire_time: line.expire_time,
        sku_code: line.sku_code,
        product_id: line.product_id,
        charging_mode: line.charging_mode,
        item,
        ..InstanceRow::new(route, &line.instance_id, Create::Completed, now)
    };
    if let Some(state) = line.state {
        state.restore(&mut row);
    }
    row
}
