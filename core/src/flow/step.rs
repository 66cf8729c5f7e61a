//! What a flow asks of its host, and what the host says.

use alloc::string::String;
use alloc::vec::Vec;

use super::note::Note;
use super::request::Changed;
use crate::answer::Answer;
use crate::ledger::{Effect, Outcome, Row, Write};

/// What the host does next. Times are milliseconds, UTC; a host may measure them by whatever clock it trusts, as a
/// distance from the `now` that it gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Load these rows, at most until then: [`Input::Loaded`], [`Input::Failed`] or [`Input::Late`].
    Load {
        /// Keys.
        keys: Vec<String>,
        /// Begin to watch these keys *before* loading, in place of those watched so far; empty: those stay.
        watch: Vec<String>,
        /// `u64::MAX`: no bound but the store's own.
        until: u64,
    },
    /// Commit, at most until then: [`Input::Committed`], [`Input::Conflicted`], [`Input::Uncertain`], [`Input::Failed`] or
    /// [`Input::Late`]. A commit that is late goes on.
    Commit {
        /// All or none.
        writes: Vec<Write>,
        /// As for a load.
        until: u64,
    },
    /// Have the seller's backend carry this out: [`Input::Sent`], or [`Input::Late`] at `until`. A send that is late goes on.
    Send {
        /// The message.
        effect: Effect,
        /// When the flow goes on without the outcome.
        until: u64,
        /// When nobody waits for the backend any more: then the outcome is [`Outcome::Failed`].
        give_up_at: u64,
    },
    /// Wait until a watched row changes or the time has come: [`Input::Woken`].
    Wait {
        /// At the latest.
        until: u64,
    },
    /// Send these bytes to the platform. The flow is over.
    Answer(Answer),
    /// The flow is over, and nobody waits for an answer. A change says what became of it.
    Done(Option<Changed>),
}

/// What became of the step before. A code is the stable one of the host's error: it goes into a note, never into an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One row for every key.
    Loaded(Vec<Row>),
    /// All writes are durable.
    Committed,
    /// Some row had another version: nothing was written.
    Conflicted,
    /// Nobody knows whether it was written; the code of the cause.
    Uncertain(String),
    /// The store gave or took nothing, or the host cannot go on; the code of the cause. Any step may end so.
    Failed(String),
    /// Nothing was heard until the step's deadline. What is under way goes on: if [`Advance::detached`] is there, its
    /// result is the input of that flow.
    Late,
    /// How the send ended.
    Sent(Outcome),
    /// The wait is over.
    Woken,
}

/// The next step of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// Goes to [`Seller::advance`](crate::Seller::advance) with what became of the step; empty when the flow is over.
    pub flow: Vec<u8>,
    /// To be carried out.
    pub step: Step,
    /// What happened, for logs and metrics, in order. Holds no secret.
    pub notes: Vec<Note>,
    /// A work may be sent that nobody runs, because it came to the front of its queue or because its call was answered first:
    /// somebody should look for what is owed.
    pub promoted: bool,
    /// After [`Input::Late`]: a flow of its own, which nobody waits for, of the step that is still under way. Its first
    /// input is what becomes of that step.
    pub detached: Option<Vec<u8>>,
}
