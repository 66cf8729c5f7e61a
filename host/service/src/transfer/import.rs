//! Lines into a ledger: many at once, so that the store commits them together; what concerns the same rows one after
//! the other, so that the same file has the same result.

use std::collections::VecDeque;
use std::io::BufRead;
use std::sync::Arc;

use countersign_core::Problem;
use countersign_core::ledger::Import;
use countersign_ledger::Store;
use countersign_runtime::OpenSeller;
use tokio::task::JoinHandle;

use super::lines::{Found, Lines};
use crate::gate::rounds::{Rounds, load};
use crate::gate::{Clock, Entropy, LedgerError, SystemClock, SystemEntropy};

/// Lines that are on their way at the same time.
const WINDOW: usize = 256;
/// Rounds of one line: rivals are the calls of a gateway on the same store.
const MAX_ROUNDS: usize = 64;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Lines that were new, or filled something in.
    pub imported: u64,
    /// Lines of which the ledger knew everything.
    pub unchanged: u64,
    /// Lines that were refused.
    pub refused: u64,
}

/// A line that was refused.
#[derive(Debug)]
pub struct Refused {
    /// From 1.
    pub line: u64,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Takes lines into a ledger.
pub struct Importer {
    /// The seller of the configuration.
    pub seller: Arc<OpenSeller>,
    /// Its store.
    pub store: Arc<dyn Store>,
    /// The product of lines that name none; empty: each must.
    pub product: String,
    /// Writes nothing.
    pub dry_run: bool,
}

impl std::fmt::Debug for Importer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Importer({}, dry run: {})", self.product, self.dry_run)
    }
}

/// A line on its way.
struct Ongoing {
    line: u64,
    keys: Vec<String>,
    task: JoinHandle<Result<Import, LedgerError>>,
}

impl Importer {
    /// Imports every line and tells of each that is refused, in their order. Stops at the first failure of input or
    /// store: what was imported before stays, and the same file can be imported again.
    ///
    /// # Errors
    /// [`ImportError`], with what was done until then.
    pub async fn run(
        self,
        input: impl BufRead,
        mut refused: impl FnMut(Refused),
    ) -> (Imported, Result<(), ImportError>) {
        let (mut lines, mut ongoing, mut done) = (Lines::new(input), VecDeque::new(), Imported::default());
        let importer = Arc::new(self);
        let result = importer.pass(&mut lines, &mut ongoing, &mut done, &mut refused).await;
        let mut result = result;
        while let Some(next) = ongoing.pop_front() {
            let ended = settle(next, &mut done, &mut refused).await;
            result = result.and(ended);
        }
        (done, result)
    }

    async fn pass(
        self: &Arc<Self>,
        lines: &mut Lines<impl BufRead>,
        ongoing: &mut VecDeque<Ongoing>,
        done: &mut Imported,
        refused: &mut impl FnMut(Refused),
    ) -> Result<(), ImportError> {
        while let Some((line, found)) = lines.next().map_err(ImportError::Input)? {
            let (text, first) = match found {
                Found::Text(text) => {
                    let first = self.ask(&text, &[])?;
                    (text, first)
                }
                Found::TooLong => (Vec::new(), Import::Refused { problems: vec![too_long()] }),
            };
            let keys = match &first {
                Import::Need { keys } => keys.clone(),
                _ => Vec::new(),
            };
            let meets = |other: &Ongoing| other.keys.iter().any(|key| keys.contains(key));
            while ongoing.len() >= WINDOW || ongoing.iter().any(meets) {
                let Some(next) = ongoing.pop_front() else { break };
                settle(next, done, refused).await?;
            }
            let importer = Arc::clone(self);
            let task = tokio::spawn(async move { importer.take(&text, first).await });
            ongoing.push_back(Ongoing { line, keys, task });
        }
        Ok(())
    }

    async fn take(&self, text: &[u8], first: Import) -> Result<Import, LedgerError> {
        let (mut rows, mut rounds) = (Vec::new(), Rounds::of(MAX_ROUNDS));
        let mut import = first;
        loop {
            rounds.next()?;
            match import {
                Import::Need { keys } => load(&*self.store, keys, &mut rows).await?,
                Import::Commit(_) if self.dry_run => return Ok(import),
                Import::Commit(writes) => {
                    if rounds.commit(&*self.store, writes).await? {
                        return Ok(Import::Commit(Vec::new()));
                    }
                    rows.clear();
                }
                Import::Unchanged | Import::Refused { .. } => return Ok(import),
            }
            import = self.ask(text, &rows)?;
        }
    }

    fn ask(&self, text: &[u8], rows: &[countersign_core::ledger::Row]) -> Result<Import, LedgerError> {
        let (now, entropy) = (SystemClock.now(), SystemEntropy.draw(&[]));
        Ok(self.seller.import_instance(&self.product, text, rows, now, &entropy)?)
    }
}

async fn settle(
    ongoing: Ongoing,
    done: &mut Imported,
    refused: &mut impl FnMut(Refused),
) -> Result<(), ImportError> {
    match ongoing.task.await.map_err(|_| ImportError::Ledger(LedgerError::Conflicts))?? {
        Import::Commit(_) => done.imported += 1,
        Import::Unchanged => done.unchanged += 1,
        Import::Refused { problems } => {
            done.refused += 1;
            refused(Refused { line: ongoing.line, problems });
        }
        Import::Need { .. } => return Err(ImportError::Ledger(LedgerError::Conflicts)),
    }
    Ok(())
}

fn too_long() -> Problem {
    Problem { path: String::new(), code: "out-of-range", message: "the line has more than 1 MiB".to_owned() }
}

/// Why an import stopped.
#[derive(Debug)]
pub enum ImportError {
    /// The lines cannot be read.
    Input(std::io::Error),
    /// The ledger cannot be read or written.
    Ledger(LedgerError),
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input(error) => write!(out, "cannot read the lines: {error}"),
            Self::Ledger(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for ImportError {}

impl From<LedgerError> for ImportError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
