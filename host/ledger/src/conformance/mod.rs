//! The rules that every store must pass, and a store that fails on request.
//!
//! The tests of a store are these lines:
//!
//! ```
//! use std::sync::Arc;
//! use countersign_ledger::{MemoryStore, conformance::Subject};
//!
//! async fn subject() -> Subject {
//!     Subject::new(Arc::new(MemoryStore::new())) // empty, and of this test alone
//! }
//!
//! countersign_ledger::conformance!(subject);
//! ```
//!
//! A store that several processes may share runs them again through [`Alternating`], which sends every call to the next
//! of several handles on the same rows.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test stops at the first surprise"
)]

mod alternating;
pub mod changes;
pub mod contention;
pub mod expiry;
mod faulty;
pub mod reads;
pub mod sizes;
mod steps;
pub mod writes;

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::Store;

pub use alternating::Alternating;
pub use faulty::{Call, Fault, Faulty};

/// An empty store under test, and what must outlive it.
pub struct Subject {
    store: Arc<dyn Store>,
    kept: Vec<Box<dyn Any + Send>>,
}

impl Subject {
    /// The store must hold no rows, and nobody else may use it.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, kept: Vec::new() }
    }

    /// Keeps a folder or a container until the store is gone.
    #[must_use]
    pub fn keeping(mut self, companion: impl Any + Send) -> Self {
        self.kept.push(Box::new(companion));
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Subject").field("kept", &self.kept.len()).finish_non_exhaustive()
    }
}

/// Makes a subject and holds it to one rule. Panics where the rule is broken.
pub fn run<M, S, R, T>(make: M, rule: R)
where
    M: FnOnce() -> S,
    S: Future<Output = Subject>,
    R: FnOnce(Arc<dyn Store>) -> T,
    T: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let subject = make().await;
        rule(Arc::clone(&subject.store)).await;
    });
}

/// One test per rule, for the store that an `async fn() -> Subject` makes.
#[macro_export]
macro_rules! conformance {
    ($subject:expr) => {
        $crate::conformance! { $subject;
            writes: [
                an_absent_row_is_put,
                a_put_that_expects_absence_conflicts_with_a_row,
                a_put_that_expects_a_version_conflicts_with_any_other,
                a_put_replaces_bytes_and_version,
                a_put_of_the_same_bytes_gives_a_new_version,
                a_delete_removes_the_row,
                a_delete_conflicts_with_any_other_version,
                a_delete_of_an_absent_row_changes_nothing,
                a_check_holds_or_conflicts_and_changes_nothing,
                one_conflict_leaves_nothing_of_the_commit,
                a_version_never_repeats,
                the_order_of_writes_means_nothing,
                no_writes_are_committed,
                a_key_twice_is_a_misuse,
                a_malformed_key_is_a_misuse,
            ],
            reads: [
                rows_come_in_the_order_asked,
                keys_differ_by_case_and_by_trailing_space,
                a_load_sees_one_moment,
                what_was_committed_is_seen_by_the_next_load,
                a_scan_gives_rows_in_the_order_of_bytes,
                a_scan_takes_its_prefix_literally,
                a_scan_ends_with_its_prefix,
                a_scan_goes_on_from_page_to_page,
                a_scan_skips_what_was_deleted,
                a_page_is_bounded_by_its_bytes,
                a_row_beyond_the_limit_comes_alone,
            ],
            changes: [
                changes_come_in_commit_order,
                a_version_is_the_sequence_of_its_put,
                only_the_last_put_of_a_row_is_kept,
                a_delete_is_a_change,
                a_conflict_is_no_change,
                changes_go_on_from_page_to_page,
                a_page_of_changes_is_bounded_by_its_bytes,
                no_change_appears_behind_a_reader,
                a_follower_ends_with_the_rows_of_the_store,
                a_delete_is_forgotten_ten_minutes_after_a_purge_saw_it,
                a_follower_that_slept_through_a_forgotten_delete_is_lost,
            ],
            expiry: [
                an_expired_row_is_returned_as_it_is,
                a_row_is_purged_later_than_ten_minutes_after_its_expiry,
                a_row_without_expiry_stays,
                a_new_put_replaces_the_expiry,
                a_purge_obeys_its_limit,
                a_purged_row_is_absent_to_expectations,
                a_clock_that_went_back_purges_nothing_and_stops_nothing,
            ],
            contention: [
                of_a_thousand_concurrent_duplicates_one_wins,
                no_increment_is_lost,
                transfers_keep_the_sum,
                checks_keep_two_decisions_apart,
                commits_that_cross_each_other_all_end,
            ],
            sizes: [
                an_empty_value_is_not_an_absent_row,
                every_byte_comes_back,
                a_value_of_a_mebibyte_comes_back,
                an_oversized_value_is_a_misuse,
                two_hundred_rows_are_one_commit,
                the_longest_key_is_a_key,
            ]
        }
    };
    ($subject:expr; $($room:ident: [$($rule:ident),* $(,)?]),* $(,)?) => {
        $(mod $room {
            use super::*;

            $(#[test]
            fn $rule() {
                $crate::conformance::run($subject, $crate::conformance::$room::$rule);
            })*
        })*
    };
}
