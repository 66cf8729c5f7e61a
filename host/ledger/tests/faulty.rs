//! The store that fails on request does what the test asked.

use std::sync::Arc;

use countersign_core::ledger::{Change, Write};
use countersign_ledger::conformance::{Call, Fault, Faulty};
use countersign_ledger::{Limit, MemoryStore, Outcome, Store};

fn put(key: &str) -> Vec<Write> {
    vec![Write { key: key.into(), expect: None, change: Change::Put { bytes: vec![], expires_at: None } }]
}

/// What the caller hears of the second of three commits, and whether its row is there afterwards.
async fn second_commit(fault: Fault) -> (Result<Outcome, &'static str>, bool) {
    let store = Faulty::commit_number(Arc::new(MemoryStore::new()), 2, fault);
    assert_eq!(store.commit(put("a")).await, Ok(Outcome::Committed));
    let heard = store.commit(put("b")).await.map_err(|error| error.code());
    assert_eq!(store.commit(put("c")).await, Ok(Outcome::Committed));
    assert_eq!(store.commits(), 3);
    let there = store.load(vec!["b".into()]).await.unwrap()[0].value.is_some();
    (heard, there)
}

#[tokio::test]
async fn faults_differ_in_what_is_heard_and_in_what_is_done() {
    assert_eq!(second_commit(Fault::Unavailable).await, (Err("store-unavailable"), false));
    assert_eq!(second_commit(Fault::Conflict).await, (Ok(Outcome::Conflict), false));
    assert_eq!(second_commit(Fault::UnknownUndone).await, (Err("commit-unknown"), false));
    assert_eq!(second_commit(Fault::UnknownDone).await, (Err("commit-unknown"), true));
}

#[tokio::test]
async fn calls_are_chosen_by_what_they_ask_for() {
    let store = Faulty::new(Arc::new(MemoryStore::new()), |call| match call {
        Call::Load { keys, .. } if keys.iter().any(|key| key == "a") => Some(Fault::Unavailable),
        Call::Scan => Some(Fault::Unavailable),
        _ => None,
    });
    assert!(store.load(vec!["b".into()]).await.is_ok());
    assert_eq!(store.load(vec!["a".into()]).await.map_err(|error| error.code()), Err("store-unavailable"));
    assert_eq!(store.loads(), 2);
    assert!(store.scan("", None, Limit::rows(1)).await.is_err());
    assert!(store.changes(0, Limit::rows(1)).await.is_ok());
    assert!(store.purge(0, 1).await.is_ok());
}
