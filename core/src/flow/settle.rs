//! What came back from the backend goes into the ledger, with the answer for the call that began it.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::note::Note;
use super::state::{Ended, Settling, State};
use super::step::{Advance, Input, Step};
use super::turn::{Turn, merge};
use crate::ledger::{Settled, Settlement};
use crate::reason::ReasonCode;

impl Turn<'_> {
    /// Rows have come for a settlement.
    pub(super) fn settle(self, mut settling: Settling, input: Input) -> Result<Advance, ReasonCode> {
        match input {
            Input::Loaded(loaded) => merge(&mut settling.rows, loaded),
            Input::Failed(code) => return self.decline(&code),
            Input::Late => {
                let goes_on = settling.goes_on().then_some(State::Settling(settling));
                return self.late(goes_on);
            }
            _ => return Err(ReasonCode::MalformedFrame),
        }
        self.ask_settlement(settling)
    }

    /// Begins a settlement, or begins it again.
    pub(super) fn load_for_settlement(mut self, settling: Settling) -> Result<Advance, ReasonCode> {
        let settling = Settling { rows: Vec::new(), ..settling };
        if settling.keys.is_empty() {
            return self.ask_settlement(settling);
        }
        if let Some(code) = self.next_round() {
            return self.decline(&code);
        }
        let (keys, until) = (settling.keys.clone(), self.deadline());
        self.go(&State::Settling(settling), Step::Load { keys, watch: Vec::new(), until })
    }

    /// Asks the ledger's rules, over the rows that are here, what the outcome means.
    fn ask_settlement(mut self, settling: Settling) -> Result<Advance, ReasonCode> {
        let entropy: [u8; 32] =
            settling.entropy.as_slice().try_into().map_err(|_| ReasonCode::MalformedFrame)?;
        let admission = Some(self.head.admission.as_slice()).filter(|admission| !admission.is_empty());
        let Settling { work, outcome, rows, .. } = &settling;
        match self.seller.settle(work, admission, rows, outcome, self.now, &entropy) {
            Ok(Settlement::Need { keys }) => {
                if let Some(code) = self.next_round() {
                    return self.decline(&code);
                }
                let until = self.deadline();
                self.go(&State::Settling(settling), Step::Load { keys, watch: Vec::new(), until })
            }
            Ok(Settlement::Settled(mut settled)) => {
                let writes = core::mem::take(&mut settled.commit);
                let ended = self.ended(&settling, settled);
                if writes.is_empty() {
                    return self.conclude(ended);
                }
                let until = self.deadline();
                let state = State::Settled { settling, ended: Box::new(ended) };
                self.go(&state, Step::Commit { writes, until })
            }
            Err(ReasonCode::ForeignAdmission) => Err(ReasonCode::ForeignAdmission),
            Err(code) => self.decline(code.code()),
        }
    }

    fn ended(&mut self, settling: &Settling, settled: Settled) -> Ended {
        let before = core::mem::take(&mut self.notes);
        self.alarms(&settled.alarms);
        self.notes.push(Note::Settled {
            effect: settling.effect.clone(),
            instance: settled.instance,
            settling: settled.effect,
            outcome: settling.outcome.name().to_string(),
            reason: settled.reason,
        });
        let notes = core::mem::replace(&mut self.notes, before);
        Ended { answer: settled.answer, promoted: settled.promoted, notes }
    }

    /// The commit of the settlement is over.
    pub(super) fn settled(
        mut self,
        settling: Settling,
        ended: Ended,
        input: Input,
    ) -> Result<Advance, ReasonCode> {
        match input {
            Input::Committed => return self.conclude(ended),
            Input::Conflicted => self.notes.push(Note::Conflicted),
            Input::Uncertain(code) => {
                if let Some(code) = self.uncertain(code) {
                    return self.decline(&code);
                }
            }
            Input::Failed(code) => return self.decline(&code),
            Input::Late => {
                let ended = Box::new(Ended { answer: None, ..ended });
                let goes_on = settling.goes_on().then_some(State::Settled { settling, ended });
                return self.late(goes_on);
            }
            _ => return Err(ReasonCode::MalformedFrame),
        }
        self.load_for_settlement(settling)
    }

    fn conclude(mut self, ended: Ended) -> Result<Advance, ReasonCode> {
        let Ended { answer, promoted, notes } = ended;
        self.notes.extend(notes);
        let advance = match answer {
            Some(answer) => self.end(Step::Answer(answer)),
            None if self.head.admission.is_empty() => self.end(Step::Done(None)),
            None => self.decline(ReasonCode::Internal.code()),
        }?;
        Ok(Advance { promoted, ..advance })
    }
}
