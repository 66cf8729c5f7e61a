//! The order of commits, as those see it who follow it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::conformance::steps::{Dice, Running, commit, delete, keys, load, must, put, scan, version};
use crate::{Changes, Follower, Limit, Lost, Outcome, PURGE_DELAY_MS, Store};

async fn changes(store: &Arc<dyn Store>, after: u64, limit: usize) -> Changes {
    store.changes(after, Limit::rows(limit)).await.expect("changes")
}

fn changed(page: &Changes) -> Vec<&str> {
    page.entries.iter().map(|entry| entry.row.key.as_str()).collect()
}

/// Whatever the order of the keys.
pub async fn changes_come_in_commit_order(store: Arc<dyn Store>) {
    assert_eq!(changes(&store, 0, 10).await, Changes { entries: vec![], forgotten: 0 });
    for key in ["m", "z", "a", "k"] {
        must(&store, vec![put(key, None, key)]).await;
    }
    let page = changes(&store, 0, 10).await;
    assert_eq!(changed(&page), ["m", "z", "a", "k"]);
    assert!(page.entries.is_sorted_by(|a, b| a.sequence < b.sequence));
}

/// So a reader of changes and a reader of rows speak of the same.
pub async fn a_version_is_the_sequence_of_its_put(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1"), put("b", None, "2")]).await;
    for entry in changes(&store, 0, 10).await.entries {
        assert_eq!(entry.row.value.as_ref().map(|stored| stored.version), Some(entry.sequence));
        assert_eq!(load(&store, &[&entry.row.key]).await[0], entry.row);
    }
}

/// A row appears once, at its last place.
pub async fn only_the_last_put_of_a_row_is_kept(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1")]).await;
    must(&store, vec![put("b", None, "1")]).await;
    let seen = changes(&store, 0, 10).await.entries[1].sequence;
    must(&store, vec![put("a", version(&store, "a").await, "2")]).await;
    let page = changes(&store, 0, 10).await;
    assert_eq!(changed(&page), ["b", "a"]);
    assert_eq!(page.entries[1].row.value.as_ref().map(|stored| stored.bytes.as_slice()), Some(&b"2"[..]));
    assert_eq!(changed(&changes(&store, seen, 10).await), ["a"]);
}

/// It appears as a row without a value, and a later put comes later.
pub async fn a_delete_is_a_change(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1"), put("b", None, "1")]).await;
    let seen = changes(&store, 0, 10).await.entries[1].sequence;
    must(&store, vec![delete("a", version(&store, "a").await)]).await;
    let page = changes(&store, seen, 10).await;
    assert_eq!(changed(&page), ["a"]);
    assert_eq!(page.entries[0].row.value, None);
    let deleted = page.entries[0].sequence;
    must(&store, vec![put("a", None, "2")]).await;
    let page = changes(&store, deleted, 10).await;
    assert_eq!(changed(&page), ["a"]);
    assert!(page.entries[0].row.value.is_some());
}

/// Nor is a check.
pub async fn a_conflict_is_no_change(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1")]).await;
    let page = changes(&store, 0, 10).await;
    assert_eq!(commit(&store, vec![put("a", None, "2"), put("b", None, "2")]).await, Outcome::Conflict);
    must(&store, vec![super::steps::check("a", version(&store, "a").await)]).await;
    assert_eq!(changes(&store, 0, 10).await, page);
}

/// Also when a page ends inside a commit, and with deletes between the puts.
pub async fn changes_go_on_from_page_to_page(store: Arc<dyn Store>) {
    for commit in 0..10 {
        must(&store, (0..9).map(|row| put(&format!("{commit}/{row}"), None, "x")).collect()).await;
        let gone = format!("{commit}/4");
        must(&store, vec![delete(&gone, version(&store, &gone).await)]).await;
    }
    let all = changes(&store, 0, 1_000).await.entries;
    assert_eq!(all.len(), 90);
    assert_eq!(all.iter().filter(|entry| entry.row.value.is_none()).count(), 10);
    for limit in [1, 4, 89, 90] {
        let (mut after, mut found) = (0, Vec::new());
        while let page @ [_, ..] = changes(&store, after, limit).await.entries.as_slice() {
            assert!(page.len() <= limit);
            after = page[page.len() - 1].sequence;
            found.extend_from_slice(page);
        }
        assert_eq!(found, all);
    }
    assert_eq!(changes(&store, 0, 0).await.entries, []);
    assert_eq!(changes(&store, u64::MAX, 10).await.entries, []);
}

/// As with rows: the first change comes whatever its size.
pub async fn a_page_of_changes_is_bounded_by_its_bytes(store: Arc<dyn Store>) {
    for (key, length) in [("a", 99), ("b", 99), ("c", 100_000), ("d", 99)] {
        must(&store, vec![put(key, None, vec![b'x'; length])]).await;
    }
    must(&store, vec![delete("d", version(&store, "d").await)]).await;
    let (mut pages, mut after) = (Vec::new(), 0);
    loop {
        let page = store.changes(after, Limit { rows: 10, bytes: 200 }).await.expect("changes");
        let Some(last) = page.entries.last() else { break };
        after = last.sequence;
        pages.push(changed(&page).join(" "));
    }
    assert_eq!(pages, ["a b", "c", "d"]);
}

/// Writers commit at once while a reader moves its cursor as fast as it can. In the end it has seen everything.
pub async fn no_change_appears_behind_a_reader(store: Arc<dyn Store>) {
    let writer = |name: usize| {
        let store = Arc::clone(&store);
        async move {
            for number in 0..40 {
                let rows = 1 + number % 3;
                must(
                    &store,
                    (0..rows).map(|row| put(&format!("{name}/{number}/{row}"), None, "x")).collect(),
                )
                .await;
            }
        }
    };
    let writers = Running::start((0..8).map(writer));
    let (mut after, mut seen) = (0, BTreeSet::new());
    loop {
        let last_round = writers.is_over();
        let entries = changes(&store, after, 17).await.entries;
        let empty = entries.is_empty();
        for entry in entries {
            assert!(entry.sequence > after, "{} after {after}", entry.sequence);
            after = entry.sequence;
            assert!(seen.insert(entry.row.key));
        }
        if last_round && empty {
            break;
        }
    }
    writers.join().await;
    let rows = scan(&store, "", None, 10_000).await;
    assert_eq!(rows.len(), seen.len(), "the reader missed {:?}", {
        keys(&rows).into_iter().filter(|key| !seen.contains(*key)).collect::<Vec<_>>()
    });
}

/// Puts, changes and deletes at once, and purges between them; whoever follows ends with what the store holds.
pub async fn a_follower_ends_with_the_rows_of_the_store(store: Arc<dyn Store>) {
    let writer = |name: u64| {
        let store = Arc::clone(&store);
        async move {
            let mut dice = Dice(name);
            for number in 0..80_u64 {
                let key = format!("row/{}", dice.below(20));
                let seen = version(&store, &key).await;
                let write = match (seen, dice.below(3)) {
                    (Some(_), 0) => delete(&key, seen),
                    _ => put(&key, seen, format!("{name}/{number}")),
                };
                // Somebody else may have been faster.
                let _ = commit(&store, vec![write]).await;
                if number % 20 == 0 {
                    store.purge(number * PURGE_DELAY_MS, 10).await.expect("a purge");
                }
            }
        }
    };
    let writers = Running::start((0..4).map(writer));
    let (mut follower, mut picture) = (Follower::new(), BTreeMap::new());
    loop {
        let last_round = writers.is_over();
        let Ok(entries) = follower.read(changes(&store, follower.after(), 13).await) else {
            (follower, picture) = (Follower::new(), BTreeMap::new());
            continue;
        };
        let empty = entries.is_empty();
        for entry in entries {
            match entry.row.value {
                Some(stored) => picture.insert(entry.row.key, stored),
                None => picture.remove(&entry.row.key),
            };
        }
        if last_round && empty {
            break;
        }
    }
    writers.join().await;
    let rows = scan(&store, "", None, 1_000).await;
    let rows: BTreeMap<_, _> = rows.into_iter().filter_map(|row| Some((row.key, row.value?))).collect();
    assert_eq!(picture, rows);
}

/// The store has no clock: the first purge after the delete starts the ten minutes.
pub async fn a_delete_is_forgotten_ten_minutes_after_a_purge_saw_it(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1"), put("b", None, "1")]).await;
    must(&store, vec![delete("a", version(&store, "a").await)]).await;
    let deleted = changes(&store, 0, 10).await.entries[1].sequence;
    let seen = 1_700_000_000_000;
    for early in [seen, seen, seen + 1, seen + PURGE_DELAY_MS] {
        assert_eq!(store.purge(early, 10).await.expect("a purge").removed, 0);
        assert_eq!(changed(&changes(&store, 0, 10).await), ["b", "a"]);
        assert_eq!(changes(&store, 0, 10).await.forgotten, 0);
    }
    // A later delete starts its own ten minutes.
    must(&store, vec![delete("b", version(&store, "b").await)]).await;
    assert_eq!(store.purge(seen + PURGE_DELAY_MS + 1, 10).await.expect("a purge").removed, 1);
    let page = changes(&store, 0, 10).await;
    assert_eq!(changed(&page), ["b"]);
    assert_eq!(page.forgotten, deleted);
    assert_eq!(store.purge(seen + 2 * PURGE_DELAY_MS + 1, 10).await.expect("a purge").removed, 0);
    assert_eq!(store.purge(seen + 2 * PURGE_DELAY_MS + 2, 10).await.expect("a purge").removed, 1);
    assert_eq!(changes(&store, 0, 10).await.entries, []);
}

/// It cannot know what it missed, so it must not go on. A new one can.
pub async fn a_follower_that_slept_through_a_forgotten_delete_is_lost(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1"), put("b", None, "1")]).await;
    let (mut awake, mut asleep) = (Follower::new(), Follower::new());
    for follower in [&mut awake, &mut asleep] {
        assert_eq!(follower.read(changes(&store, 0, 10).await).map(|entries| entries.len()), Ok(2));
    }
    must(&store, vec![delete("a", version(&store, "a").await)]).await;
    assert_eq!(awake.read(changes(&store, awake.after(), 10).await).map(|entries| entries.len()), Ok(1));
    store.purge(1_000_000, 10).await.expect("a purge");
    store.purge(1_000_001 + PURGE_DELAY_MS, 10).await.expect("a purge");
    assert_eq!(awake.read(changes(&store, awake.after(), 10).await).map(|entries| entries.len()), Ok(0));
    assert_eq!(asleep.read(changes(&store, asleep.after(), 10).await), Err(Lost));
    let mut anew = Follower::new();
    assert_eq!(anew.read(changes(&store, anew.after(), 10).await).map(|entries| entries.len()), Ok(1));
}
