//! Instances out of a ledger, page by page.

use std::fmt;
use std::io::Write;

use countersign_core::ledger::{Export, INSTANCE_PREFIX, instance_key};
use countersign_ledger::{Limit, Page, Store};
use countersign_runtime::{OpenSeller, SellerError};

use crate::gate::LedgerError;

/// Rows of one page.
const PAGE: Limit = Limit { rows: 500, bytes: 4 << 20 };

/// What an export found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Lines.
    pub exported: u64,
    /// Instances that are not open yet: they have no line.
    pub unopened: u64,
    /// Effects of the exported instances that are still owed: no line says so.
    pub owed: u64,
    /// Rows that cannot be read, damaged or of a later version, each by its key and the reason's code. They have no line.
    pub unreadable: Vec<(String, String)>,
}

/// Why an export stopped.
#[derive(Debug)]
pub enum ExportError {
    /// The ledger cannot be read.
    Ledger(LedgerError),
    /// The lines cannot be written.
    Output(std::io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ledger(error) => error.fmt(out),
            Self::Output(error) => write!(out, "cannot write the lines: {error}"),
        }
    }
}

impl std::error::Error for ExportError {}

/// Writes a line for each instance, in the order of product and id. A row that cannot be read stops none of the others.
///
/// # Errors
/// [`ExportError`].
pub async fn export(
    seller: &OpenSeller,
    store: &dyn Store,
    product: Option<&str>,
    with_access: bool,
    mut out: impl Write,
) -> Result<Exported, ExportError> {
    // No id is empty: the key of none is the prefix of all.
    let prefix = product.map_or_else(|| INSTANCE_PREFIX.to_owned(), |product| instance_key(product, ""));
    let mut after: Option<String> = None;
    let mut found = Exported::default();
    loop {
        let page = store.scan(&prefix, after.as_deref(), PAGE).await;
        let Page { rows, more } = page.map_err(|error| ExportError::Ledger(error.into()))?;
        for row in &rows {
            let Some(stored) = &row.value else { continue };
            let exported = match seller.export_instance(&stored.bytes, with_access) {
                Ok(exported) => exported,
                Err(SellerError::Call(error)) => {
                    found.unreadable.push((row.key.clone(), error.code));
                    continue;
                }
                Err(error) => return Err(ExportError::Ledger(error.into())),
            };
            match exported {
                Export::Line { instance, owed } => {
                    found.exported += 1;
                    found.owed = found.owed.saturating_add(owed);
                    writeln!(out, "{instance}").map_err(ExportError::Output)?;
                }
                Export::Unopened => found.unopened += 1,
            }
        }
        match rows.last() {
            Some(last) if more => after = Some(last.key.clone()),
            _ => break,
        }
    }
    out.flush().map_err(ExportError::Output)?;
    Ok(found)
}
