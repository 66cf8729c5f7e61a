//! What an operator or the seller's backend does by itself: reports of finished work, looks at instances, changes of
//! access data.

use countersign_core::ReasonCode;
use countersign_core::ledger::{AccessUpdate, INSTANCE_PREFIX, Outcome, Settling, instance_key};
use countersign_ledger::{Limit, Page};
use countersign_runtime::SellerError;

use super::Gate;
use super::rounds::{self, LedgerError, Rounds};
use super::settle::said;
use super::step::{Step, Subject};

/// What a report of finished work did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// The work is over, now or before with the same outcome.
    Taken,
    /// The work is void, or ended otherwise.
    Superseded,
    /// There is no such work.
    Unknown,
}

/// What a change of access data did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessChange {
    /// Every later answer carries the new data.
    Changed,
    /// The product has no such open instance.
    Unknown,
}

/// The rows of one page of instances, in bytes.
const PAGE_BYTES: usize = 8 << 20;

/// Rounds of one change.
const MAX_ROUNDS: usize = 64;
/// Names what a look at instances meets.
const LIST: &str = "list";

impl Gate {
    /// The backend says by itself how an effect ended.
    ///
    /// # Errors
    /// [`LedgerError::Seller`] with `backend-answer-invalid` or `malformed-outcome` when the report cannot be taken.
    pub async fn report(&self, effect_id: &str, outcome: &Outcome) -> Result<Report, LedgerError> {
        let terms = self.terms();
        let settled = self
            .settle_rounds(|gate, rows| {
                let entropy = gate.entropy.draw(said(outcome));
                terms.seller.report(effect_id, rows, outcome, gate.clock.now(), &entropy)
            })
            .await?;
        let settling = settled.effect;
        self.told(effect_id, outcome, None, settled, &Subject::of("report"));
        Ok(match settling {
            Settling::Ended | Settling::Repeated => Report::Taken,
            Settling::Owed | Settling::Asked | Settling::Superseded => Report::Superseded,
            Settling::Unknown => Report::Unknown,
        })
    }

    /// Instances in key order, each as a JSON object; `after` is the key that the page before gave. A row that cannot be
    /// read, damaged or of a later version, is told to the observer and stops none of the others.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn instances(
        &self,
        after: Option<&str>,
        limit: usize,
        with_access: bool,
    ) -> Result<(Vec<Vec<u8>>, Option<String>), LedgerError> {
        let limit = Limit { rows: limit, bytes: PAGE_BYTES };
        let Page { rows, more } = self.store.scan(INSTANCE_PREFIX, after, limit).await?;
        let next = rows.last().filter(|_| more).map(|row| row.key.clone());
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(stored) = row.value else { continue };
            match self.view(&stored.bytes, with_access) {
                Ok(view) => views.extend(view),
                Err(LedgerError::Seller(SellerError::Call(error))) => {
                    let alarm = Step::Alarm { code: error.code, detail: row.key };
                    self.observer.step(&Subject::of(LIST), &alarm);
                }
                Err(error) => return Err(error),
            }
        }
        Ok((views, next))
    }

    /// One instance as a JSON object; `product` chooses where several products have one with this id, otherwise the
    /// first of the configuration that has it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn instance(
        &self,
        product: Option<&str>,
        id: &str,
        with_access: bool,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        for product in self.candidates(product) {
            let rows = self.store.load(vec![instance_key(&product, id)]).await?;
            if let Some(stored) = rows.first().and_then(|row| row.value.as_ref()) {
                return self.view(&stored.bytes, with_access);
            }
        }
        Ok(None)
    }

    /// `None`: a row that nobody may be told of yet.
    fn view(&self, row: &[u8], with_access: bool) -> Result<Option<Vec<u8>>, LedgerError> {
        match self.terms().seller.view_instance(row, with_access) {
            Ok(view) => Ok(Some(view)),
            Err(error) if error.code() == ReasonCode::UnknownInstance.code() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn candidates(&self, product: Option<&str>) -> Vec<String> {
        product.map_or_else(|| self.terms().products.clone(), |product| vec![product.to_string()])
    }

    /// Replaces the access data of an open instance.
    ///
    /// # Errors
    /// [`LedgerError::Seller`] with `backend-answer-invalid` for data beyond the platform's limits.
    pub async fn change_access(
        &self,
        product: Option<&str>,
        id: &str,
        access: &[u8],
    ) -> Result<AccessChange, LedgerError> {
        for product in self.candidates(product) {
            if self.change_access_of(&product, id, access).await? == AccessChange::Changed {
                return Ok(AccessChange::Changed);
            }
        }
        Ok(AccessChange::Unknown)
    }

    async fn change_access_of(
        &self,
        product: &str,
        id: &str,
        access: &[u8],
    ) -> Result<AccessChange, LedgerError> {
        let (mut rows, mut rounds) = (Vec::new(), Rounds::of(MAX_ROUNDS));
        let terms = self.terms();
        loop {
            rounds.next()?;
            match terms.seller.update_access(product, id, access, &rows, &self.entropy.draw(access))? {
                AccessUpdate::Need { keys } => rounds::load(&*self.store, keys, &mut rows).await?,
                AccessUpdate::Unknown => return Ok(AccessChange::Unknown),
                AccessUpdate::Commit(writes) => {
                    if rounds.commit(&*self.store, writes).await? {
                        return Ok(AccessChange::Changed);
                    }
                    rows.clear();
                }
            }
        }
    }
}
