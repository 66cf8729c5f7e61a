//! What the departments of a tenant have in common: the last snapshot, and how many there are.

use alloc::string::String;
use alloc::vec::Vec;

use super::moment::Moment;
use crate::ledger::row::codec::record;

/// The departments of an OrgID.
pub(super) const MOST: usize = 999;

record! {
    /// The last snapshot, and what came after it.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    DepartmentHead {
        /// Raised by every snapshot that changes something; a department has the number under which it was written.
        number: u64,
        /// When the last snapshot was signed.
        time: u64,
        /// How many departments are present.
        present: u64,
        /// Nobody knows how many: a snapshot was so late that those which came after it are not remembered.
        uncounted: bool,
        /// Those that came one by one after the snapshot, as far as a snapshot that is late could pass them over.
        [sparse] later: Vec<Later>,
        /// There may be more of them that were signed before this.
        [sparse] forgotten_before: Option<u64>,
    }
}

record! {
    /// A department that is present and was written by itself.
    #[derive(Debug, Clone, PartialEq, Eq)]
    Later {
        code: String,
        time: u64,
    }
}

/// The most that are remembered. OURS: whoever is late is so by seconds.
const REMEMBERED: usize = 32;

impl DepartmentHead {
    /// A department was written by itself: it is present now, or is not, and was so before, or was not.
    pub(super) fn note(&mut self, code: &str, was_present: bool, is_present: bool, at: Moment) {
        match (was_present, is_present) {
            (false, true) => self.present = self.present.saturating_add(1),
            (true, false) => self.present = self.present.saturating_sub(1),
            _ => {}
        }
        self.later.retain(|later| later.code != code);
        if is_present {
            self.later.push(Later { code: code.into(), time: at.recorded() });
            if self.later.len() > REMEMBERED {
                let forgotten = self.later.remove(0);
                self.forgotten_before = self.forgotten_before.max(Some(forgotten.time));
            }
        }
    }

    /// Those that came after a snapshot which was signed at this time; `None` if there may be more than are remembered.
    pub(super) fn later_than(&self, time: u64) -> Option<impl Iterator<Item = &str>> {
        let is_known = self.forgotten_before.is_none_or(|before| time >= before);
        is_known.then(|| {
            self.later.iter().filter(move |later| later.time > time).map(|later| later.code.as_str())
        })
    }

    /// Whether there are more than any provider has.
    pub(crate) fn is_crowded(&self) -> bool {
        usize::try_from(self.present).is_ok_and(|present| present > MOST)
    }

    /// Whether so many are present, as far as anybody knows.
    pub(super) fn counts(&self, present: Option<u64>) -> bool {
        !self.uncounted && present == Some(self.present)
    }

    /// A snapshot was taken in: so many are present now.
    pub(super) fn renew(&mut self, number: u64, present: Option<u64>, at: Moment) {
        let time = at.recorded();
        self.number = number;
        self.time = time;
        self.present = present.unwrap_or_default();
        self.uncounted = present.is_none();
        self.later.retain(|later| later.time > time);
        self.forgotten_before = self.forgotten_before.filter(|before| *before > time);
    }
}
