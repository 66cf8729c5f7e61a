//! What an outcome changes, and what is answered for it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::account;
use super::admission::Admission;
use super::context::SettlementContext;
use super::contract::Row;
use super::decide::rule;
use super::decision::{Outcome, Settled, Settlement, Settling};
use super::ending::{self, SubjectRow};
use super::key;
use super::lease;
use super::question;
use super::row::{AccountRow, End, EndedWork, InstanceRow, NoticeRow, TenantRow, WorkRow};
use super::ruling::Ruling;
use super::snapshot::{Snapshot, Stop};
use super::subject::Subject;
use super::work::Handle;
use crate::crypto::Entropy;
use crate::dialect::Reply;
use crate::reason::{Reason, ReasonCode};
use crate::seller::Seller;

impl Seller {
    /// Settles a work or a question: what is to be committed and, with an admission, answered.
    ///
    /// A worker whose fencing token is no longer the row's settles nothing and answers from the rows.
    ///
    /// # Errors
    /// [`ReasonCode::MalformedWork`], [`ReasonCode::ForeignAdmission`], [`ReasonCode::NewerRow`],
    /// [`ReasonCode::CorruptRow`]; a question without its admission is [`ReasonCode::ForeignAdmission`].
    pub fn settle(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, ReasonCode> {
        let entropy = &Entropy::new(entropy);
        let context = SettlementContext { seller: self, outcome, now, entropy, observed: false };
        settle(&context, work, admission, rows)
    }

    /// Settles what somebody else carried out: an instance may be open whose access data nobody has told yet.
    pub(crate) fn settle_observed(
        &self,
        work: &[u8],
        admission: Option<&[u8]>,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &Entropy,
    ) -> Result<Settlement, ReasonCode> {
        let context = SettlementContext { seller: self, outcome, now, entropy, observed: true };
        settle(&context, work, admission, rows)
    }

    /// Settles a work by its effect id alone: the backend reports it by itself. An answer beyond the platform's limits
    /// changes nothing.
    ///
    /// # Errors
    /// [`ReasonCode::BackendAnswerInvalid`] with the member that it is about, [`ReasonCode::MalformedOutcome`] for an outcome
    /// that ends nothing or a refusal where none is possible, [`ReasonCode::NewerRow`], [`ReasonCode::CorruptRow`].
    pub fn report(
        &self,
        effect_id: &str,
        rows: &[Row],
        outcome: &Outcome,
        now: u64,
        entropy: &[u8; 32],
    ) -> Result<Settlement, Reason> {
        if !matches!(outcome, Outcome::Done(_) | Outcome::Refused { .. }) {
            return Err(ReasonCode::MalformedOutcome.into());
        }
        let entropy = &Entropy::new(entropy);
        let context = SettlementContext { seller: self, outcome, now, entropy, observed: false };
        match settle_work(&context, effect_id, None, None, rows, subject_row) {
            Ok(Settled { effect: Settling::Owed, reason, .. }) => {
                Err(reason.unwrap_or(ReasonCode::MalformedOutcome.into()))
            }
            Ok(settled) => Ok(Settlement::Settled(settled)),
            Err(Stop::Need(keys)) => Ok(Settlement::Need { keys }),
            Err(Stop::Fail(code)) => Err(code.into()),
        }
    }
}

fn settle(
    context: &SettlementContext<'_>,
    work: &[u8],
    admission: Option<&[u8]>,
    rows: &[Row],
) -> Result<Settlement, ReasonCode> {
    let handle = Handle::decode(work)?;
    let admission = admission.map(|bytes| Admission::decode(context.seller, bytes)).transpose()?;
    let settled = match (&handle, &admission) {
        (Handle::Question, Some(admission)) => question::settle(context, admission, rows),
        (Handle::Question, None) => Err(ReasonCode::ForeignAdmission.into()),
        (Handle::Named { key, effect_id, token }, admission) => {
            account::settle_create(context, key, effect_id, *token, admission.as_ref(), rows)
        }
        (Handle::Work { effect_id, token, .. }, admission) => {
            settle_work(context, effect_id, Some(*token), admission.as_ref(), rows, subject_row)
        }
    };
    match settled {
        Ok(settled) => Ok(Settlement::Settled(settled)),
        Err(Stop::Need(keys)) => Ok(Settlement::Need { keys }),
        Err(Stop::Fail(code)) => Err(code),
    }
}

/// The row of a subject under its key, as what settles its works; `None` if there is none.
pub(super) type FindRow = fn(&Subject, &str, &Snapshot<'_>) -> Result<Option<Box<dyn SubjectRow>>, Stop>;

fn subject_row(
    subject: &Subject,
    key: &str,
    snapshot: &Snapshot<'_>,
) -> Result<Option<Box<dyn SubjectRow>>, Stop> {
    match subject {
        Subject::Instance(_) => {
            let row = snapshot.get::<InstanceRow>(key)?;
            Ok(row.map(|row| -> Box<dyn SubjectRow> { Box::new(row) }))
        }
        Subject::Order(_) => {
            let row = snapshot.get::<NoticeRow>(key)?;
            Ok(row.map(|row| -> Box<dyn SubjectRow> { Box::new(row) }))
        }
        Subject::Tenant { .. } => {
            let row = snapshot.get::<TenantRow>(key)?;
            Ok(row.map(|row| -> Box<dyn SubjectRow> { Box::new(row) }))
        }
        Subject::Account(_) | Subject::Organization(_) => {
            let row = snapshot.get::<AccountRow>(key)?;
            Ok(row.map(|row| -> Box<dyn SubjectRow> { Box::new(row) }))
        }
    }
}

/// Settles a work that was sent under this token, or of which the backend reports by itself.
pub(super) fn settle_work(
    context: &SettlementContext<'_>,
    effect_id: &str,
    token: Option<u64>,
    admission: Option<&Admission<'_>>,
    rows: &[Row],
    find_row: FindRow,
) -> Result<Settled, Stop> {
    let snapshot = Snapshot::new(rows, &[]);
    let work_key = key::work(effect_id);
    let work = match snapshot.get::<WorkRow>(&work_key)? {
        Some(work) if lease::is_current(&work, token) => work,
        found => return too_late(context, effect_id, found.is_some() || token.is_some(), admission, rows),
    };
    let key = work.subject.key(&work.product);
    let Some(mut row) = find_row(&work.subject, &key, &snapshot)? else {
        // A work is never without the row of its subject: one of the two was loaded before a commit and one after it.
        return Err(snapshot.again(&[work_key, key]));
    };
    ending::end(context, &snapshot, work, row.as_mut(), admission)
}

/// Somebody else settled the work, or another call made it void. A call that waits is answered from the rows; whoever
/// reports is told whether the ledger knows the same end.
fn too_late(
    context: &SettlementContext<'_>,
    effect_id: &str,
    was_known: bool,
    admission: Option<&Admission<'_>>,
    rows: &[Row],
) -> Result<Settled, Stop> {
    if let Some(admission) = admission {
        return read_only(context, admission, rows);
    }
    let snapshot = Snapshot::new(rows, &[]);
    let ended = snapshot.get::<EndedWork>(&key::report(effect_id))?;
    let effect = match (ended.as_ref().map(|ended| ended.end), context.outcome) {
        (Some(End::Done), Outcome::Done(_)) | (Some(End::Refused), Outcome::Refused { .. }) => {
            Settling::Repeated
        }
        (Some(_), _) => Settling::Superseded,
        (None, _) if was_known => Settling::Superseded,
        (None, _) => Settling::Unknown,
    };
    Ok(Settled {
        answer: None,
        instance: ended.map(|ended| ended.subject.instance().into()),
        commit: Vec::new(),
        effect,
        promoted: false,
        reason: None,
        alarms: Vec::new(),
    })
}

/// Answers from the rows and changes nothing.
fn read_only(
    context: &SettlementContext<'_>,
    admission: &Admission<'_>,
    rows: &[Row],
) -> Result<Settled, Stop> {
    let snapshot = Snapshot::new(rows, &[]);
    let (reply, reason) = match rule(&context.decision(admission, &snapshot))? {
        Ruling::Reply { reply, reason, .. } => (reply, reason),
        // Whatever else there is to do with the call, the next one does it.
        _ => (Reply::failure(ReasonCode::InProgress), Some(ReasonCode::InProgress.into())),
    };
    Ok(Settled {
        answer: Some(admission.answer(&reply, context.entropy)),
        instance: admission.named(&reply),
        commit: Vec::new(),
        effect: Settling::Superseded,
        promoted: false,
        reason,
        alarms: Vec::new(),
    })
}
