//! What happens in a flow, step by step, for logs, metrics and whoever watches. Holds no secret and no data of a person.

use alloc::string::String;

use crate::ledger::Settling;
use crate::reason::Reason;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Refused before anything was read.
    Refused {
        /// Why.
        reason: Reason,
        /// The dialect's name, where a route was found.
        dialect: Option<String>,
        /// The product of the route, where one was found.
        product: Option<String>,
    },
    /// Genuine.
    Admitted {
        /// The dialect's name.
        dialect: String,
        /// The product of the route.
        product: String,
        /// The event's type.
        event: String,
        /// Test traffic.
        test: bool,
        /// The order that the call names; empty where it names none.
        order: String,
        /// The instance that the call names, of a query all of them, joined by commas.
        instance: String,
    },
    /// Another call is at work on it.
    Waited,
    /// The rows changed meanwhile.
    Conflicted,
    /// Nobody knows whether a commit was written: the rows are read again.
    Uncertain {
        /// The code of the cause.
        code: String,
    },
    /// Answered from the ledger.
    Answered {
        /// The instance of the answer, where it has one.
        instance: Option<String>,
        /// Why it is no success.
        reason: Option<Reason>,
    },
    /// Reserved, and to be sent to the backend.
    Performed {
        /// The effect id.
        effect: String,
        /// The instance.
        instance: String,
        /// The order of the event; empty where it names none.
        order: String,
        /// Sends of this effect, this one included.
        attempt: u32,
    },
    /// A question for the backend.
    Asked {
        /// The id of the question.
        effect: String,
    },
    /// The answer leaves before the backend's.
    OutOfTime,
    /// The outcome is in the ledger.
    Settled {
        /// The effect id.
        effect: String,
        /// The instance of the work, or the one that the call or its answer names.
        instance: Option<String>,
        /// What the outcome did there.
        settling: Settling,
        /// `done`, `accepted`, `refused`, `failed`, `running`.
        outcome: String,
        /// Why it is no success.
        reason: Option<Reason>,
    },
    /// The store or the engine failed, or rivals never ended: a stable code.
    Failed {
        /// The code.
        code: String,
    },
    /// An operator should look.
    Alarm {
        /// The alarm's code.
        code: String,
        /// The instance; empty where it is about none.
        instance: String,
        /// The tenant; empty where it is about none.
        tenant: String,
    },
}

impl Note {
    /// The name in logs, metrics and the driver's answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::Admitted { .. } => "admitted",
            Self::Waited => "waited",
            Self::Conflicted => "conflicted",
            Self::Uncertain { .. } => "uncertain",
            Self::Answered { .. } => "answered",
            Self::Performed { .. } => "performed",
            Self::Asked { .. } => "asked",
            Self::OutOfTime => "out-of-time",
            Self::Settled { .. } => "settled",
            Self::Failed { .. } => "failed",
            Self::Alarm { .. } => "alarm",
        }
    }
}
