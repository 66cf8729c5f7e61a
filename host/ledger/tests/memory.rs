//! The memory store passes the rules.

use std::sync::Arc;

use countersign_ledger::MemoryStore;
use countersign_ledger::conformance::Subject;

async fn subject() -> Subject {
    Subject::new(Arc::new(MemoryStore::new()))
}

countersign_ledger::conformance!(subject);
