//! What becomes of the file, and what becomes of the store when the file cannot be used.

use std::fs::{self, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ledger::{Change, Write};
use countersign_ledger::{Limit, OpenError, Outcome, SqliteOptions, SqliteStore, Store, StoreError};
use rusqlite::Connection;
use tempfile::{TempDir, tempdir};

fn open(file: &Path) -> SqliteStore {
    SqliteStore::open(file, &SqliteOptions::default()).unwrap()
}

fn refusal(file: &Path) -> OpenError {
    SqliteStore::open(file, &SqliteOptions::default()).expect_err("the file was opened")
}

fn put(key: &str, expect: Option<u64>, bytes: impl AsRef<[u8]>) -> Write {
    Write {
        key: key.into(),
        expect,
        change: Change::Put { bytes: bytes.as_ref().to_vec(), expires_at: None },
    }
}

async fn version(store: &dyn Store, key: &str) -> Option<u64> {
    store.load(vec![key.into()]).await.unwrap()[0].value.as_ref().map(|stored| stored.version)
}

/// A store whose writer waits for a lock that the test holds, so that commits gather.
struct Dammed {
    store: Arc<SqliteStore>,
    lock: Connection,
    _folder: TempDir,
}

impl Dammed {
    fn new(options: &SqliteOptions) -> Self {
        let folder = tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let store = Arc::new(SqliteStore::open(&file, options).unwrap());
        let lock = Connection::open(&file).unwrap();
        lock.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self { store, lock, _folder: folder }
    }

    fn release(&self) {
        self.lock.execute_batch("ROLLBACK").unwrap();
    }
}

#[tokio::test]
async fn rows_and_their_order_survive_reopening() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let store = open(&file);
    assert_eq!(store.commit(vec![put("a", None, "1"), put("b", None, "2")]).await, Ok(Outcome::Committed));
    let rows = store.scan("", None, Limit::rows(10)).await.unwrap().rows;
    let last = version(&store, "b").await;
    let gone = Write { key: "b".into(), expect: last, change: Change::Delete };
    assert_eq!(store.commit(vec![gone]).await, Ok(Outcome::Committed));
    for now in [1_000_000, 10_000_000] {
        store.purge(now, 10).await.unwrap();
    }
    drop(store);
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["ledger.db"], "a closed ledger is one file");

    let store = open(&file);
    assert_eq!(store.scan("", None, Limit::rows(10)).await.unwrap().rows, rows[..1]);
    assert_eq!(store.commit(vec![put("b", None, "3")]).await, Ok(Outcome::Committed));
    assert!(
        version(&store, "b").await > last,
        "the sequence goes on, though nobody remembers its last numbers"
    );
}

#[tokio::test]
async fn what_was_handed_over_before_the_drop_is_done() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let store = open(&file);
    let replies: Vec<_> =
        (0..100).map(|number| store.commit(vec![put(&format!("{number}"), None, "x")])).collect();
    drop(store);
    for reply in replies {
        assert_eq!(reply.await, Ok(Outcome::Committed));
    }
    assert_eq!(open(&file).scan("", None, Limit::rows(1_000)).await.unwrap().rows.len(), 100);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempdir().unwrap();
    let store = open(&folder.path().join("ledger.db"));
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{}",
            entry.path().display()
        );
    }
    drop(store);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(open(&file));
    Connection::open(&file).unwrap().pragma_update(None, "user_version", 4_711).unwrap();
    let before = fs::read(&file).unwrap();
    let refusal = refusal(&file);
    assert!(matches!(refusal, OpenError::NewerSchema { found: 4_711, known: 1, .. }), "{refusal:?}");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn the_file_of_another_program_is_refused_and_left_alone() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("app.db");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE customers (name TEXT)").unwrap();
    let before = fs::read(&file).unwrap();
    assert_eq!(refusal(&file).code(), "foreign-file");
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    fs::write(
        &text,
        "not a database at all, but long enough to have a header of one hundred bytes".repeat(3),
    )
    .unwrap();
    assert_eq!(refusal(&text).code(), "not-a-database");
    assert_eq!(refusal(&folder.path().join("missing/ledger.db")).code(), "missing-folder");
    assert_eq!(refusal(folder.path()).code(), "not-a-file");
}

#[test]
fn a_ledger_is_new_once() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    assert!(open(&file).is_new());
    assert!(!open(&file).is_new());
    fs::write(folder.path().join("empty.db"), "").unwrap();
    assert!(open(&folder.path().join("empty.db")).is_new(), "nobody has put a ledger into it yet");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_no_longer_where_it_was_is_neither_read_nor_written() {
    let folder = tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let file = folder.path().join("ledger.db");
        let store = open(&file);
        let before = version(&store, "a").await;
        assert_eq!(store.commit(vec![put("a", before, "kept")]).await, Ok(Outcome::Committed));
        let (victim, aside) = (folder.path().join(name), folder.path().join("aside"));
        let assert_refused = async |what: &str| {
            let keys = vec!["a".into()];
            assert_eq!(
                store.load(keys).await.map_err(|error| error.code()),
                Err("store-unavailable"),
                "{what}"
            );
            let scanned = store.scan("", None, Limit::rows(9)).await;
            assert_eq!(scanned.map_err(|error| error.code()), Err("store-unavailable"), "{what}");
            let error = store.commit(vec![put("b", None, "lost")]).await.unwrap_err();
            assert_eq!(error.code(), "store-unavailable", "{what}");
            assert!(error.to_string().contains(name), "{what}: {error}");
            assert!(store.purge(u64::MAX, 1).await.is_err(), "{what}");
        };

        fs::rename(&victim, &aside).unwrap();
        assert_refused(&format!("{name} is gone")).await;
        fs::copy(&aside, &victim).unwrap();
        assert_refused(&format!("{name} was replaced")).await;

        // Put back, it is the file that it was.
        fs::rename(&aside, &victim).unwrap();
        assert!(version(&store, "a").await.is_some());
        assert_eq!(store.commit(vec![put(name, None, "x")]).await, Ok(Outcome::Committed));
    }
}

#[test]
fn a_file_that_may_not_be_written_is_refused() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    drop(open(&file));
    let mut permissions = fs::metadata(&file).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&file, permissions).unwrap();
    if OpenOptions::new().write(true).open(&file).is_ok() {
        return; // the test runs as a user whom permissions do not bind
    }
    assert_eq!(refusal(&file).code(), "read-only");
}

#[tokio::test]
async fn a_damaged_page_makes_the_store_unavailable_and_never_wrong() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let store = open(&file);
    let keys: Vec<String> = (0..500).map(|number| format!("row/{number:04}")).collect();
    let writes = keys.iter().map(|key| put(key, None, key.repeat(40))).collect();
    assert_eq!(store.commit(writes).await, Ok(Outcome::Committed));
    drop(store);
    let mut bytes = fs::read(&file).unwrap();
    bytes[8 * 4_096..].fill(0xee); // the header and the schema stay
    fs::write(&file, bytes).unwrap();

    match SqliteStore::open(&file, &SqliteOptions::default()) {
        Err(error) => assert_eq!(error.code(), "not-a-database"),
        Ok(store) => {
            let (mut right, mut unavailable) = (0, 0);
            for key in &keys {
                match store.load(vec![key.clone()]).await {
                    Ok(rows) => {
                        let value = rows[0].value.as_ref().map(|stored| stored.bytes.as_slice());
                        assert_eq!(value, Some(key.repeat(40).as_bytes()));
                        right += 1;
                    }
                    Err(error) => {
                        assert_eq!(error.code(), "store-unavailable");
                        unavailable += 1;
                    }
                }
            }
            assert!(unavailable > right);
            let error = store.scan("", None, Limit::rows(1_000)).await.unwrap_err();
            assert!(error.to_string().contains("malformed"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_full_disk_makes_commits_unavailable_and_leaves_nothing_half() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let options = SqliteOptions { max_bytes: Some(400 * 1_024), ..SqliteOptions::default() };
    let store = SqliteStore::open(&file, &options).unwrap();
    let mut written = 0;
    let error = loop {
        let half = vec![b'x'; 9_000];
        let pair = vec![put(&format!("{written}/a"), None, &half), put(&format!("{written}/b"), None, &half)];
        match store.commit(pair).await {
            Ok(outcome) => assert_eq!(outcome, Outcome::Committed),
            Err(error) => break error,
        }
        written += 1;
        assert!(written < 1_000, "the disk never filled up");
    };
    assert_eq!(error.code(), "store-unavailable");
    assert!(error.to_string().contains("full"), "{error}");
    assert!(written > 5);
    assert_eq!(store.scan("", None, Limit::rows(10_000)).await.unwrap().rows.len(), 2 * written);

    // Room is made, and it goes on.
    let gone = Write { key: "0/a".into(), expect: version(&store, "0/a").await, change: Change::Delete };
    assert_eq!(store.commit(vec![gone]).await, Ok(Outcome::Committed));
    assert_eq!(store.commit(vec![put("small", None, "x")]).await, Ok(Outcome::Committed));
}

#[tokio::test]
async fn commits_that_arrive_together_share_a_transaction() {
    let dammed = Dammed::new(&SqliteOptions::default());
    let commits: Vec<_> =
        (0..300).map(|number| dammed.store.commit(vec![put(&format!("{number}"), None, "x")])).collect();
    dammed.release();
    for commit in commits {
        assert_eq!(commit.await, Ok(Outcome::Committed));
    }
    let stats = dammed.store.stats();
    assert_eq!((stats.committed, stats.conflicts), (300, 0));
    assert!(stats.transactions <= 2, "{stats:?}");
}

#[tokio::test]
async fn a_group_of_one_is_no_group() {
    let dammed = Dammed::new(&SqliteOptions { group: 1, ..SqliteOptions::default() });
    let commits: Vec<_> =
        (0..20).map(|number| dammed.store.commit(vec![put(&format!("{number}"), None, "x")])).collect();
    dammed.release();
    for commit in commits {
        assert_eq!(commit.await, Ok(Outcome::Committed));
    }
    assert_eq!(dammed.store.stats().transactions, 20);
}

#[tokio::test]
async fn each_commit_of_a_group_is_judged_by_what_its_predecessors_left() {
    let dammed = Dammed::new(&SqliteOptions::default());
    let commits = [
        vec![put("a", None, "first")],
        vec![put("a", None, "second"), put("b", None, "second")],
        vec![put("b", None, "third")],
    ];
    let replies: Vec<_> = commits.into_iter().map(|writes| dammed.store.commit(writes)).collect();
    dammed.release();
    let mut outcomes = Vec::new();
    for reply in replies {
        outcomes.push(reply.await.unwrap());
    }
    assert_eq!(outcomes, [Outcome::Committed, Outcome::Conflict, Outcome::Committed]);
    let stats = dammed.store.stats();
    assert_eq!((stats.committed, stats.conflicts), (2, 1));
    assert!(stats.transactions <= 2, "{stats:?}");
}

#[tokio::test]
async fn a_commit_that_cannot_succeed_harms_no_other_of_its_group() {
    let dammed = Dammed::new(&SqliteOptions { max_bytes: Some(300 * 1_024), ..SqliteOptions::default() });
    let first = dammed.store.commit(vec![put("first", None, "x")]);
    let before = dammed.store.commit(vec![put("before", None, "x")]);
    let huge = dammed.store.commit(vec![put("huge", None, vec![0; 1_024 * 1_024]), put("with", None, "x")]);
    let after = dammed.store.commit(vec![put("after", None, "x")]);
    dammed.release();
    assert_eq!(first.await, Ok(Outcome::Committed));
    assert_eq!(before.await, Ok(Outcome::Committed));
    assert_eq!(huge.await.map_err(|error| error.code()), Err("store-unavailable"));
    assert_eq!(after.await, Ok(Outcome::Committed));
    let rows = dammed.store.scan("", None, Limit::rows(10)).await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["after", "before", "first"]);
}

#[tokio::test]
async fn a_lock_that_is_never_released_makes_commits_unavailable_and_reads_go_on() {
    let dammed =
        Dammed::new(&SqliteOptions { busy_timeout: Duration::from_millis(50), ..SqliteOptions::default() });
    let error = dammed.store.commit(vec![put("a", None, "x")]).await.unwrap_err();
    assert_eq!(error.code(), "store-unavailable");
    assert_eq!(dammed.store.load(vec!["a".into()]).await.map(|rows| rows[0].value.is_some()), Ok(false));
    dammed.release();
    assert_eq!(dammed.store.commit(vec![put("a", None, "x")]).await, Ok(Outcome::Committed));
}

#[tokio::test]
async fn beyond_its_queue_a_store_refuses_at_once() {
    let dammed = Dammed::new(&SqliteOptions { queue: 2, group: 1, ..SqliteOptions::default() });
    let commits: Vec<_> =
        (0..10).map(|number| dammed.store.commit(vec![put(&format!("{number}"), None, "x")])).collect();
    dammed.release();
    let (mut committed, mut refused) = (0, 0);
    for commit in commits {
        match commit.await {
            Ok(Outcome::Committed) => committed += 1,
            Err(StoreError::Unavailable { .. }) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!((2..=4).contains(&committed) && refused == 10 - committed, "{committed} committed");
    assert_eq!(dammed.store.scan("", None, Limit::rows(100)).await.unwrap().rows.len(), committed);
}

#[test]
fn two_stores_may_create_the_file_at_once() {
    for _ in 0..10 {
        let folder = tempdir().unwrap();
        let file = folder.path().join("ledger.db");
        let stores: Vec<SqliteStore> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| open(&file))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(stores.len(), 4);
    }
}

#[tokio::test]
async fn what_was_deleted_or_replaced_is_in_no_file_after_the_end() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let store = open(&file);
    // Rows that share a page, rows that fill several, and enough of them that whole pages become free.
    let row = |number: usize| {
        let length = if number.is_multiple_of(7) { 20_000 } else { 300 };
        "deleted-contact-data ".repeat(length / 21)
    };
    for number in 0..100 {
        let (gone, replaced) = (format!("gone/{number}"), format!("replaced/{number}"));
        let written =
            store.commit(vec![put(&gone, None, row(number)), put(&replaced, None, row(number))]).await;
        assert_eq!(written, Ok(Outcome::Committed));
    }
    assert!(left_in(folder.path()) > 0, "as long as the rows are there");
    for number in 0..100 {
        let (gone, replaced) = (format!("gone/{number}"), format!("replaced/{number}"));
        let delete =
            Write { key: gone.clone(), expect: version(&store, &gone).await, change: Change::Delete };
        let replace = put(&replaced, version(&store, &replaced).await, "kept");
        assert_eq!(store.commit(vec![delete, replace]).await, Ok(Outcome::Committed));
    }
    drop(store);
    assert_eq!(left_in(folder.path()), 0);
}

/// How often the deleted text stands in the files of a folder.
fn left_in(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|bytes| bytes.windows(20).filter(|window| *window == b"deleted-contact-data").count()).sum()
}
