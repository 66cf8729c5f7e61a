//! What is owed on the driver's ledger, sent one after the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use countersign_core::ledger::{DirectoryKeys, DueWork, Row, WORK_PREFIX};
use countersign_ledger::{Limit, Store, StoreError};

use super::script::Script;
use crate::gate::{Clock, Gate, LedgerError, Step};

/// Everything: the ledger is in memory, and holds what one run of a test put there.
const ALL: Limit = Limit { rows: usize::MAX, bytes: usize::MAX };

/// Every work of the ledger.
pub(super) async fn works(store: &dyn Store) -> Result<Vec<Row>, StoreError> {
    Ok(store.scan(WORK_PREFIX, None, ALL).await?.rows)
}

/// The rows of a directory.
pub(super) async fn directory(store: &dyn Store, keys: DirectoryKeys) -> Result<Vec<Row>, StoreError> {
    let mut rows = store.load(vec![keys.tenant]).await?;
    for prefix in &keys.prefixes {
        rows.extend(store.scan(prefix, None, ALL).await?.rows);
    }
    Ok(rows)
}

/// The keys of works that may be sent at some time, and whose they are.
pub(super) fn keys(rows: &[Row]) -> BTreeSet<String> {
    rows.iter().map(|row| row.key.clone()).collect()
}

/// A gate whose backend answers what a line says, and the products that are its seller's.
pub(super) struct Delivery {
    pub(super) gate: Arc<Gate>,
    pub(super) script: Arc<Script>,
    pub(super) products: Vec<String>,
}

impl Delivery {
    /// Sends what is due, in the order of its times, one outcome each, until nothing of it is due or the outcomes are used
    /// up. `only` picks what is meant.
    pub(super) async fn run(&self, only: impl Fn(&DueWork) -> bool) -> Result<(), LedgerError> {
        while self.script.has_outcome() {
            let now = self.script.now();
            let owed = self.owed().await?;
            let due = owed.into_iter().filter(|work| work.at <= now && only(work));
            let Some(work) = due.min_by_key(|work| work.at) else { break };
            if !self.gate.send_now(&work).await? {
                break;
            }
        }
        Ok(())
    }

    /// When the next work is due, if any is owed.
    pub(super) async fn next_at(&self) -> Result<Option<u64>, LedgerError> {
        Ok(self.owed().await?.iter().map(|work| work.at).min())
    }

    /// The works at the front of their lanes, as far as they are the seller's.
    async fn owed(&self) -> Result<Vec<DueWork>, LedgerError> {
        let rows = works(&**self.gate.store()).await?;
        let due = self.gate.terms().seller.due(&rows, self.script.now())?;
        Ok(due.works.into_iter().filter(|work| self.products.contains(&work.product)).collect())
    }
}

/// The names of the steps of deliveries: that a work was sent is one step, whatever became of it.
pub(super) fn names(steps: &[Step]) -> impl Iterator<Item = &'static str> + '_ {
    let steps = steps.iter().filter(|step| !matches!(step, Step::Performed { .. }));
    steps.map(|step| if matches!(step, Step::Settled { .. }) { "delivered" } else { step.name() })
}
