//! The gate beside a seller's old handler: what the old one answered is compared with what ours would have answered,
//! and teaches the ledger, so that whoever cuts over keeps every instance.
//!
//! Nothing here is ever an effect. The seller's application is taken to have done what the old handler said it did; the
//! reservation and its end are one commit, so that no work is left for anybody to send.
//!
//! The byte face has no operation for it: only a gateway stands before an old handler, and it has the native core beside
//! whichever engine it runs. The module that travels in every package does without.

mod body_sign;
mod compare;
mod difference;
mod learn;
mod observation;
mod parse_answer;

use alloc::vec::Vec;

use parse_answer::parse_answer;

pub use difference::{Difference, DifferenceCode};
pub use observation::{OldAnswer, Seen, Shadowed};

use crate::admit::Refusal;
use crate::answer::Answer;
use crate::ledger::{Admission, Row, Stop};
use crate::reason::{Reason, ReasonCode};
use crate::request::{Body, Request};
use crate::seller::Seller;

impl Seller {
    /// Looks at a genuine call that the old handler answered. `entropy` is 32 fresh bytes, `now` in milliseconds, UTC.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`], [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
    pub fn shadow(
        &self,
        admission: &[u8],
        old: &OldAnswer,
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Shadowed, ReasonCode> {
        let decoded = Admission::decode(self, admission)?;
        let observation =
            learn::Observation { seller: self, admission: &decoded, handle: admission, rows, now, entropy };
        match observation.look(old) {
            Ok(seen) => Ok(Shadowed::Seen(seen)),
            Err(Stop::Need(keys)) => Ok(Shadowed::Need { keys }),
            Err(Stop::Fail(code)) => Err(code),
        }
    }

    /// Looks at a call that [`Seller::admit`] refused with this reason and answer. Nothing is learned from it.
    ///
    /// # Errors
    /// [`ReasonCode::UnknownRoute`], [`ReasonCode::MethodNotAllowed`].
    pub fn shadow_refused(
        &self,
        method: &str,
        target: &[u8],
        reason: &Reason,
        own: &Answer,
        old: &OldAnswer,
    ) -> Result<Seen, ReasonCode> {
        let request = Request::new(method, target, &[], Body::Bytes(b""));
        let (route, _) = self.route(&request.arrived()).map_err(|none| Refusal::from(none).reason.code)?;
        let own = OldAnswer {
            status: own.status,
            headers: own.headers.clone(),
            body: own.body.clone(),
            took_ms: 0,
        };
        let own = parse_answer(route, None, None, &own).code.unwrap_or_default();
        let theirs = parse_answer(route, None, None, old);
        let mut differences = compare::faults(route, &theirs, old);
        compare::codes(&own, &theirs, &mut differences);
        Ok(Seen { commit: Vec::new(), own, reason: Some(reason.clone()), theirs: theirs.code, differences })
    }
}
