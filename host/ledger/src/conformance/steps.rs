//! What the rules are told in.

use std::sync::Arc;

use countersign_core::ledger::{Change, Row, Write};

use crate::{Limit, Outcome, Store};

pub(super) fn put(key: &str, expect: Option<u64>, bytes: impl AsRef<[u8]>) -> Write {
    expiring(key, expect, bytes, None)
}

pub(super) fn expiring(
    key: &str,
    expect: Option<u64>,
    bytes: impl AsRef<[u8]>,
    expires_at: Option<u64>,
) -> Write {
    Write { key: key.into(), expect, change: Change::Put { bytes: bytes.as_ref().to_vec(), expires_at } }
}

pub(super) fn delete(key: &str, expect: Option<u64>) -> Write {
    Write { key: key.into(), expect, change: Change::Delete }
}

pub(super) fn check(key: &str, expect: Option<u64>) -> Write {
    Write { key: key.into(), expect, change: Change::Check }
}

pub(super) async fn commit(store: &Arc<dyn Store>, writes: Vec<Write>) -> Outcome {
    store.commit(writes).await.expect("a commit")
}

/// Commits what must not conflict.
pub(super) async fn must(store: &Arc<dyn Store>, writes: Vec<Write>) {
    assert_eq!(commit(store, writes).await, Outcome::Committed);
}

pub(super) async fn load(store: &Arc<dyn Store>, keys: &[&str]) -> Vec<Row> {
    store.load(keys.iter().map(|&key| key.into()).collect()).await.expect("a load")
}

pub(super) async fn version(store: &Arc<dyn Store>, key: &str) -> Option<u64> {
    load(store, &[key]).await[0].value.as_ref().map(|stored| stored.version)
}

pub(super) async fn bytes(store: &Arc<dyn Store>, key: &str) -> Option<Vec<u8>> {
    load(store, &[key]).await.remove(0).value.map(|stored| stored.bytes)
}

/// The number in a row and its version; 0 where there is none.
pub(super) fn number(row: &Row) -> (u64, Option<u64>) {
    row.value.as_ref().map_or((0, None), |stored| {
        let digits = str::from_utf8(&stored.bytes).expect("a number");
        (digits.parse().expect("a number"), Some(stored.version))
    })
}

pub(super) fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.key.as_str()).collect()
}

pub(super) async fn scan(
    store: &Arc<dyn Store>,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Vec<Row> {
    store.scan(prefix, after, Limit::rows(limit)).await.expect("a scan").rows
}

/// Tasks that run at once.
pub(super) struct Running<T>(Vec<tokio::task::JoinHandle<T>>);

impl<T: Send + 'static> Running<T> {
    pub(super) fn start(tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>) -> Self {
        Self(tasks.into_iter().map(tokio::spawn).collect())
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.iter().all(tokio::task::JoinHandle::is_finished)
    }

    /// A panic of any of them is the test's.
    pub(super) async fn join(self) -> Vec<T> {
        let mut results = Vec::new();
        for task in self.0 {
            results.push(task.await.expect("a task"));
        }
        results
    }
}

/// Starts and joins.
pub(super) async fn together<T: Send + 'static>(
    tasks: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    Running::start(tasks).join().await
}

/// Numbers that look random and are the same in every run (SplitMix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end
    }
}
