//! Where the ledger is: `store = "sqlite:countersign.db"`, or a table that says more.

use std::path::Path;

use countersign_ledger::Missing;
use serde_json::Value;

use super::problem::Problems;
use super::table::Table;

/// The store of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `memory:` or `sqlite:<file>`.
    pub url: String,
    /// What becomes of a ledger that does not exist yet. `create = false` keeps a volume that is not mounted from
    /// becoming an empty ledger, which opens a second instance for every order that it should know.
    pub missing: Missing,
}

impl StoreConfig {
    /// Reads `store`: the address alone, or `{ url = "…", create = false }`.
    pub(super) fn read(document: &mut Table<'_>, base: &Path, problems: &mut Problems) -> Option<Self> {
        match document.required("store", problems)? {
            Value::String(url) => {
                Some(Self { url: check(url, "store", base, problems)?, missing: Missing::Create })
            }
            Value::Object(_) => {
                let mut table = document.table("store", problems)?;
                let url = table.required_text("url", problems);
                let url = url.and_then(|url| check(url, &table.at("url"), base, problems));
                let create = table.flag("create", true, problems);
                if !create && url.as_deref() == Some("memory:") {
                    problems.add(&table.at("create"), "conflict", "a ledger in memory is always new");
                }
                table.finish(problems);
                let missing = if create { Missing::Create } else { Missing::Refuse };
                Some(Self { url: url?, missing })
            }
            _ => {
                let message = "must be an address, or a table with url and create";
                problems.add("store", "wrong-type", message);
                None
            }
        }
    }
}

fn check(url: &str, path: &str, base: &Path, problems: &mut Problems) -> Option<String> {
    match countersign_ledger::check(url, base) {
        Ok(()) => Some(url.to_owned()),
        Err(error) => {
            problems.add(path, "unknown-value", error.to_string());
            None
        }
    }
}
