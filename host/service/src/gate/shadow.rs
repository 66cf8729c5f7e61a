//! Calls that an old handler answers: judged, compared and learned from. Nothing is sent to a backend.

use countersign_core::{Answer, OldAnswer, ReasonCode, Seen, Seller, Shadowed, Verdict};
use countersign_runtime::SellerError;

use super::rounds::{self, LedgerError, Rounds};
use super::{Gate, OwnedRequest, Terms, unavailable};

/// Rounds of one look: rivals are other calls of the same instance.
const MAX_ROUNDS: usize = 64;

impl Gate {
    /// What ours thinks of a call, under these terms, before anybody answers it.
    pub(crate) fn judge(
        &self,
        terms: &Terms,
        request: &OwnedRequest,
        request_id: &[u8; 16],
    ) -> Result<Verdict, SellerError> {
        let now = self.clock.now();
        request.read(|request| terms.seller.admit(request, request_id, now))
    }

    /// The answer when the old handler gave none: the refusal, if it is one anyway, or one that makes the platform call
    /// again. Never a success.
    pub(crate) fn without_answer(terms: &Terms, verdict: &Verdict) -> Answer {
        match verdict {
            Verdict::Refused(refusal) => refusal.answer.clone(),
            Verdict::Admitted(admitted) => {
                terms.seller.decline(&admitted.admission).unwrap_or_else(|_| unavailable())
            }
        }
    }

    /// Compares the old handler's answer with ours, and learns from it. `rules` is the seller of the gate in the native
    /// core: the engines have no operation for it.
    pub(crate) async fn look(
        &self,
        rules: &Seller,
        request: &OwnedRequest,
        verdict: &Verdict,
        old: &OldAnswer,
    ) -> Result<Seen, LedgerError> {
        let admitted = match verdict {
            Verdict::Admitted(admitted) => admitted,
            Verdict::Refused(refusal) => {
                let (method, target) = (request.method.as_str(), request.target.as_slice());
                let seen = rules.shadow_refused(method, target, &refusal.reason, &refusal.answer, old);
                return seen.map_err(failed);
            }
        };
        let (mut rows, mut rounds) = (Vec::new(), Rounds::of(MAX_ROUNDS));
        rounds::load(&*self.store, admitted.keys.clone(), &mut rows).await?;
        loop {
            rounds.next()?;
            let entropy = self.entropy.draw(&old.body);
            let now = self.clock.now();
            match rules.shadow(&admitted.admission, old, &rows, now, &entropy).map_err(failed)? {
                Shadowed::Need { keys } => rounds::load(&*self.store, keys, &mut rows).await?,
                Shadowed::Seen(mut seen) => {
                    if rounds.commit(&*self.store, std::mem::take(&mut seen.commit)).await? {
                        return Ok(seen);
                    }
                    rows.clear();
                    rounds::load(&*self.store, admitted.keys.clone(), &mut rows).await?;
                }
            }
        }
    }
}

fn failed(code: ReasonCode) -> LedgerError {
    LedgerError::Seller(SellerError::Call(code.into()))
}
