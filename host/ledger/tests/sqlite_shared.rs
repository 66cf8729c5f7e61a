//! Several gateways on one file pass the rules together.

use std::sync::Arc;

use countersign_ledger::conformance::{Alternating, Subject};
use countersign_ledger::{SqliteOptions, SqliteStore, Store};

async fn subject() -> Subject {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ledger.db");
    let open = |_| Arc::new(SqliteStore::open(&file, &SqliteOptions::default()).unwrap()) as Arc<dyn Store>;
    Subject::new(Arc::new(Alternating::new((0..3).map(open).collect()))).keeping(folder)
}

countersign_ledger::conformance!(subject);
