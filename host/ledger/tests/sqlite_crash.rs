//! What was answered as committed is there after the process was killed, and nothing is there by half.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::Duration;

use countersign_core::ledger::{Change, Row, Write};
use countersign_ledger::{Limit, Outcome, SqliteOptions, SqliteStore, Store};
use tempfile::tempdir;

fn open(file: &Path) -> SqliteStore {
    SqliteStore::open(file, &SqliteOptions::default()).unwrap()
}

fn put(key: &str, expect: Option<u64>, bytes: impl AsRef<[u8]>) -> Write {
    Write {
        key: key.into(),
        expect,
        change: Change::Put { bytes: bytes.as_ref().to_vec(), expires_at: None },
    }
}

fn number(row: &Row) -> (u64, Option<u64>) {
    row.value.as_ref().map_or((0, None), |stored| {
        (str::from_utf8(&stored.bytes).unwrap().parse().unwrap(), Some(stored.version))
    })
}

/// The test that the child runs. It begins with [`rage_if_child`], from which a child never returns.
const CHILD: &str = "what_was_acknowledged_survives_a_kill";

/// In the child: commits for ever, three rows at a time, and says so on its standard output after every answer.
async fn rage_if_child() {
    let (Ok(file), Ok(name)) = (std::env::var("LEDGER_STORM_FILE"), std::env::var("LEDGER_STORM_NAME"))
    else {
        return;
    };
    let store: Arc<dyn Store> = Arc::new(open(Path::new(&file)));
    let tasks: Vec<_> =
        (0..8).map(|task| tokio::spawn(rain(Arc::clone(&store), format!("{name}-{task}")))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    panic!("a storm ends by being killed");
}

/// Every commit: a pair of rows, and a counter that all who share its name race for.
async fn rain(store: Arc<dyn Store>, name: String) {
    let shared = format!("count/{}", name.as_bytes().last().map_or(0, |last| last % 4));
    for drop in 0_u64.. {
        let id = format!("{name}/{}/{drop}", std::process::id());
        loop {
            let (count, version) = number(&store.load(vec![shared.clone()]).await.unwrap()[0]);
            let writes = vec![
                put(&format!("left/{id}"), None, &id),
                put(&format!("right/{id}"), None, &id),
                put(&shared, version, (count + 1).to_string()),
            ];
            if store.commit(writes).await.unwrap() == Outcome::Committed {
                println!("ack {id}");
                break;
            }
        }
    }
}

struct Storm {
    child: Child,
    heard: Arc<AtomicUsize>,
    acknowledged: JoinHandle<Vec<String>>,
}

impl Storm {
    fn start(file: &Path, name: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture"])
            .env("LEDGER_STORM_FILE", file)
            .env("LEDGER_STORM_NAME", name)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let acknowledged = std::thread::spawn(move || {
            let ids =
                lines.map_while(Result::ok).filter_map(|line| Some(line.split_once("ack ")?.1.to_owned()));
            ids.inspect(|_| _ = count.fetch_add(1, Relaxed)).collect()
        });
        Self { child, heard, acknowledged }
    }

    /// Until it has made some commits, and then for a while.
    async fn rage(&self, commits: usize, more: u64) {
        let until = self.heard.load(Relaxed) + commits;
        while self.heard.load(Relaxed) < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(more)).await;
    }

    /// SIGKILL: no destructor runs, nothing is flushed.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.acknowledged.join().unwrap()
    }
}

/// Everything acknowledged is there, every pair is whole, and the counters have counted every pair.
async fn inspect(file: &Path, acknowledged: &BTreeSet<String>) -> usize {
    let store = open(file);
    let ids = async |prefix: &str| -> BTreeSet<String> {
        let rows = store.scan(prefix, None, Limit::rows(1_000_000)).await.unwrap().rows;
        rows.into_iter().map(|row| row.key[prefix.len()..].to_owned()).collect()
    };
    let (left, right) = (ids("left/").await, ids("right/").await);
    assert_eq!(left, right);
    let lost: Vec<_> = acknowledged.difference(&left).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    let counted: u64 = store
        .scan("count/", None, Limit::rows(100))
        .await
        .unwrap()
        .rows
        .iter()
        .map(|row| number(row).0)
        .sum();
    assert_eq!(usize::try_from(counted).unwrap(), left.len());
    left.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_kill() {
    rage_if_child().await;
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(open(&file));
    let mut acknowledged = BTreeSet::new();
    for more in [0, 17, 5, 60, 1, 33] {
        let storm = Storm::start(&file, "solo");
        storm.rage(5, more).await;
        acknowledged.extend(storm.kill());
        inspect(&file, &acknowledged).await;
    }
}

#[tokio::test]
async fn two_processes_share_a_file_and_one_is_killed_again_and_again() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(open(&file));
    let steady = Storm::start(&file, "steady");
    let mut acknowledged = BTreeSet::new();
    for more in [0, 30, 7, 80] {
        let storm = Storm::start(&file, "killed");
        storm.rage(5, more).await;
        acknowledged.extend(storm.kill());
        steady.rage(5, 0).await; // the other one is not disturbed
    }
    acknowledged.extend(steady.kill());
    inspect(&file, &acknowledged).await;
}

/// As a power cut leaves it: the log ends anywhere, or a sector of it holds something else.
#[tokio::test]
async fn a_torn_log_loses_only_whole_commits_from_its_end() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let store = open(&file);
    for commit in 0..60_usize {
        let value = vec![b'v'; commit * 97 % 5_000];
        let writes = (0..3).map(|row| put(&format!("{commit:03}/{row}"), None, &value)).collect();
        assert_eq!(store.commit(writes).await, Ok(Outcome::Committed));
    }
    let database = std::fs::read(&file).unwrap();
    let log = std::fs::read(folder.path().join("ledger.db-wal")).unwrap();
    let mut found = BTreeSet::new();
    for step in 0..40 {
        let at = log.len() * step / 40 + step * 13 % 511;
        let mut torn = log.clone();
        if step % 2 == 0 {
            torn.truncate(at);
        } else {
            torn[at] ^= 0x55;
        }
        let copy = tempdir().unwrap();
        let file = copy.path().join("ledger.db");
        std::fs::write(&file, &database).unwrap();
        std::fs::write(copy.path().join("ledger.db-wal"), &torn).unwrap();
        let store = open(&file);
        let rows = store.scan("", None, Limit::rows(1_000)).await.unwrap().rows;
        let expected: Vec<_> = (0..rows.len()).map(|row| format!("{:03}/{}", row / 3, row % 3)).collect();
        assert!(
            rows.iter().map(|row| &row.key).eq(&expected),
            "a commit is there by half, or one is missing"
        );
        assert_eq!(rows.len() % 3, 0);
        found.insert(rows.len() / 3);
        // And it goes on from there.
        assert_eq!(store.commit(vec![put("new", None, "x")]).await, Ok(Outcome::Committed));
        assert_eq!(store.changes(0, Limit::rows(1_000)).await.unwrap().entries.len(), rows.len() + 1);
    }
    assert!(found.len() > 20, "the log was cut in {} different places only", found.len());
    drop(store);
}
