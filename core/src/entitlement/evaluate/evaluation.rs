//! One evaluation while it runs.

use crate::entitlement::check::{Check, Name, Target};
use crate::entitlement::policy::compiled::{Compiled, Needs};
use crate::entitlement::store::Store;

/// One evaluation while it runs.
pub(super) struct Evaluation<'a, R> {
    pub(super) store: &'a Store,
    pub(super) policy: &'a Compiled,
    pub(super) check: &'a Check<'a>,
    pub(super) wanted: Wanted,
    pub(super) report: R,
    /// The first instant after now at which the answer may be another one.
    pub(super) turn: u64,
    pub(super) plan: Option<u32>,
    pub(super) role: Option<u32>,
    pub(super) is_read_only: bool,
}

/// The target as the policy knows it; `None` where it has no such name.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    Entry,
    Action(Option<(u32, Needs)>),
    Feature(Option<u32>),
    Limit(Option<u32>),
    Change,
}

impl Wanted {
    pub(super) fn of(policy: &Compiled, target: &Target<'_>) -> Self {
        match target {
            Target::Entry => Self::Entry,
            Target::Action(name) => {
                let number = match name {
                    Name::Text(text) => policy.action(text),
                    Name::Number(number) => Some(*number),
                };
                Self::Action(number.and_then(|number| Some((number, policy.needs(number)?))))
            }
            Target::Feature(Name::Text(text)) => Self::Feature(policy.feature(text)),
            Target::Feature(Name::Number(number)) => {
                Self::Feature(Some(*number).filter(|number| policy.feature_name(*number).is_some()))
            }
            Target::Limit(Name::Text(text)) => Self::Limit(policy.limit(text)),
            Target::Limit(Name::Number(number)) => {
                Self::Limit(Some(*number).filter(|number| policy.limit_name(*number).is_some()))
            }
            Target::Change(_) => Self::Change,
        }
    }

    /// The action that is asked for, if the policy has it.
    pub(super) const fn action(self) -> Option<(u32, Needs)> {
        match self {
            Self::Action(action) => action,
            _ => None,
        }
    }

    /// The feature that is needed, if the policy has it.
    pub(super) fn feature(self) -> Option<u32> {
        match self {
            Self::Feature(feature) => feature,
            Self::Action(Some((_, needs))) => needs.feature,
            _ => None,
        }
    }

    /// The limit that is used up, if the policy has it.
    pub(super) fn limit(self) -> Option<u32> {
        match self {
            Self::Limit(limit) => limit,
            Self::Action(Some((_, needs))) => needs.limit,
            _ => None,
        }
    }
}

impl<R> Evaluation<'_, R> {
    /// The answer may be another one from this instant.
    pub(super) fn turns_at(&mut self, instant: Option<u64>) {
        if let Some(instant) = instant.filter(|instant| *instant > self.check.now) {
            self.turn = self.turn.min(instant);
        }
    }
}
