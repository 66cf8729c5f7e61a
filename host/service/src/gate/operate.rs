//! What an operator or the seller's backend does by itself: reports of finished work, looks at instances and tenants,
//! changes of access data.

use std::sync::Arc;

use countersign_core::ReasonCode;
use countersign_core::flow::{ChangeRequest, Changed};
use countersign_core::ledger::{INSTANCE_PREFIX, Outcome, Settling, instance_key};
use countersign_ledger::{Limit, Page};
use countersign_runtime::SellerError;

use super::Gate;
use super::drive::{Drive, End, Moment};
use super::rounds::LedgerError;
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

/// Names what a look at instances meets.
const LIST: &str = "list";

impl Gate {
    /// The backend says by itself how an effect ended.
    ///
    /// # Errors
    /// [`LedgerError::Seller`] with `backend-answer-invalid` or `malformed-outcome` when the report cannot be taken.
    pub async fn report(self: &Arc<Self>, effect_id: &str, outcome: &Outcome) -> Result<Report, LedgerError> {
        let report = ChangeRequest::Report { effect: effect_id.to_owned(), outcome: outcome.clone() };
        let about = match outcome {
            Outcome::Done(answer) => answer.as_slice(),
            _ => &[],
        };
        match self.change(&report, about).await? {
            Changed::Reported(Settling::Ended | Settling::Repeated) => Ok(Report::Taken),
            Changed::Reported(Settling::Unknown) => Ok(Report::Unknown),
            Changed::Reported(_) => Ok(Report::Superseded),
            _ => Err(LedgerError::Defect),
        }
    }

    /// A change of the ledger that no call of the platform brings. `about` is what randomness is drawn for.
    async fn change(self: &Arc<Self>, request: &ChangeRequest, about: &[u8]) -> Result<Changed, LedgerError> {
        let (terms, at) = (self.terms(), Moment::of(&*self.clock));
        let begun = terms.seller.change(request, at.now, &self.entropy.draw(about))?;
        let mut drive = Drive::new(self, &terms, Subject::of("report"));
        match drive.run(begun, at).await {
            End::Done(Some(Changed::Invalid(reason))) => {
                Err(LedgerError::Seller(SellerError::Call(reason.into())))
            }
            End::Done(Some(Changed::Failed(code))) => Err(drive.error(&code)),
            End::Done(Some(changed)) => Ok(changed),
            End::Done(None) | End::Answer(_) => Err(LedgerError::Defect),
        }
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

    /// What is kept of a tenant under one instance, empty where there is none, as a JSON object; `product` chooses where
    /// several products know it, otherwise the first of the configuration that does. `None`: nothing is known of it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn directory(
        &self,
        product: Option<&str>,
        tenant: &str,
        instance: &str,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let seller = &self.terms().seller;
        for product in self.candidates(product) {
            let keys = seller.directory_keys(&product, tenant, instance)?;
            let mut rows = self.store.load(vec![keys.tenant]).await?;
            if rows.iter().all(|row| row.value.is_none()) {
                continue;
            }
            for prefix in &keys.prefixes {
                let mut after = None;
                loop {
                    let limit = Limit { rows: usize::MAX, bytes: PAGE_BYTES };
                    let Page { rows: page, more } = self.store.scan(prefix, after.as_deref(), limit).await?;
                    after = page.last().map(|row| row.key.clone());
                    rows.extend(page);
                    if !more {
                        break;
                    }
                }
            }
            return Ok(Some(seller.view_directory(&product, tenant, instance, &rows)?));
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
        self: &Arc<Self>,
        product: Option<&str>,
        id: &str,
        access: &[u8],
    ) -> Result<AccessChange, LedgerError> {
        for product in self.candidates(product) {
            let (instance, access) = (id.to_owned(), access.to_vec());
            let request = ChangeRequest::Access { product, instance, access };
            if self.change(&request, &[]).await? == Changed::Committed {
                return Ok(AccessChange::Changed);
            }
        }
        Ok(AccessChange::Unknown)
    }
}
