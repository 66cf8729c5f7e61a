//! What changes the ledger without a call of the platform: a backend reports by itself, an operator replaces access data,
//! a seller brings the customers that it had before.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::bound::NEVER;
use super::note::Note;
use super::request::{ChangeRequest, Changed};
use super::state::{Head, State};
use super::step::{Advance, Input, Step};
use super::turn::{Turn, merge};
use crate::ledger::{AccessUpdate, Import, Row, Settlement, Write};
use crate::reason::{Reason, ReasonCode};
use crate::seller::Seller;

impl Seller {
    /// Begins a change. `now` is in milliseconds, UTC; `entropy` is 32 fresh bytes.
    ///
    /// # Errors
    /// None of its own: what is wrong with the request ends the flow at once.
    pub fn change(
        &self,
        request: ChangeRequest,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Advance, ReasonCode> {
        let turn = Turn { seller: self, head: Head::unanswered(), now, entropy, notes: Vec::new() };
        turn.ask_change(request, Vec::new())
    }
}

/// What the rules say about a change over some rows.
enum Said {
    Need(Vec<String>),
    Commit(Vec<Write>, Changed, Vec<Note>),
}

impl Turn<'_> {
    pub(super) fn change(
        self,
        request: ChangeRequest,
        mut rows: Vec<Row>,
        input: Input,
    ) -> Result<Advance, ReasonCode> {
        match input {
            Input::Loaded(loaded) => merge(&mut rows, loaded),
            Input::Failed(code) => return self.finish(Changed::Failed(code), Vec::new()),
            _ => return Err(ReasonCode::MalformedFrame),
        }
        self.ask_change(request, rows)
    }

    fn ask_change(mut self, request: ChangeRequest, rows: Vec<Row>) -> Result<Advance, ReasonCode> {
        let said = match self.said(&request, &rows) {
            Ok(said) => said,
            Err(reason) => return self.finish(Changed::Invalid(reason), Vec::new()),
        };
        match said {
            Said::Need(keys) => match self.next_round() {
                Some(code) => self.finish(Changed::Failed(code), Vec::new()),
                None => {
                    let step = Step::Load { keys, watch: Vec::new(), until: NEVER };
                    self.go(&State::Changing { request, rows }, step)
                }
            },
            Said::Commit(writes, ended, notes) if writes.is_empty() => self.finish(ended, notes),
            Said::Commit(writes, ended, notes) => {
                self.go(&State::Changed { request, ended, notes }, Step::Commit { writes, until: NEVER })
            }
        }
    }

    pub(super) fn changed(
        mut self,
        request: ChangeRequest,
        ended: Changed,
        notes: Vec<Note>,
        input: Input,
    ) -> Result<Advance, ReasonCode> {
        match input {
            Input::Committed => return self.finish(ended, notes),
            Input::Conflicted => self.notes.push(Note::Conflicted),
            Input::Uncertain(code) => {
                if let Some(code) = self.uncertain(code) {
                    return self.finish(Changed::Failed(code), Vec::new());
                }
            }
            Input::Failed(code) => return self.finish(Changed::Failed(code), Vec::new()),
            _ => return Err(ReasonCode::MalformedFrame),
        }
        self.ask_change(request, Vec::new())
    }

    fn said(&mut self, request: &ChangeRequest, rows: &[Row]) -> Result<Said, Reason> {
        Ok(match request {
            ChangeRequest::Report { effect, outcome } => {
                match self.seller.report(effect, rows, outcome, self.now, self.entropy)? {
                    Settlement::Need { keys } => Said::Need(keys),
                    Settlement::Settled(settled) => {
                        let note = Note::Settled {
                            effect: effect.clone(),
                            instance: settled.instance,
                            settling: settled.effect,
                            outcome: outcome.name().to_string(),
                            reason: settled.reason,
                        };
                        let ended = Changed::Reported(settled.effect);
                        Said::Commit(
                            settled.commit,
                            ended,
                            Self::alarm_notes(&settled.alarms).chain([note]).collect(),
                        )
                    }
                }
            }
            ChangeRequest::Access { product, instance, access } => {
                match self.seller.update_access(product, instance, access, rows, self.entropy)? {
                    AccessUpdate::Need { keys } => Said::Need(keys),
                    AccessUpdate::Commit(writes) => Said::Commit(writes, Changed::Committed, Vec::new()),
                    AccessUpdate::Unknown => Said::Commit(Vec::new(), Changed::Unknown, Vec::new()),
                }
            }
            ChangeRequest::Import { product, line } => {
                match self.seller.import_instance(product, line, rows, self.now, self.entropy)? {
                    Import::Need { keys } => Said::Need(keys),
                    Import::Commit(writes) => Said::Commit(writes, Changed::Committed, Vec::new()),
                    Import::Unchanged => Said::Commit(Vec::new(), Changed::Unchanged, Vec::new()),
                    Import::Refused { problems } => {
                        Said::Commit(Vec::new(), Changed::Refused(problems), Vec::new())
                    }
                }
            }
        })
    }

    fn finish(mut self, ended: Changed, notes: Vec<Note>) -> Result<Advance, ReasonCode> {
        self.notes.extend(notes);
        let promoted = matches!(ended, Changed::Reported(crate::ledger::Settling::Ended));
        let advance = self.end(Step::Done(Some(ended)))?;
        Ok(Advance { promoted, ..advance })
    }
}
