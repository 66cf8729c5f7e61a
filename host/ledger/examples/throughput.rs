//! How many commits a second SQLite takes, together and one by one.
//!
//! ```text
//! cargo run --release -p countersign-ledger --features conformance --example throughput -- [folder] [seconds]
//! ```
//!
//! Every commit is what a new subscription costs: it loads four absent rows and puts four rows of about 700 bytes
//! together. The folder decides about the disk; a folder in memory measures everything but the disk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use countersign_core::ledger::{Change, Write};
use countersign_ledger::{Outcome, SqliteOptions, SqliteStore, Store};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, PathBuf::from);
    let seconds = arguments.next().map_or(Ok(3), |seconds| seconds.parse())?;
    let period = Duration::from_secs(seconds);
    println!("committers  grouped   commits/s  transactions/s  p50 ms  p99 ms");
    for (committers, group) in [(1, 512), (64, 1), (64, 512), (256, 512)] {
        measure(&folder, committers, group, period).await?;
    }
    Ok(())
}

async fn measure(
    folder: &std::path::Path,
    committers: usize,
    group: usize,
    period: Duration,
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(folder)?;
    let options = SqliteOptions { group, ..SqliteOptions::default() };
    let store = Arc::new(SqliteStore::open(&folder.path().join("ledger.db"), &options)?);
    let next = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..committers)
        .map(|_| {
            let (store, next) = (Arc::clone(&store), Arc::clone(&next));
            tokio::spawn(async move {
                let mut times = Vec::new();
                while started.elapsed() < period {
                    let begun = Instant::now();
                    subscribe(&*store, next.fetch_add(1, Relaxed)).await;
                    times.push(begun.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await?);
    }
    let elapsed = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let stats = store.stats();
    println!(
        "{committers:>10}  {:>7}  {:>10.0}  {:>14.0}  {:>6.2}  {:>6.2}",
        if group > 1 { "yes" } else { "no" },
        stats.committed as f64 / elapsed,
        stats.transactions as f64 / elapsed,
        at(50),
        at(99)
    );
    Ok(())
}

async fn subscribe(store: &dyn Store, number: u64) {
    // Order numbers are spread over the index, as those of a marketplace are.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let keys = ["replay", "order", "instance", "work"].map(|kind| format!("{kind}/{spread:016x}/{number}"));
    let rows = store.load(keys.to_vec()).await.expect("a load");
    let writes = rows.into_iter().map(|row| {
        let change = Change::Put { bytes: vec![b'{'; 700], expires_at: None };
        Write { key: row.key, expect: row.value.map(|stored| stored.version), change }
    });
    assert_eq!(store.commit(writes.collect()).await, Ok(Outcome::Committed));
}
