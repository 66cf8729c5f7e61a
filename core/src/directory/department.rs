//! A department, by itself and in a snapshot of all.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Action;
use super::moment::Moment;
use super::tenant::TenantRecord;
use crate::ledger::row::codec::record;

record! {
    /// Under the number of the snapshot in which it stood last, or after which it came.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    DepartmentRecord {
        epoch: u64,
        number: u64,
        time: u64,
        removed: bool,
        [sparse] name: Option<String>,
        [sparse] parent_code: Option<String>,
    }
}

/// What a call says of a department: the whole of it, so that one can be moved to the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Department<'a> {
    pub(crate) code: &'a str,
    pub(crate) name: Option<&'a str>,
    pub(crate) parent_code: Option<&'a str>,
}

impl DepartmentRecord {
    /// Whether it counts under this head.
    pub(crate) fn is_current(&self, head: &TenantRecord) -> bool {
        self.epoch == head.epoch
    }

    /// Whether it is there: it stood in the last snapshot, or came after it. What a snapshot does not name is not gone,
    /// it only does not count (UNKNOWN, KooGallery C.7).
    pub(crate) fn is_present(&self, head: &TenantRecord) -> bool {
        let departments = &head.departments;
        let counts = self.number == departments.number || self.time > departments.time;
        self.is_current(head) && counts && !self.removed
    }

    fn says(&self, department: Department<'_>) -> bool {
        self.name.as_deref() == department.name && self.parent_code.as_deref() == department.parent_code
    }

    /// The record after a call about this department alone, and whether there is an effect to tell of; `None` if nothing
    /// is to be written. The head counts along.
    pub(crate) fn apply(
        found: Option<&Self>,
        head: &mut TenantRecord,
        action: Action,
        department: Department<'_>,
        at: Moment,
    ) -> Option<(Self, bool)> {
        let known = found.filter(|record| record.is_current(head));
        let is_stale = [head.ended_at, head.departments.time, known.map_or(0, |record| record.time)];
        if is_stale.into_iter().any(|time| at.is_before(time)) {
            return None;
        }
        let was_removed = known.is_some_and(|record| record.removed);
        let was_present = known.is_some_and(|record| record.is_present(head));
        let removed = matches!(action, Action::Remove | Action::Revoke);
        if action == Action::Update && was_removed {
            return None;
        }
        let mut after = Self {
            epoch: head.epoch,
            number: head.departments.number,
            time: at.recorded(),
            removed,
            ..Self::default()
        };
        let effect = if removed {
            !was_removed
        } else {
            after.name = department.name.map(ToString::to_string);
            after.parent_code = department.parent_code.map(ToString::to_string);
            !(was_present && known.is_some_and(|record| record.says(department)))
        };
        head.departments.note(department.code, was_present, !removed, at);
        Some((after, effect))
    }

    /// What a snapshot makes of the departments that it names, each once. `found` are their records, in the order of the
    /// departments. The records that are to be written, and whether there is an effect to tell of; `None` for a snapshot
    /// that comes too late.
    pub(crate) fn snapshot(
        found: &[Option<Self>],
        head: &mut TenantRecord,
        departments: &[Department<'_>],
        at: Moment,
    ) -> Option<(Vec<(String, Self)>, bool)> {
        if at.is_before(head.ended_at) || at.is_before(head.departments.time) {
            return None;
        }
        // Some were written by themselves later: those stay as they are.
        let later = |record: &&Self| record.is_current(head) && at.is_before(record.time);
        let known = |record: &&Self| record.is_current(head);
        let pairs = || departments.iter().zip(found.iter().map(Option::as_ref));
        let named = |code: &str| departments.iter().any(|department| department.code == code);
        let others = head.departments.later_than(at.recorded());
        let others = others.map(|codes| codes.filter(|code| !named(code)).count());
        let present =
            pairs().filter(|(_, record)| !record.filter(later).is_some_and(|record| record.removed));
        let present = others.map(|others| count(present.count()).saturating_add(count(others)));
        let is_same = head.departments.counts(present)
            && pairs().all(|(department, record)| {
                record.filter(later).is_some()
                    || record
                        .filter(known)
                        .is_some_and(|record| record.is_present(head) && record.says(*department))
            });
        let number = head.departments.number.saturating_add(u64::from(!is_same));
        let fresh = |department: &Department<'_>| Self {
            epoch: head.epoch,
            number,
            time: at.recorded(),
            removed: false,
            name: department.name.map(ToString::to_string),
            parent_code: department.parent_code.map(ToString::to_string),
        };
        // Where nothing changes, only what would not count any more by its time is written again.
        let is_kept =
            |record: &Self| later(&record) || is_same && record.is_current(head) && record.number == number;
        let written = pairs().filter(|(_, record)| !record.is_some_and(is_kept));
        let written =
            written.map(|(department, _)| (department.code.to_string(), fresh(department))).collect();
        head.departments.renew(number, present, at);
        Some((written, !is_same))
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
