//! One turn of a flow: what each part of it works with, and how it comes to the next step.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::bound::{LAST_MOMENT_MS, MAX_DOUBTS, MAX_ROUNDS, NEVER};
use super::note::Note;
use super::state::{Flow, Head, State};
use super::step::{Advance, Step};
use crate::ledger::{Alarm, Row};
use crate::reason::ReasonCode;
use crate::seller::Seller;

/// One call of [`Seller::advance`].
pub(super) struct Turn<'a> {
    pub(super) seller: &'a Seller,
    pub(super) head: Head,
    pub(super) now: u64,
    pub(super) entropy: &'a [u8; 32],
    pub(super) notes: Vec<Note>,
}

impl Turn<'_> {
    /// The next step, with everything that the flow has to remember.
    pub(super) fn go(self, state: &State, step: Step) -> Result<Advance, ReasonCode> {
        let flow = Flow::encode(&self.head, state, self.seller);
        Ok(Advance { flow, step, notes: self.notes, promoted: false, detached: None })
    }

    pub(super) fn end(self, step: Step) -> Result<Advance, ReasonCode> {
        Ok(Advance { flow: Vec::new(), step, notes: self.notes, promoted: false, detached: None })
    }

    /// Counts a load; the code of why there is none any more.
    pub(super) fn next_round(&mut self) -> Option<String> {
        self.head.rounds = self.head.rounds.saturating_add(1);
        if self.head.rounds < MAX_ROUNDS {
            return None;
        }
        Some(self.give_up())
    }

    /// Why there is no answer: a store that does not say whether it wrote is at fault, and else a rival.
    pub(super) fn give_up(&mut self) -> String {
        self.head.cause.take().unwrap_or_else(|| ReasonCode::TooManyConflicts.code().to_string())
    }

    /// Nobody knows whether a commit held; the code of why it is not tried again.
    pub(super) fn uncertain(&mut self, code: String) -> Option<String> {
        self.notes.push(Note::Uncertain { code: code.clone() });
        self.head.doubts = self.head.doubts.saturating_add(1);
        if self.head.doubts > MAX_DOUBTS {
            return Some(code);
        }
        self.head.cause = Some(code);
        None
    }

    /// When a step of the store has to be over, so that the answer leaves in time.
    pub(super) const fn deadline(&self) -> u64 {
        match self.head.answer_by {
            NEVER => NEVER,
            answer_by => answer_by.saturating_sub(LAST_MOMENT_MS),
        }
    }

    /// The store is late: the call is declined, and what is under way goes on as a flow that nobody waits for.
    pub(super) fn late(self, goes_on: Option<State>) -> Result<Advance, ReasonCode> {
        if self.head.admission.is_empty() {
            return Err(ReasonCode::MalformedFrame);
        }
        let detached = goes_on.map(|state| Flow::encode(&Head::unanswered(), &state, self.seller));
        let advance = self.decline(ReasonCode::StoreUnavailable.code())?;
        Ok(Advance { detached, ..advance })
    }

    pub(super) fn alarms(&mut self, alarms: &[Alarm]) {
        self.notes.extend(Self::alarm_notes(alarms));
    }

    pub(super) fn alarm_notes(alarms: &[Alarm]) -> impl Iterator<Item = Note> + '_ {
        let note = |alarm: &Alarm| Note::Alarm {
            code: alarm.code.to_string(),
            instance: alarm.instance.clone(),
            tenant: alarm.tenant.clone(),
        };
        alarms.iter().map(note)
    }

    /// The answer that makes the platform call again. Without a call the flow just ends.
    pub(super) fn decline(mut self, code: &str) -> Result<Advance, ReasonCode> {
        self.notes.push(Note::Failed { code: code.to_string() });
        if self.head.admission.is_empty() {
            return self.end(Step::Done(None));
        }
        let answer = self.seller.decline(&self.head.admission)?;
        self.end(Step::Answer(answer))
    }
}

/// Rows among the others; a row that was there already is replaced.
pub(super) fn merge(rows: &mut Vec<Row>, loaded: Vec<Row>) {
    rows.retain(|row| loaded.iter().all(|new| new.key != row.key));
    rows.extend(loaded);
}
