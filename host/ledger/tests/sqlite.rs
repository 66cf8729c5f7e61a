//! The SQLite store passes the rules.

use std::sync::Arc;

use countersign_ledger::conformance::Subject;
use countersign_ledger::{SqliteOptions, SqliteStore};

async fn subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&folder.path().join("ledger.db"), &SqliteOptions::default()).unwrap();
    Subject::new(Arc::new(store)).keeping(folder)
}

countersign_ledger::conformance!(subject);
