//! A flow between two steps, as bytes.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::bound::NEVER;
use super::note::Note;
use super::request::{ChangeRequest, Changed};
use crate::abi::{Decode, Encode};
use crate::answer::Answer;
use crate::frame::{FrameError, FrameReader, FrameWriter};
use crate::ledger::{Answered, Assignment, Outcome, Row};
use crate::reason::ReasonCode;
use crate::seller::Seller;

/// What stays the same through a flow, and how often its rows were loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Empty where nobody waits for an answer.
    pub(super) admission: Vec<u8>,
    /// The rows with which a decision begins.
    pub(super) keys: Vec<String>,
    /// When the answer leaves, milliseconds, UTC.
    pub(super) answer_by: u64,
    pub(super) rounds: u32,
    /// Commits so far of which nobody knew whether they held.
    pub(super) doubts: u32,
    /// The keys that the host watches.
    pub(super) watching: Vec<String>,
    /// Why the last commit was uncertain; a flow that is given up says so.
    pub(super) cause: Option<String>,
}

impl Head {
    /// The head of a flow that nobody waits for.
    pub(super) const fn unanswered() -> Self {
        Self {
            admission: Vec::new(),
            keys: Vec::new(),
            answer_by: NEVER,
            rounds: 0,
            doubts: 0,
            watching: Vec::new(),
            cause: None,
        }
    }
}

/// Where a flow stands: what it asked for last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Rows for a decision; those loaded before are here.
    Deciding { rows: Vec<Row> },
    /// The commit of a decision.
    Reserving { then: Box<Then> },
    /// A wait, after which the rows are loaded anew.
    Pausing { watch: Vec<String> },
    /// A send.
    Sending { work: Vec<u8>, effect: String, keys: Vec<String>, question: bool },
    /// Rows for a settlement.
    Settling(Settling),
    /// The commit of a settlement.
    Settled { settling: Settling, ended: Box<Ended> },
    /// Rows for a change.
    Changing { request: ChangeRequest, rows: Vec<Row> },
    /// The commit of a change.
    Changed { request: ChangeRequest, ended: Changed, notes: Vec<Note> },
}

/// A settlement under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settling {
    pub(super) work: Vec<u8>,
    /// The effect id, for notes.
    pub(super) effect: String,
    /// The rows that a settlement of this work begins with; of a question none.
    pub(super) keys: Vec<String>,
    pub(super) outcome: Outcome,
    /// Drawn when the outcome came, so that every round of this settlement gives the same bytes.
    pub(super) entropy: Vec<u8>,
    pub(super) rows: Vec<Row>,
}

impl Settling {
    /// Whether something of it has to reach the ledger, whoever waits for it.
    pub(super) fn goes_on(&self) -> bool {
        !self.keys.is_empty() && self.outcome != Outcome::Running
    }
}

/// What follows the commit of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Then {
    Answer {
        answered: Answered,
        /// The commit holds a work that nobody runs.
        owes: bool,
    },
    Perform(Assignment),
    Ask(Assignment),
}

/// What follows the commit of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) answer: Option<Answer>,
    pub(super) promoted: bool,
    pub(super) notes: Vec<Note>,
}

pub(super) struct Flow {
    pub(super) head: Head,
    pub(super) state: State,
}

const MARK: &[u8; 4] = b"csF1";

impl Flow {
    pub(super) fn encode(head: &Head, state: &State, seller: &Seller) -> Vec<u8> {
        let mut frame = FrameWriter::new();
        frame.raw(MARK).raw(&seller.fingerprint);
        head.encode(&mut frame);
        state.encode(&mut frame);
        frame.finish()
    }

    pub(super) fn decode(seller: &Seller, bytes: &[u8]) -> Result<Self, ReasonCode> {
        Self::read(seller, FrameReader::new(bytes)).ok().flatten().ok_or(ReasonCode::ForeignAdmission)
    }

    fn read(seller: &Seller, mut frame: FrameReader<'_>) -> Result<Option<Self>, FrameError> {
        if frame.raw(MARK.len())? != MARK || frame.raw(seller.fingerprint.len())? != seller.fingerprint {
            return Ok(None);
        }
        let flow = Self { head: Decode::decode(&mut frame)?, state: Decode::decode(&mut frame)? };
        frame.end()?;
        Ok(Some(flow))
    }
}
