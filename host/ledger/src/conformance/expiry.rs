//! Rows that mean nothing any more.

use std::sync::Arc;

use crate::conformance::steps::{bytes, commit, delete, expiring, keys, load, must, put, scan, version};
use crate::{Limit, Outcome, PURGE_DELAY_MS, Purged, Store};

/// The tenth of September 2026, in milliseconds.
const EXPIRY: u64 = 1_789_000_000_000;

/// Whoever decides also judges what is over.
pub async fn an_expired_row_is_returned_as_it_is(store: Arc<dyn Store>) {
    must(&store, vec![expiring("a", None, "x", Some(0)), expiring("b", None, "x", Some(1))]).await;
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"x"[..]));
    assert_eq!(keys(&scan(&store, "", None, 10).await), ["a", "b"]);
    assert_eq!(commit(&store, vec![put("a", None, "y")]).await, Outcome::Conflict);
    must(&store, vec![put("a", version(&store, "a").await, "y")]).await;
}

/// To the millisecond.
pub async fn a_row_is_purged_later_than_ten_minutes_after_its_expiry(store: Arc<dyn Store>) {
    must(&store, vec![expiring("a", None, "x", Some(EXPIRY)), expiring("b", None, "x", Some(EXPIRY + 1))])
        .await;
    for early in [0, PURGE_DELAY_MS, EXPIRY - 1, EXPIRY, EXPIRY + 1, EXPIRY + PURGE_DELAY_MS] {
        assert_eq!(store.purge(early, 10).await, Ok(Purged { removed: 0, more: false }));
        assert!(bytes(&store, "a").await.is_some());
    }
    assert_eq!(store.purge(EXPIRY + PURGE_DELAY_MS + 1, 10).await, Ok(Purged { removed: 1, more: false }));
    assert_eq!(load(&store, &["a"]).await[0].value, None);
    assert!(bytes(&store, "b").await.is_some());
    // It had meant nothing for ten minutes: it leaves no change.
    assert_eq!(store.changes(0, Limit::rows(10)).await.unwrap().entries.len(), 1);
}

/// For ever, as does one that expires at the end of time.
pub async fn a_row_without_expiry_stays(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "x"), expiring("b", None, "x", Some(u64::MAX))]).await;
    assert_eq!(store.purge(u64::MAX, 10).await, Ok(Purged { removed: 0, more: false }));
    assert_eq!(keys(&scan(&store, "", None, 10).await), ["a", "b"]);
}

/// Later, never, or at last.
pub async fn a_new_put_replaces_the_expiry(store: Arc<dyn Store>) {
    for key in ["later", "never", "same"] {
        must(&store, vec![expiring(key, None, "x", Some(EXPIRY))]).await;
    }
    must(&store, vec![put("at last", None, "x")]).await;
    let expiries = [("later", Some(EXPIRY + 1)), ("never", None), ("at last", Some(EXPIRY))];
    for (key, expires_at) in expiries {
        must(&store, vec![expiring(key, version(&store, key).await, "y", expires_at)]).await;
    }
    assert_eq!(store.purge(EXPIRY + PURGE_DELAY_MS + 1, 10).await, Ok(Purged { removed: 2, more: false }));
    assert_eq!(keys(&scan(&store, "", None, 10).await), ["later", "never"]);
}

/// And says whether there may be more.
pub async fn a_purge_obeys_its_limit(store: Arc<dyn Store>) {
    must(&store, (0..25).map(|row| expiring(&format!("r/{row}"), None, "x", Some(row))).collect()).await;
    let now = EXPIRY;
    assert_eq!(store.purge(now, 0).await, Ok(Purged { removed: 0, more: false }));
    assert_eq!(store.purge(now, 10).await, Ok(Purged { removed: 10, more: true }));
    assert_eq!(store.purge(now, 10).await, Ok(Purged { removed: 10, more: true }));
    assert_eq!(store.purge(now, 10).await, Ok(Purged { removed: 5, more: false }));
    assert_eq!(scan(&store, "", None, 10).await, []);
}

/// Gone is gone: its version is worth nothing, and the row may be created anew.
pub async fn a_purged_row_is_absent_to_expectations(store: Arc<dyn Store>) {
    must(&store, vec![expiring("a", None, "x", Some(1))]).await;
    let old = version(&store, "a").await;
    assert_eq!(store.purge(EXPIRY, 10).await, Ok(Purged { removed: 1, more: false }));
    assert_eq!(commit(&store, vec![put("a", old, "y")]).await, Outcome::Conflict);
    must(&store, vec![put("a", None, "y")]).await;
    assert_ne!(version(&store, "a").await, old);
}

/// Whoever calls may have a clock that steps: what was purged at a later time is gone, the rest is judged by each call.
pub async fn a_clock_that_went_back_purges_nothing_and_stops_nothing(store: Arc<dyn Store>) {
    let hours = 3 * 3_600_000;
    must(&store, vec![expiring("a", None, "x", Some(EXPIRY)), put("gone", None, "x")]).await;
    must(&store, vec![delete("gone", version(&store, "gone").await)]).await;
    // A purge ahead of time sees the delete, and notes a time that is not to come for hours.
    assert_eq!(store.purge(EXPIRY + hours, 10).await, Ok(Purged { removed: 1, more: false }));
    must(&store, vec![expiring("b", None, "x", Some(EXPIRY)), put("late", None, "x")]).await;
    assert_eq!(store.purge(EXPIRY, 10).await, Ok(Purged { removed: 0, more: false }));
    must(&store, vec![delete("late", version(&store, "late").await)]).await;
    assert_eq!(store.purge(EXPIRY + 1, 10).await, Ok(Purged { removed: 0, more: false }));
    // The row and both deletes: the later mark counts for the delete before it.
    let over = EXPIRY + PURGE_DELAY_MS + 2;
    assert_eq!(store.purge(over, 10).await, Ok(Purged { removed: 3, more: false }));
}
