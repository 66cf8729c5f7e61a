//! A work that is owed: claimed when its turn has come, sent, settled.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::bound::NEVER;
use super::state::{Flow, Head, State, Then};
use super::step::{Advance, Step};
use crate::ledger::Row;
use crate::reason::ReasonCode;
use crate::seller::Seller;

impl Seller {
    /// Begins the flow of one owed work, if it is due and nobody runs it; see [`Seller::claim`](crate::Seller::claim).
    /// A host that carries it on loses it to nobody: a claim whose commit does not hold ends the flow.
    ///
    /// # Errors
    /// Those of [`Seller::claim`](crate::Seller::claim).
    pub fn take_up(&self, row: &Row, now: u64, entropy: &[u8; 32]) -> Result<Option<Advance>, ReasonCode> {
        let Some(mut work) = self.claim(row, now, entropy)? else { return Ok(None) };
        let writes = core::mem::take(&mut work.commit);
        let flow = Flow::encode(
            &Head::unanswered(),
            &State::Reserving { then: Box::new(Then::Perform(work)) },
            self,
        );
        let step = Step::Commit { writes, until: NEVER };
        Ok(Some(Advance { flow, step, notes: Vec::new(), promoted: false, detached: None }))
    }
}
