//! What decisions and settlements read: the seller, the call, the rows, the time.

use super::admission::Admission;
use super::decision::Outcome;
use super::key;
use super::row::{InstanceRow, TokenRow};
use super::snapshot::{Snapshot, Stop};
use crate::crypto::Entropy;
use crate::seller::{Seller, Settings};

/// What the decision about one call reads.
pub(crate) struct DecisionContext<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) admission: &'a Admission<'a>,
    pub(crate) snapshot: &'a Snapshot<'a>,
    pub(crate) now: u64,
    pub(crate) entropy: &'a Entropy,
    /// Whether an instance of the product may have had a row before, which a failed adoption took away again.
    pub(crate) adopts: bool,
    /// The id that somebody else gave the instance which this call opens.
    pub(crate) given_id: Option<&'a str>,
    /// Somebody else has carried it out already: nothing is to be told to the backend.
    pub(crate) observed: bool,
}

impl DecisionContext<'_> {
    /// When the answer must have left.
    pub(crate) fn answer_by(&self) -> u64 {
        self.admission.received_at.saturating_add(self.admission.route.policy.answer_within_ms)
    }

    pub(crate) fn instance(&self, instance_id: &str) -> Result<Option<InstanceRow>, Stop> {
        self.snapshot.get(&self.admission.instance_key(instance_id))
    }

    /// Where the fencing tokens of an instance begin that has no row.
    pub(crate) fn first_token(&self, instance_id: &str) -> Result<u64, Stop> {
        if !self.adopts {
            return Ok(0);
        }
        let left: Option<TokenRow> =
            self.snapshot.get(&key::token(&self.admission.route.product, instance_id))?;
        Ok(left.map_or(0, |left| left.token))
    }
}

/// What the settlement of one outcome reads, whatever was sent.
pub(crate) struct SettlementContext<'a> {
    pub(crate) seller: &'a Seller,
    pub(crate) outcome: &'a Outcome,
    pub(crate) now: u64,
    pub(crate) entropy: &'a Entropy,
    /// Somebody else carried it out and said as much as he said.
    pub(crate) observed: bool,
}

impl SettlementContext<'_> {
    /// The same for a decision about the call that waits for the outcome.
    pub(crate) fn decision<'b>(
        &'b self,
        admission: &'b Admission<'b>,
        snapshot: &'b Snapshot<'b>,
    ) -> DecisionContext<'b> {
        DecisionContext {
            settings: &self.seller.settings,
            admission,
            snapshot,
            now: self.now,
            entropy: self.entropy,
            adopts: self.seller.adopts(&admission.route.product),
            given_id: None,
            observed: self.observed,
        }
    }
}
