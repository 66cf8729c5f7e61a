//! One owed work: looked at again, claimed, sent, settled.

use std::sync::Arc;
use std::time::Duration;

use countersign_core::flow::Advance;
use countersign_core::ledger::{DueWork, Row};

use super::NAME;
use super::schedule::{Origin, Turn};
use crate::gate::Gate;
use crate::gate::drive::{Drive, Moment};
use crate::gate::rounds::LedgerError;
use crate::gate::step::Subject;
use crate::gate::terms::Terms;
use crate::gate::time::between;

/// What became of a turn.
pub(super) struct Back {
    pub(super) turn: Turn,
    /// The work is to be looked at again after this pause; `None`: it is over, or news of it came another way.
    pub(super) again: Option<Duration>,
    pub(super) error: Option<LedgerError>,
}

/// After a failure of the store, or a rival.
const SOON: Duration = Duration::from_secs(1);

impl Gate {
    pub(super) async fn carry(self: &Arc<Self>, terms: &Arc<Terms>, turn: Turn) -> Back {
        match self.take_up(terms, &turn).await {
            Ok(again) => Back { turn, again, error: None },
            Err(error) => Back { turn, again: Some(SOON), error: Some(error) },
        }
    }

    /// Takes a work up if its turn has come; when it may be tried again, where it was not sent. The row as it is after a
    /// send comes back by the notice of its commit.
    async fn take_up(
        self: &Arc<Self>,
        terms: &Arc<Terms>,
        turn: &Turn,
    ) -> Result<Option<Duration>, LedgerError> {
        let rows = self.store.load(vec![turn.key.clone()]).await?;
        let Some(row) = rows.first().filter(|row| row.value.is_some()) else { return Ok(None) };
        let at = Moment::of(&*self.clock);
        let Some(begun) = terms.seller.take_up(row, at.now, &self.entropy.draw(&[]))? else {
            return self.next_turn(terms, row, at.now);
        };
        // Whoever was faster is looked at once more; what was sent has left a notice.
        let is_sent = self.send_owed(terms, &turn.origin, turn.accepted, begun, at).await;
        Ok(Some(SOON).filter(|_| !is_sent))
    }

    /// Carries a work to its end that was taken up; whether it was sent.
    async fn send_owed(
        self: &Arc<Self>,
        terms: &Arc<Terms>,
        origin: &Origin,
        accepted: Option<bool>,
        begun: Advance,
        at: Moment,
    ) -> bool {
        let (dialect, product) = (origin.dialect.clone(), origin.product.clone());
        let subject = Subject { dialect, product, ..Subject::of(NAME) };
        let mut drive = Drive::new(self, terms, subject).of_owed(accepted);
        drive.run(begun, at).await;
        drive.is_performed
    }

    /// Sends one owed work now, if its time has come and nobody runs it; whether it was sent. A host that keeps a schedule
    /// has no use for it.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub(crate) async fn send_now(self: &Arc<Self>, work: &DueWork) -> Result<bool, LedgerError> {
        let rows = self.store.load(vec![work.key.clone()]).await?;
        let (terms, at) = (self.terms(), Moment::of(&*self.clock));
        let Some(row) = rows.first() else { return Ok(false) };
        let Some(begun) = terms.seller.take_up(row, at.now, &self.entropy.draw(&[]))? else {
            return Ok(false);
        };
        let origin =
            Origin { product: work.product.clone(), path: work.path.clone(), dialect: work.dialect.clone() };
        Ok(self.send_owed(&terms, &origin, work.accepted, begun, at).await)
    }

    /// When a work may be claimed that may not be now: somebody else was faster, or a clock has stepped.
    fn next_turn(&self, terms: &Terms, row: &Row, now: u64) -> Result<Option<Duration>, LedgerError> {
        let due = terms.seller.due(std::slice::from_ref(row), now)?;
        Ok(due.works.first().map(|work| between(now, work.at).max(Duration::from_millis(1))))
    }
}
