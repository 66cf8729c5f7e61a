//! Waiters are woken by the commits of their process, and no wake-up is lost.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::{Change, Write};
use countersign_ledger::conformance::{Fault, Faulty};
use countersign_ledger::{MemoryStore, Outcome, Store, Watch, Watched, Woken};

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.into()).collect()
}

fn put(key: &str, expect: Option<u64>) -> Write {
    Write { key: key.into(), expect, change: Change::Put { bytes: b"x".to_vec(), expires_at: None } }
}

#[tokio::test]
async fn a_change_between_subscribing_and_waiting_wakes() {
    let watch = Watch::new();
    let mut subscription = watch.subscribe(&keys(&["a", "b"]));
    watch.notify(["b"]);
    assert_eq!(subscription.changed_or(pending()).await, Woken::Changed);
}

#[tokio::test]
async fn several_changes_before_a_wait_are_one() {
    let watch = Watch::new();
    let mut subscription = watch.subscribe(&keys(&["a"]));
    watch.notify(["a"]);
    watch.notify(["a"]);
    assert_eq!(subscription.changed_or(pending()).await, Woken::Changed);
    assert_eq!(subscription.changed_or(async {}).await, Woken::Deadline);
}

#[tokio::test]
async fn other_rows_wake_nobody() {
    let watch = Watch::new();
    let mut subscription = watch.subscribe(&keys(&["a"]));
    watch.notify(["b"]);
    assert_eq!(subscription.changed_or(async {}).await, Woken::Deadline);
}

#[tokio::test]
async fn everybody_who_listens_to_the_row_is_woken() {
    let watch = Watch::new();
    let mut first = watch.subscribe(&keys(&["a", "b"]));
    let mut second = watch.clone().subscribe(&keys(&["a"]));
    watch.notify(["a"]);
    first.changed().await;
    second.changed().await;
}

#[tokio::test]
async fn a_wait_cut_off_by_its_deadline_keeps_the_next_change() {
    let watch = Watch::new();
    let mut subscription = watch.subscribe(&keys(&["a"]));
    let soon = tokio::time::sleep(Duration::from_millis(5));
    assert_eq!(subscription.changed_or(soon).await, Woken::Deadline);
    watch.notify(["a"]);
    assert_eq!(subscription.changed_or(async {}).await, Woken::Changed);
}

#[test]
fn nothing_remains_of_a_dropped_subscription() {
    let watch = Watch::new();
    let first = watch.subscribe(&keys(&["a", "b"]));
    let second = watch.subscribe(&keys(&["b"]));
    drop(first);
    assert_eq!(format!("{watch:?}"), "Watch { rows: 1 }");
    drop(second);
    assert_eq!(format!("{watch:?}"), "Watch { rows: 0 }");
}

#[tokio::test]
async fn a_commit_wakes_and_a_check_or_a_conflict_does_not() {
    let store = Watched::new(MemoryStore::new(), Watch::new());
    let mut subscription = store.watch().subscribe(&keys(&["a"]));
    let check = Write { key: "a".into(), expect: None, change: Change::Check };
    assert_eq!(store.commit(vec![check, put("b", None)]).await, Ok(Outcome::Committed));
    assert_eq!(store.commit(vec![put("a", Some(7))]).await, Ok(Outcome::Conflict));
    assert_eq!(subscription.changed_or(async {}).await, Woken::Deadline);
    assert_eq!(store.commit(vec![put("a", None)]).await, Ok(Outcome::Committed));
    assert_eq!(subscription.changed_or(async {}).await, Woken::Changed);
}

#[tokio::test]
async fn a_commit_of_unknown_fate_wakes() {
    let store = Faulty::commit_number(Arc::new(MemoryStore::new()), 1, Fault::UnknownDone);
    let store = Watched::new(store, Watch::new());
    let mut subscription = store.watch().subscribe(&keys(&["a"]));
    assert_eq!(store.commit(vec![put("a", None)]).await.map_err(|error| error.code()), Err("commit-unknown"));
    assert_eq!(subscription.changed_or(async {}).await, Woken::Changed);
}

#[tokio::test]
async fn a_dropped_reply_wakes() {
    let store = Watched::new(MemoryStore::new(), Watch::new());
    let mut subscription = store.watch().subscribe(&keys(&["a"]));
    drop(store.commit(vec![put("a", None)]));
    assert_eq!(subscription.changed_or(async {}).await, Woken::Changed);
}

/// Each side waits for the other's move and then makes its own. One lost wake-up, and the game stops.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_wake_up_is_lost_between_two_that_take_turns() {
    let store = Arc::new(Watched::new(MemoryStore::new(), Watch::new()));
    let player = |mine: u64| {
        let store = Arc::clone(&store);
        async move {
            for turn in (0..2_000_u64).filter(|turn| turn % 2 == mine) {
                let mut subscription = store.watch().subscribe(&keys(&["ball"]));
                loop {
                    let rows = store.load(keys(&["ball"])).await.unwrap();
                    let version = rows[0].value.as_ref().map(|stored| stored.version);
                    if version.unwrap_or(0) == turn {
                        assert_eq!(store.commit(vec![put("ball", version)]).await, Ok(Outcome::Committed));
                        break;
                    }
                    subscription.changed().await;
                }
            }
        }
    };
    let game = async { tokio::join!(tokio::spawn(player(0)), tokio::spawn(player(1))) };
    let (first, second) = tokio::time::timeout(Duration::from_secs(60), game).await.expect("a lost wake-up");
    first.unwrap();
    second.unwrap();
}
