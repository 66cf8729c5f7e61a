//! The smallest and the largest.

use std::sync::Arc;

use crate::conformance::steps::{bytes, delete, load, must, put, scan, version};
use crate::{Limit, MAX_KEY_BYTES, MAX_VALUE_BYTES, Store};

/// Some databases take the one for the other.
pub async fn an_empty_value_is_not_an_absent_row(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "")]).await;
    assert_eq!(bytes(&store, "a").await, Some(vec![]));
    assert_eq!(scan(&store, "", None, 10).await.len(), 1);
    let change = store.changes(0, Limit::rows(10)).await.unwrap().entries.remove(0);
    assert_eq!(change.row.value.map(|stored| stored.bytes), Some(vec![]));
    must(&store, vec![delete("a", version(&store, "a").await)]).await;
    assert_eq!(bytes(&store, "a").await, None);
}

/// Values are bytes and not text.
pub async fn every_byte_comes_back(store: Arc<dyn Store>) {
    let all: Vec<u8> = (0..=u8::MAX).chain([0, 0, b'\\', b'\'', 0xff, 0xfe, 0]).collect();
    must(&store, vec![put("a", None, &all)]).await;
    assert_eq!(bytes(&store, "a").await, Some(all));
}

/// One mebibyte, then another one in its place.
pub async fn a_value_of_a_mebibyte_comes_back(store: Arc<dyn Store>) {
    for fill in [1_usize, 2] {
        let value: Vec<u8> = (0..1024 * 1024).map(|at: usize| (at * fill % 251).to_le_bytes()[0]).collect();
        must(&store, vec![put("a", version(&store, "a").await, &value)]).await;
        assert!(bytes(&store, "a").await == Some(value), "the value differs");
    }
}

/// Refused before it reaches a disk.
pub async fn an_oversized_value_is_a_misuse(store: Arc<dyn Store>) {
    let value = vec![0; MAX_VALUE_BYTES + 1];
    assert_eq!(store.commit(vec![put("a", None, value)]).await.unwrap_err().code(), "oversized-value");
    assert_eq!(bytes(&store, "a").await, None);
}

/// Created, changed and deleted together, and loaded together.
pub async fn two_hundred_rows_are_one_commit(store: Arc<dyn Store>) {
    let names: Vec<String> = (0..200).map(|number| format!("row/{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    must(&store, names.iter().map(|name| put(name, None, name)).collect()).await;
    let rows = load(&store, &names).await;
    let version = |at: usize| rows[at].value.as_ref().map(|stored| stored.version);
    let writes = names.iter().enumerate().map(|(at, name)| match at % 2 {
        0 => put(name, version(at), "new"),
        _ => delete(name, version(at)),
    });
    must(&store, writes.collect()).await;
    let left = load(&store, &names).await.iter().filter(|row| row.value.is_some()).count();
    assert_eq!(left, 100);
}

/// Two that differ in the last byte only.
pub async fn the_longest_key_is_a_key(store: Arc<dyn Store>) {
    let stem = "k".repeat(MAX_KEY_BYTES - 1);
    for end in ["1", "2"] {
        must(&store, vec![put(&format!("{stem}{end}"), None, end)]).await;
    }
    assert_eq!(bytes(&store, &format!("{stem}2")).await.as_deref(), Some(&b"2"[..]));
    assert_eq!(scan(&store, &stem, None, 10).await.len(), 2);
}
