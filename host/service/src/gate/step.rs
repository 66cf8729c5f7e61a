//! What happened to a call or to an owed work, step by step, for logs, metrics and whoever watches.

use countersign_core::Reason;
use countersign_core::wire::Target;

/// What a step is about, as far as it is known by then; what is not known, or does not exist, is empty. Holds no secret
/// and no data of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The call's request id in lower-case hex; `owed` for a work that the gate took up by itself, `report` for one that
    /// the backend reported, `list` for a look at all instances.
    pub request: String,
    /// The dialect's name.
    pub dialect: String,
    /// The product of the route, which owns the instance.
    pub product: String,
    /// The platform's order, of calls and works that name one.
    pub order: String,
    /// The instance; of a query its instances, joined by commas.
    pub instance: String,
}

impl Subject {
    /// Of a call or a timer about which nothing else is known yet.
    pub(crate) fn of(request: &str) -> Self {
        Self { request: request.to_owned(), ..Self::default() }
    }
}

/// One step. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Refused before anything was read.
    Refused {
        /// Why.
        reason: Reason,
        /// The path of the request, without its query, cut to 256 bytes.
        path: String,
    },
    /// Genuine.
    Admitted {
        /// The event's type.
        event: &'static str,
        /// Test traffic.
        test: bool,
    },
    /// Another call is at work on it.
    Waited,
    /// The rows changed meanwhile.
    Conflicted,
    /// Nobody knows whether a commit held: the rows are read again.
    Uncertain {
        /// A stable code.
        code: String,
        /// What the store said about it, for the operator.
        cause: String,
    },
    /// Answered from the ledger.
    Answered {
        /// Why it is no success.
        reason: Option<Reason>,
    },
    /// Reserved, and sent to the backend.
    Performed {
        /// The effect id.
        effect: String,
        /// Which send of this effect it is; 1 for the first.
        attempt: u32,
        /// Why the send before did not end it: a code of [`Cause`](crate::backend::Cause) or the name of an outcome.
        last: Option<&'static str>,
    },
    /// Asked the backend.
    Asked {
        /// The id of the question.
        effect: String,
    },
    /// The outcome is in the ledger.
    Settled {
        /// The effect id.
        effect: String,
        /// `done`, `accepted`, `refused`, `failed`, `running`.
        outcome: &'static str,
        /// Why a send failed: a code of [`Cause`](crate::backend::Cause).
        cause: Option<&'static str>,
        /// Why it is no success.
        reason: Option<Reason>,
    },
    /// The answer left before the backend's.
    OutOfTime,
    /// The store or the engine failed.
    Failed {
        /// A stable code.
        code: String,
        /// What the store or the engine said about it, for the operator.
        cause: String,
    },
    /// An operator should look.
    Alarm {
        /// The alarm's code.
        code: String,
        /// What it is about, where that is neither product nor instance; may be empty.
        detail: String,
    },
}

impl Step {
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
            Self::Settled { .. } => "settled",
            Self::OutOfTime => "out-of-time",
            Self::Failed { .. } => "failed",
            Self::Alarm { .. } => "alarm",
        }
    }

    /// The code of why the answer is no success, where this step knows.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason, .. } => Some(reason.code.code()),
            Self::Failed { code, .. } => Some(code),
            Self::Answered { reason } | Self::Settled { reason, .. } => {
                reason.as_ref().map(|reason| reason.code.code())
            }
            _ => None,
        }
    }
}

/// Is told of every step.
pub trait Observer: Send + Sync {
    /// A step of a call, or of a work that the gate took up by itself.
    fn step(&self, subject: &Subject, step: &Step);

    /// So many works are owed, as the last look at all of them found; those that are being sent count too.
    fn owed(&self, _works: usize) {}
}

/// The path of a request target, for logs: without the query, where signatures and personal data stand.
pub(crate) fn path_of(target: &[u8]) -> String {
    let path = Target::parse(target).path();
    String::from_utf8_lossy(path.get(..MAX_PATH).unwrap_or(path)).into_owned()
}

/// A log line does not grow with what a stranger sends. Bytes.
const MAX_PATH: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_shown_without_its_query_and_not_for_ever() {
        assert_eq!(path_of(b"/v1?authToken=x"), "/v1");
        assert_eq!(path_of(b"/v1#x"), "/v1");
        assert_eq!(path_of(b"http://user:password@isv.example.com/v1?x"), "/v1");
        assert_eq!(path_of(&[b'/'; 4_096]).len(), MAX_PATH);
        assert_eq!(path_of(b"/\xff"), "/\u{fffd}");
    }
}
