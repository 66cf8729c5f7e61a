//! Reading the changes from page to page without missing a delete.

use std::error::Error;
use std::fmt;

use crate::Changes;

/// The place of one reader in the changes of a store.
///
/// Start with [`Follower::new`] and an empty picture, apply every page, and the picture follows the store. When a page
/// is [`Lost`], throw the picture away and start anew: the reader had stopped for so long that a delete was forgotten.
///
/// ```
/// # use countersign_ledger::{Changes, Follower};
/// # let page = Changes { entries: vec![], forgotten: 7 };
/// let mut follower = Follower::new();
/// // page = store.changes(follower.after(), Limit::rows(1_000)).await?
/// let entries = follower.read(page)?;
/// # assert!(entries.is_empty());
/// # Ok::<(), countersign_ledger::Lost>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Follower {
    after: u64,
    /// What had been forgotten when this reader began: those rows it never saw, so it misses nothing.
    forgotten_before: Option<u64>,
}

impl Follower {
    /// At the beginning: the first pages give every row that there is.
    pub fn new() -> Self {
        Self::default()
    }

    /// What to ask [`Store::changes`](crate::Store::changes) for next.
    pub fn after(&self) -> u64 {
        self.after
    }

    /// Moves behind the page and gives its entries.
    pub fn read(&mut self, page: Changes) -> Result<Vec<crate::Changed>, Lost> {
        let forgotten_before = *self.forgotten_before.get_or_insert(page.forgotten);
        if page.forgotten > self.after.max(forgotten_before) {
            return Err(Lost);
        }
        if let Some(last) = page.entries.last() {
            self.after = last.sequence;
        }
        Ok(page.entries)
    }
}

/// A delete was forgotten that this reader may not have seen: its picture cannot be brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl Lost {
    /// Stable; what tests and logs match on.
    pub fn code(&self) -> &'static str {
        "changes-lost"
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the reader fell behind the deletes that the store remembers and must start anew")
    }
}

impl Error for Lost {}

#[cfg(test)]
mod tests {
    use countersign_core::ledger::Row;

    use super::*;
    use crate::Changed;

    fn page(sequences: &[u64], forgotten: u64) -> Changes {
        let entry =
            |&sequence: &u64| Changed { sequence, row: Row { key: format!("k{sequence}"), value: None } };
        Changes { entries: sequences.iter().map(entry).collect(), forgotten }
    }

    #[test]
    fn a_new_reader_does_not_mind_what_was_forgotten_before_it_began() {
        let mut follower = Follower::new();
        assert_eq!(follower.read(page(&[1, 3], 9)).map(|entries| entries.len()), Ok(2));
        assert_eq!(follower.after(), 3);
        assert!(follower.read(page(&[10], 9)).is_ok());
    }

    #[test]
    fn a_reader_that_had_seen_the_delete_goes_on() {
        let mut follower = Follower::new();
        assert!(follower.read(page(&[1, 2, 3], 0)).is_ok());
        assert!(follower.read(page(&[], 3)).is_ok());
    }

    #[test]
    fn a_reader_that_may_have_missed_a_delete_is_lost() {
        let mut follower = Follower::new();
        assert!(follower.read(page(&[1, 2], 0)).is_ok());
        assert_eq!(follower.read(page(&[4], 3)), Err(Lost));
    }
}
