//! One owed work: looked at again, claimed, sent, settled.

use std::time::Duration;

use countersign_core::ledger::{Assignment, Row};

use super::NAME;
use super::schedule::Turn;
use crate::gate::Gate;
use crate::gate::deliver::Patience;
use crate::gate::rounds::{LedgerError, Rounds};
use crate::gate::step::{Step, Subject};
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

/// What the ledger said to a claim.
enum Claim {
    /// It is this process's turn to send, within this time.
    Held(Box<Assignment>, Patience),
    /// Somebody else's, or not yet.
    Wait(Duration),
    /// The work is over, or stands behind another.
    Gone,
}

impl Gate {
    pub(super) async fn carry(&self, terms: &Terms, turn: Turn) -> Back {
        let ended = match self.claim(terms, &turn.key).await {
            Ok(Claim::Held(work, patience)) => self.send_owed(terms, *work, patience, turn.accepted).await,
            Ok(Claim::Wait(wait)) => Ok(Some(wait)),
            Ok(Claim::Gone) => Ok(None),
            Err(error) => Err(error),
        };
        match ended {
            Ok(again) => Back { turn, again, error: None },
            Err(error) => Back { turn, again: Some(SOON), error: Some(error) },
        }
    }

    async fn claim(&self, terms: &Terms, key: &str) -> Result<Claim, LedgerError> {
        let rows = self.store.load(vec![key.to_owned()]).await?;
        let Some(row) = rows.first().filter(|row| row.value.is_some()) else { return Ok(Claim::Gone) };
        let (now, since) = (self.clock.now(), self.clock.monotonic());
        match terms.seller.claim(row, now, &self.entropy.draw(&[]))? {
            Some(mut work) => {
                let commit = std::mem::take(&mut work.commit);
                let held = Rounds::of(1).commit(&*self.store, commit).await?;
                let patience = Patience { total: between(now, work.give_up_at), since };
                Ok(if held { Claim::Held(Box::new(work), patience) } else { Claim::Wait(SOON) })
            }
            None => Ok(self.next_turn(terms, row, now)?.map_or(Claim::Gone, Claim::Wait)),
        }
    }

    /// When a work may be claimed that may not be now: somebody else was faster, or a clock has stepped.
    fn next_turn(&self, terms: &Terms, row: &Row, now: u64) -> Result<Option<Duration>, LedgerError> {
        let due = terms.seller.due(std::slice::from_ref(row), now)?;
        Ok(due.works.first().map(|work| between(now, work.at).max(Duration::from_millis(1))))
    }

    /// Sends and settles. The row as it then is comes back by the notice of its commit.
    async fn send_owed(
        &self,
        terms: &Terms,
        work: Assignment,
        patience: Patience,
        accepted: Option<bool>,
    ) -> Result<Option<Duration>, LedgerError> {
        // The store took so long that the lease is better left to run out.
        let Some(patience) = patience.left(self.clock.monotonic()) else { return Ok(Some(SOON)) };
        let subject = Subject::of_work(NAME, &work);
        let effect = work.effect.id.clone();
        let before = accepted.map(|accepted| if accepted { "accepted" } else { "failed" });
        let last = self.causes.last(&effect).or(before);
        let step = Step::Performed { effect: effect.clone(), attempt: work.attempt, last };
        self.observer.step(&subject, &step);
        let sent = terms.backend.send(&subject, work.effect, patience).await;
        self.settle(terms, &work.work, None, &effect, &sent, &subject).await.map(|_| None)
    }
}
