//! What loads and scans see.

use std::sync::Arc;

use crate::conformance::steps::{bytes, delete, keys, load, must, number, put, scan, together, version};
use crate::{Limit, Store};

/// Absent ones and repeated ones included.
pub async fn rows_come_in_the_order_asked(store: Arc<dyn Store>) {
    must(&store, vec![put("a", None, "1"), put("b", None, "2")]).await;
    let rows = load(&store, &["b", "missing", "a", "b"]).await;
    assert_eq!(keys(&rows), ["b", "missing", "a", "b"]);
    let values: Vec<_> =
        rows.iter().map(|row| row.value.as_ref().map(|stored| stored.bytes.as_slice())).collect();
    assert_eq!(values, [Some(&b"2"[..]), None, Some(b"1"), Some(b"2")]);
    assert_eq!(load(&store, &[]).await, []);
}

/// A database with the wrong collation thinks otherwise.
pub async fn keys_differ_by_case_and_by_trailing_space(store: Arc<dyn Store>) {
    let all = ["key", "KEY", "Key", "key ", " key", "key  "];
    for key in all {
        must(&store, vec![put(key, None, key)]).await;
    }
    for key in all {
        assert_eq!(bytes(&store, key).await.as_deref(), Some(key.as_bytes()));
    }
}

/// Two rows that always change together are never seen apart.
pub async fn a_load_sees_one_moment(store: Arc<dyn Store>) {
    must(&store, vec![put("left", None, "0"), put("right", None, "0")]).await;
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for next in 1..=200_u64 {
                let (left, right) = (version(&store, "left").await, version(&store, "right").await);
                let next = next.to_string();
                must(&store, vec![put("left", left, &next), put("right", right, &next)]).await;
            }
        })
    };
    while !writer.is_finished() {
        let rows = load(&store, &["left", "right"]).await;
        assert_eq!(number(&rows[0]).0, number(&rows[1]).0);
    }
    writer.await.expect("the writer");
}

/// Also by a load through another handle.
pub async fn what_was_committed_is_seen_by_the_next_load(store: Arc<dyn Store>) {
    let task = |name: usize| {
        let (store, key) = (Arc::clone(&store), format!("row/{name}"));
        async move {
            for next in 0..50_u64 {
                let expect = version(&store, &key).await;
                must(&store, vec![put(&key, expect, next.to_string())]).await;
                assert_eq!(number(&load(&store, &[&key]).await[0]).0, next);
            }
        }
    };
    together((0..4).map(task)).await;
}

/// Bytes, not letters: upper case before lower case, `~` last.
pub async fn a_scan_gives_rows_in_the_order_of_bytes(store: Arc<dyn Store>) {
    let mut all = vec![
        " ", "!", "%", "'", "-", "/", "0", "10", "9", ":", "A", "B", "Z", "[", "\\", "^", "_", "`", "a",
        "aB", "a~", "b", "{", "~", "~~",
    ];
    for key in &all {
        must(&store, vec![put(key, None, "x")]).await;
    }
    all.sort_unstable();
    assert_eq!(keys(&scan(&store, "", None, 1_000).await), all);
}

/// Nothing in a prefix is a wildcard.
pub async fn a_scan_takes_its_prefix_literally(store: Arc<dyn Store>) {
    for key in ["a%b", "axb", "a_b", "a*b", "a?b", "a[b", "a\\b", "a\\%b", "a'b", "A%b"] {
        must(&store, vec![put(key, None, "x")]).await;
    }
    for prefix in ["a%", "a_", "a*", "a?", "a[", "a'"] {
        assert_eq!(keys(&scan(&store, prefix, None, 10).await), [format!("{prefix}b")]);
    }
    assert_eq!(keys(&scan(&store, "a\\", None, 10).await), ["a\\%b", "a\\b"]);
    assert_eq!(keys(&scan(&store, "%", None, 10).await), [""; 0]);
    assert_eq!(keys(&scan(&store, "A", None, 10).await), ["A%b"]);
}

/// Also where the last byte of the prefix is the highest that a key can have.
pub async fn a_scan_ends_with_its_prefix(store: Arc<dyn Store>) {
    for key in ["a", "a}", "a~", "a~ ", "a~~", "a~~~", "b", "~", "~~"] {
        must(&store, vec![put(key, None, "x")]).await;
    }
    assert_eq!(keys(&scan(&store, "a~", None, 10).await), ["a~", "a~ ", "a~~", "a~~~"]);
    assert_eq!(keys(&scan(&store, "a~~", None, 10).await), ["a~~", "a~~~"]);
    assert_eq!(keys(&scan(&store, "~", None, 10).await), ["~", "~~"]);
    assert_eq!(keys(&scan(&store, "b", None, 10).await), ["b"]);
    assert_eq!(keys(&scan(&store, "c", None, 10).await), [""; 0]);
}

/// Every row once, wherever `after` lies.
pub async fn a_scan_goes_on_from_page_to_page(store: Arc<dyn Store>) {
    let all: Vec<String> = (0..100).map(|number| format!("work/{number:03}")).collect();
    must(&store, all.iter().map(|key| put(key, None, key)).collect()).await;
    must(&store, vec![put("wor", None, "x"), put("work", None, "x"), put("work0", None, "x")]).await;
    for limit in [1, 7, 100, 1_000] {
        let mut found: Vec<String> = Vec::new();
        loop {
            let page = scan(&store, "work/", found.last().map(String::as_str), limit).await;
            assert!(page.len() <= limit);
            if page.is_empty() {
                break;
            }
            for row in page {
                assert_eq!(row.value.map(|stored| stored.bytes).as_deref(), Some(row.key.as_bytes()));
                found.push(row.key);
            }
        }
        assert_eq!(found, all);
    }
    assert_eq!(keys(&scan(&store, "work/", Some("a"), 1).await), ["work/000"]);
    assert_eq!(keys(&scan(&store, "work/", Some("work/"), 1).await), ["work/000"]);
    assert_eq!(keys(&scan(&store, "work/", Some("work/0500"), 1).await), ["work/051"]);
    assert_eq!(keys(&scan(&store, "work/", Some("work/099"), 9).await), [""; 0]);
    assert_eq!(keys(&scan(&store, "work/", Some("z"), 9).await), [""; 0]);
    assert_eq!(keys(&scan(&store, "work/", None, 0).await), [""; 0]);
}

/// Deletes are remembered elsewhere.
pub async fn a_scan_skips_what_was_deleted(store: Arc<dyn Store>) {
    for key in ["w/1", "w/2", "w/3"] {
        must(&store, vec![put(key, None, "x")]).await;
    }
    must(&store, vec![delete("w/1", version(&store, "w/1").await)]).await;
    must(&store, vec![delete("w/3", version(&store, "w/3").await)]).await;
    assert_eq!(keys(&scan(&store, "w/", None, 10).await), ["w/2"]);
    assert_eq!(keys(&scan(&store, "w/", None, 1).await), ["w/2"]);
}

/// Keys and values count, and what does not fit comes with the next page.
pub async fn a_page_is_bounded_by_its_bytes(store: Arc<dyn Store>) {
    for number in 0..20 {
        must(&store, vec![put(&format!("w/{number:02}"), None, vec![b'x'; 96])]).await;
    }
    must(&store, vec![put("w0", None, "x")]).await;
    for (bytes, expected) in [(0, 1), (99, 1), (199, 1), (200, 2), (1_050, 10), (1_999, 19)] {
        let page = store.scan("w/", None, Limit { rows: 100, bytes }).await.expect("a scan");
        assert_eq!((page.rows.len(), page.more), (expected, true), "{bytes} bytes");
    }
    for limit in [Limit { rows: 20, bytes: 2_000 }, Limit::rows(20), Limit { rows: 21, bytes: 3_000 }] {
        let page = store.scan("w/", None, limit).await.expect("a scan");
        assert_eq!((page.rows.len(), page.more), (20, false), "{limit:?}: nothing is behind the last row");
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let limit = Limit { rows: 4, bytes: 250 };
        let page = store.scan("w/", after.as_deref(), limit).await.expect("a scan");
        assert!(page.rows.len() <= 2);
        after = page.rows.last().map(|row| row.key.clone());
        found.extend(page.rows);
        if !page.more {
            break;
        }
    }
    assert_eq!(found, scan(&store, "w/", None, 100).await);
}

/// Otherwise nobody would ever see it, or what is behind it.
pub async fn a_row_beyond_the_limit_comes_alone(store: Arc<dyn Store>) {
    for (key, length) in [("w/1", 10), ("w/2", 100_000), ("w/3", 10)] {
        must(&store, vec![put(key, None, vec![b'x'; length])]).await;
    }
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let limit = Limit { rows: 10, bytes: 1_000 };
        let page = store.scan("w/", after.as_deref(), limit).await.expect("a scan");
        after = page.rows.last().map(|row| row.key.clone());
        pages.push(page.rows.into_iter().map(|row| row.key).collect::<Vec<_>>().join(" "));
        if !page.more {
            break;
        }
    }
    assert_eq!(pages, ["w/1", "w/2", "w/3"]);
}
