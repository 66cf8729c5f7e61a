//! The decision about an admitted call, over the rows that the host loaded.

use alloc::vec::Vec;

use super::admission::Admission;
use super::context::DecisionContext;
use super::contract::Row;
use super::decision::{Answered, Assignment, Decision};
use super::row::{FORMAT, ReplayRow};
use super::ruling::Ruling;
use super::snapshot::{Changes, Snapshot, Stop};
use super::{account, change, create, directory, key, notice, query, test_traffic};
use crate::answer::Answer;
use crate::crypto::Entropy;
use crate::dialect::Reply;
use crate::event::{EventKind, InstanceEvent, OrderEvent};
use crate::reason::ReasonCode;
use crate::seller::Seller;

impl Seller {
    /// Decides what is to be done with an admitted call.
    ///
    /// `rows` are the rows that were loaded so far, with the admission's keys among them; a key of the admission that
    /// is missing counts as absent. `entropy` is 32 fresh bytes.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`], [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`]; the host then declines the
    /// call.
    pub fn decide(
        &self,
        admission: &[u8],
        rows: &[Row],
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Decision, ReasonCode> {
        let admission = Admission::decode(self, admission)?;
        let first = admission.keys();
        let snapshot = Snapshot::new(rows, &first);
        let entropy = Entropy::new(entropy);
        let context = DecisionContext {
            settings: &self.settings,
            admission: &admission,
            snapshot: &snapshot,
            now,
            entropy: &entropy,
            adopts: self.adopts(&admission.route.product),
            given_id: None,
            observed: false,
        };
        match decide(&context) {
            Ok(decision) => Ok(decision),
            Err(Stop::Need(keys)) => Ok(Decision::Need { keys }),
            Err(Stop::Fail(code)) => Err(code),
        }
    }

    /// The answer when nothing else can be said: the platform will call again.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`].
    pub fn decline(&self, admission: &[u8]) -> Result<Answer, ReasonCode> {
        let admission = Admission::decode(self, admission)?;
        Ok(admission.route.endpoint.refuse(Some(admission.call.context), ReasonCode::Internal))
    }
}

fn decide(context: &DecisionContext<'_>) -> Result<Decision, Stop> {
    let mut replay = Changes::default();
    if let Some(refusal) = check_replay(context, &mut replay)? {
        return Ok(refusal);
    }
    let ruling = rule(context)?;
    let commit = |mut changes: Changes| {
        changes.extend(replay);
        context.snapshot.commit(changes)
    };
    Ok(match ruling {
        Ruling::Wait { keys, until } => Decision::Wait { keys, until },
        Ruling::Reply { reply, changes, reason, alarms } => Decision::Answer(Answered {
            answer: context.admission.answer(&reply, context.entropy),
            instance: context.admission.named(&reply),
            commit: commit(changes),
            reason,
            alarms,
        }),
        Ruling::Perform { assignment, changes } => {
            Decision::Perform(Assignment { commit: commit(changes), ..assignment })
        }
        Ruling::Ask { assignment, changes } => {
            Decision::Ask(Assignment { commit: commit(changes), ..assignment })
        }
    })
}

/// The ruling alone, without regard to replays: a settlement that came too late answers from it.
pub(crate) fn rule(context: &DecisionContext<'_>) -> Result<Ruling, Stop> {
    if context.admission.call.test {
        return test_traffic::decide(context);
    }
    match context.admission.call.event.kind {
        EventKind::Instance(kind) => match kind {
            InstanceEvent::Subscribe => create::decide(context),
            InstanceEvent::IssueLicense if context.admission.call.event.opens_instance() => {
                create::decide(context)
            }
            InstanceEvent::QueryInstances => query::decide(context),
            InstanceEvent::CheckChange => query::check_change(context),
            InstanceEvent::Renew
            | InstanceEvent::Upgrade
            | InstanceEvent::IssueLicense
            | InstanceEvent::Freeze
            | InstanceEvent::Unfreeze
            | InstanceEvent::Release => change::decide(context, kind),
        },
        EventKind::Order(OrderEvent::Changed) => notice::decide(context),
        EventKind::Directory(kind) => directory::decide(context, kind),
        EventKind::Account(kind) => account::decide(context, kind),
    }
}

/// Signed bytes are taken once. The request that wrote the row recognises it after an uncertain commit.
pub(crate) fn check_replay(
    context: &DecisionContext<'_>,
    changes: &mut Changes,
) -> Result<Option<Decision>, Stop> {
    let admission = context.admission;
    let Some(replay) = admission.call.replay else { return Ok(None) };
    let key = key::replay(&replay.signature);
    match context.snapshot.get::<ReplayRow>(&key)? {
        Some(row) if row.request == admission.request => return Ok(None),
        // Not compared with the clock: a signature is made once, and a clock that steps makes no bytes new.
        Some(_) => {
            let reply = Reply::failure(ReasonCode::Replayed);
            return Ok(Some(Decision::Answer(Answered {
                answer: admission.answer(&reply, context.entropy),
                instance: admission.named(&reply),
                commit: Vec::new(),
                reason: Some(ReasonCode::Replayed.into()),
                alarms: Vec::new(),
            })));
        }
        None => {}
    }
    let until = replay.fresh_until.saturating_add(REPLAY_MARGIN_MS);
    let row = ReplayRow { format: FORMAT, request: admission.request.clone(), until };
    changes.put_until(key, &row, until);
    Ok(None)
}

/// A replay row outlives the window by ten minutes: no row is deleted sooner, and clocks of several hosts differ.
const REPLAY_MARGIN_MS: u64 = 600_000;
