//! What `decide`, `settle` and `due` say to the host.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::contract::Write;
use crate::answer::Answer;
use crate::limits;
use crate::reason::Reason;

/// What the host does next with an admitted call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Load these rows and call again with all rows so far; at most four rounds.
    Need {
        /// The keys of the rows that are needed.
        keys: Vec<String>,
    },
    /// Another call is at work on it: call again when one of these rows changes, or at `until`.
    Wait {
        /// The keys of the rows that tell when it is over.
        keys: Vec<String>,
        /// When the call is judged again at the latest, milliseconds, UTC.
        until: u64,
    },
    /// The commit comes first, then the answer leaves.
    Answer(Answered),
    /// The commit comes first, then the seller's backend is asked, then its answer is settled. Nothing is owed: a question
    /// whose answer nobody heard is asked again by the next call.
    Ask(Assignment),
    /// The commit comes first, then the seller's backend carries out the effect, then the outcome is settled.
    Perform(Assignment),
}

/// An answer, and what must be durable before it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// These bytes are sent as they are.
    pub answer: Answer,
    /// The instance that the call or its answer names.
    pub instance: Option<String>,
    /// What is committed first; there may be nothing.
    pub commit: Vec<Write>,
    /// Why the answer is not a success.
    pub reason: Option<Reason>,
    /// What an operator should see.
    pub alarms: Vec<Alarm>,
}

/// An effect or a question for the seller's backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// An opaque handle, by which `settle` knows what was sent.
    pub work: Vec<u8>,
    /// The message that is sent.
    pub effect: Effect,
    /// The instance that it is about; empty for a question about several.
    pub instance: String,
    /// The order that the event names; empty where it names none.
    pub order: String,
    /// Sends of this effect, this one included; 1 for a question.
    pub attempt: u32,
    /// What is committed before anything is sent.
    pub commit: Vec<Write>,
    /// The answer to the platform leaves by then, milliseconds, UTC; the outcome is `running` if there is none yet.
    pub answer_by: u64,
    /// The backend's answer counts until then, milliseconds, UTC.
    pub give_up_at: u64,
    /// What an operator should see.
    pub alarms: Vec<Alarm>,
}

/// One message to the seller's backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// The effect id: CloudEvents `id`, Standard Webhooks `webhook-id`. The same for every send of one effect.
    pub id: String,
    /// The product, which chooses the backend.
    pub product: String,
    /// The path of the route that took the call in.
    pub path: String,
    /// The name of that route's dialect.
    pub dialect: String,
    /// The body is a structured CloudEvent, `application/cloudevents+json`.
    pub body: String,
}

/// How an effect or a question ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The backend answered 200 with this JSON; empty counts as `{}`.
    Done(Vec<u8>),
    /// 202: taken in, not finished.
    Accepted,
    /// 4xx with a code and a message.
    Refused {
        /// A result code of the platform, `000100` for instance.
        code: String,
        /// For the buyer; cut to 255 characters.
        message: String,
    },
    /// Anything else, or nothing in time.
    Failed,
    /// The budget of the answer is over, the send goes on.
    Running,
}

impl Outcome {
    /// The name in JSON, in notes and in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::Accepted => "accepted",
            Self::Refused { .. } => "refused",
            Self::Failed => "failed",
            Self::Running => "running",
        }
    }
}

/// The message of a refusal as far as the platform takes it.
pub(super) fn cut(message: &str) -> String {
    message.chars().take(limits::MESSAGE).collect()
}

/// What a settlement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Load these rows and call again with all rows so far.
    Need {
        /// The keys of the rows that are needed.
        keys: Vec<String>,
    },
    /// The commit comes first, then the answer leaves.
    Settled(Settled),
}

/// The end of a work, or of one send of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// These bytes are sent as they are; `None` without an admission.
    pub answer: Option<Answer>,
    /// The instance of the work, or the one that the call or its answer names.
    pub instance: Option<String>,
    /// What is committed first; on a conflict the rows are loaded and the outcome is settled again.
    pub commit: Vec<Write>,
    /// What the outcome did to the ledger.
    pub effect: Settling,
    /// Another work of the same lane has come to the front: `due` finds it.
    pub promoted: bool,
    /// Why the answer is not a success.
    pub reason: Option<Reason>,
    /// What an operator should see.
    pub alarms: Vec<Alarm>,
}

/// What an outcome did to the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settling {
    /// The work is over.
    Ended,
    /// The work stays owed.
    Owed,
    /// It was a question: nothing was owed, whatever was learned from the answer.
    Asked,
    /// It had ended with the same outcome before.
    Repeated,
    /// The work belongs to somebody else now, or is void: nothing was changed.
    Superseded,
    /// There is no such work.
    Unknown,
}

/// Something that an operator should see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// One of `fingerprint-differs`, `refused-after-pending`, `backend-answer-invalid`, `effect-refused`,
    /// `department-cycle`, `department-depth`, `department-count`, `department-repeated`.
    pub code: Cow<'static, str>,
    /// The instance that it is about; empty where it is about none.
    pub instance: String,
    /// The tenant that it is about; empty where it is about none.
    pub tenant: String,
}

/// The owed works among some rows: those at the front of their lanes, with the time of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// In the order of the rows. Nothing is claimed: that is done one at a time, when the turn of a work has come.
    pub works: Vec<DueWork>,
    /// Rows of works that cannot be read, in the order of the rows: they stay as they are and stop nobody else.
    pub unreadable: Vec<Unreadable>,
    /// When the next work that is not due yet will be, milliseconds, UTC; `None` when there is none.
    pub next_at: Option<u64>,
}

/// One owed work that may be sent when its time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueWork {
    /// The key of its row.
    pub key: String,
    /// The product, which chooses the backend.
    pub product: String,
    /// The path of the route that took the call in; the route may be gone.
    pub path: String,
    /// The name of that route's dialect.
    pub dialect: String,
    /// The instance that it is about; empty where it is about none.
    pub instance: String,
    /// The order that the event names; empty where it names none.
    pub order: String,
    /// Due from then on, milliseconds, UTC; never further ahead than the longest legal wait.
    pub at: u64,
    /// How often it was sent so far.
    pub sends: u32,
    /// How the last send ended that somebody settled: the backend took it in (202), or it failed. `None`: none ended.
    pub accepted: Option<bool>,
}

/// A row that this version cannot read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The key of the row.
    pub key: String,
    /// Why it cannot be read.
    pub reason: Reason,
}
