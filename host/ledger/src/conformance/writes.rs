//! What commits do, and when they do nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::conformance::steps::{bytes, check, commit, delete, load, must, put, version};
use crate::{Limit, Outcome, Store};

/// What was put comes back, with a version.
pub async fn an_absent_row_is_put(store: Arc<dyn Store>) {
    assert_eq!(load(&store, &["a"]).await[0].value, None);
    must(&store, vec![put("a", None, "first")]).await;
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"first"[..]));
    assert!(version(&store, "a").await.is_some());
}

/// Create means create.
pub async fn a_put_that_expects_absence_conflicts_with_a_row(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "first")]).await;
    assert_eq!(commit(&store, vec![put("a", None, "second")]).await, Outcome::Conflict);
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"first"[..]));
}

/// Neither an absent row, nor an older version, nor a number that never was.
pub async fn a_put_that_expects_a_version_conflicts_with_any_other(store: Arc<dyn Store>) {
    for never in [0, 1, 17, u64::MAX] {
        assert_eq!(commit(&store, vec![put("a", Some(never), "x")]).await, Outcome::Conflict);
    }
    must(&store, vec![put("a", None, "first")]).await;
    let first = version(&store, "a").await;
    must(&store, vec![put("a", first, "second")]).await;
    for wrong in [first, Some(0), Some(u64::MAX), Some(i64::MAX.cast_unsigned())] {
        assert_eq!(commit(&store, vec![put("a", wrong, "third")]).await, Outcome::Conflict);
    }
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"second"[..]));
}

/// The version moves with the bytes.
pub async fn a_put_replaces_bytes_and_version(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "first")]).await;
    let first = version(&store, "a").await;
    must(&store, vec![put("a", first, "second")]).await;
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"second"[..]));
    assert!(version(&store, "a").await > first);
}

/// Whoever read the row before must notice.
pub async fn a_put_of_the_same_bytes_gives_a_new_version(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "same")]).await;
    let first = version(&store, "a").await;
    must(&store, vec![put("a", first, "same")]).await;
    assert_eq!(commit(&store, vec![put("a", first, "same")]).await, Outcome::Conflict);
}

/// And then the row may be created again.
pub async fn a_delete_removes_the_row(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "first")]).await;
    must(&store, vec![delete("a", version(&store, "a").await)]).await;
    assert_eq!(load(&store, &["a"]).await[0].value, None);
    must(&store, vec![put("a", None, "second")]).await;
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"second"[..]));
}

/// A delete is a write like any other.
pub async fn a_delete_conflicts_with_any_other_version(store: Arc<dyn Store>) {
    assert_eq!(commit(&store, vec![delete("a", Some(1))]).await, Outcome::Conflict);
    must(&store, vec![put("a", None, "first")]).await;
    let first = version(&store, "a").await;
    must(&store, vec![put("a", first, "second")]).await;
    assert_eq!(commit(&store, vec![delete("a", first)]).await, Outcome::Conflict);
    assert_eq!(commit(&store, vec![delete("a", None)]).await, Outcome::Conflict);
    assert_eq!(bytes(&store, "a").await.as_deref(), Some(&b"second"[..]));
}

/// It is a check that the row is absent.
pub async fn a_delete_of_an_absent_row_changes_nothing(store: Arc<dyn Store>) {
    must(&store, vec![delete("a", None)]).await;
    assert_eq!(store.changes(0, Limit::rows(10)).await.unwrap().entries, []);
}

/// Checks guard what a decision has read.
pub async fn a_check_holds_or_conflicts_and_changes_nothing(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "first")]).await;
    let first = version(&store, "a").await;
    must(&store, vec![check("a", first), check("b", None)]).await;
    assert_eq!(version(&store, "a").await, first);
    assert_eq!(commit(&store, vec![check("a", None)]).await, Outcome::Conflict);
    assert_eq!(commit(&store, vec![check("b", Some(1))]).await, Outcome::Conflict);
    must(&store, vec![put("a", first, "second")]).await;
    assert_eq!(commit(&store, vec![check("a", first), put("b", None, "x")]).await, Outcome::Conflict);
    assert_eq!(load(&store, &["b"]).await[0].value, None);
}

/// Wherever among the writes the conflict stands.
pub async fn one_conflict_leaves_nothing_of_the_commit(store: Arc<dyn Store>) {
    must(&store, vec![put("kept", None, "old"), put("gone", None, "old")]).await;
    let before = load(&store, &["kept", "gone", "new1", "new2"]).await;
    let (kept, gone) = (version(&store, "kept").await, version(&store, "gone").await);
    let changes = store.changes(0, Limit::rows(10)).await.unwrap();
    for wrong in ["a-first", "l-middle", "z-last"] {
        for conflict in [check(wrong, Some(1)), put(wrong, Some(1), "x"), delete(wrong, Some(1))] {
            let writes = vec![
                put("new1", None, "new"),
                put("kept", kept, "new"),
                conflict,
                delete("gone", gone),
                put("new2", None, "new"),
            ];
            assert_eq!(commit(&store, writes).await, Outcome::Conflict);
        }
    }
    assert_eq!(load(&store, &["kept", "gone", "new1", "new2"]).await, before);
    assert_eq!(store.changes(0, Limit::rows(10)).await.unwrap(), changes);
}

/// Neither by changing, nor by deleting and creating, nor when another row lies between.
pub async fn a_version_never_repeats(store: Arc<dyn Store>) {
    let mut seen = BTreeSet::new();
    let mut now = None;
    for round in 0..30 {
        must(&store, vec![put("a", now, "x")]).await;
        now = version(&store, "a").await;
        assert!(seen.insert(now), "version {now:?} came twice");
        if round % 3 == 0 {
            must(&store, vec![delete("a", now)]).await;
            now = None;
        }
        if round % 5 == 0 {
            must(&store, vec![put("b", version(&store, "b").await, "x")]).await;
        }
    }
    // What nobody remembers any more counts too.
    let last = version(&store, "a").await;
    must(&store, vec![delete("a", last)]).await;
    for now in [1_000_000, 10_000_000] {
        store.purge(now, 1_000).await.unwrap();
    }
    must(&store, vec![put("a", None, "x")]).await;
    assert!(seen.insert(version(&store, "a").await));
}

/// The caller need not sort.
pub async fn the_order_of_writes_means_nothing(store: Arc<dyn Store>) {
    must(&store, vec![put("c", None, "3"), put("a", None, "1"), put("b", None, "2")]).await;
    for (key, value) in [("a", b"1"), ("b", b"2"), ("c", b"3")] {
        assert_eq!(bytes(&store, key).await.as_deref(), Some(&value[..]));
    }
}

/// Nothing to do is done.
pub async fn no_writes_are_committed(store: Arc<dyn Store>) {
    must(&store, vec![]).await;
    assert_eq!(store.changes(0, Limit::rows(10)).await.unwrap().entries, []);
}

/// Which of the two would count? Even two checks: the caller has lost its way.
pub async fn a_key_twice_is_a_misuse(store: Arc<dyn Store>) {
    for second in [put("a", None, "2"), check("a", None), delete("a", None)] {
        let writes = vec![put("a", None, "1"), put("b", None, "x"), second];
        let error = store.commit(writes).await.unwrap_err();
        assert_eq!(error.code(), "duplicate-key");
    }
    assert_eq!(store.changes(0, Limit::rows(10)).await.unwrap().entries, []);
}

/// Keys are one to 1 024 bytes of printable ASCII.
pub async fn a_malformed_key_is_a_misuse(store: Arc<dyn Store>) {
    let long = "k".repeat(crate::MAX_KEY_BYTES + 1);
    for key in ["", "tab\t", "nul\0", "line\n", "del\u{7f}", "ünicode", "键", long.as_str()] {
        assert_eq!(store.commit(vec![put(key, None, "x")]).await.unwrap_err().code(), "malformed-key");
        assert_eq!(store.load(vec![key.into()]).await.unwrap_err().code(), "malformed-key");
    }
    assert_eq!(store.scan("tab\t", None, Limit::rows(10)).await.unwrap_err().code(), "malformed-key");
}
