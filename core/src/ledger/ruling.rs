//! What the rules say about a call, before it is made a decision for the host.

use alloc::string::String;
use alloc::vec::Vec;

use super::decision::{Alarm, Assignment};
use super::snapshot::Changes;
use crate::dialect::Reply;
use crate::reason::{Reason, ReasonCode};

/// What a call comes to. The changes are committed first.
pub(crate) enum Ruling {
    Reply { reply: Reply, changes: Changes, reason: Option<Reason>, alarms: Vec<Alarm> },
    Wait { keys: Vec<String>, until: u64 },
    Perform { assignment: Assignment, changes: Changes },
    Ask { assignment: Assignment, changes: Changes },
}

impl Ruling {
    /// A success without any change.
    pub(crate) fn success() -> Self {
        Self::reply(Reply::success())
    }

    pub(crate) fn reply(reply: Reply) -> Self {
        Self::Reply { reply, changes: Changes::default(), reason: None, alarms: Vec::new() }
    }

    /// A result code and the operator's reason for it.
    pub(crate) fn refuse(reason: ReasonCode) -> Self {
        Self::refuse_with(Reply::failure(reason), reason)
    }

    pub(crate) fn refuse_with(reply: Reply, reason: ReasonCode) -> Self {
        Self::Reply { reply, changes: Changes::default(), reason: Some(reason.into()), alarms: Vec::new() }
    }

    /// A question that changes nothing: it may be asked again.
    pub(crate) fn ask(assignment: Assignment) -> Self {
        Self::Ask { assignment, changes: Changes::default() }
    }

    /// The same with these changes before its own. A wait changes nothing.
    pub(crate) fn changing(mut self, mut before: Changes) -> Self {
        match &mut self {
            Self::Reply { changes, .. } | Self::Perform { changes, .. } | Self::Ask { changes, .. } => {
                before.extend(core::mem::take(changes));
                *changes = before;
            }
            Self::Wait { .. } => {}
        }
        self
    }

    /// The same, with what an operator should know of it.
    pub(crate) fn because(mut self, code: ReasonCode) -> Self {
        if let Self::Reply { reason, .. } = &mut self {
            *reason = Some(code.into());
        }
        self
    }

    pub(crate) fn alarm(mut self, more: Option<Alarm>) -> Self {
        match &mut self {
            Self::Reply { alarms, .. } => alarms.extend(more),
            Self::Perform { assignment, .. } | Self::Ask { assignment, .. } => assignment.alarms.extend(more),
            Self::Wait { .. } => {}
        }
        self
    }
}
