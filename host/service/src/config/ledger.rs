//! The part of the configuration that is needed to read and write the ledger while no gateway runs: routes, engine and
//! store. Backend, listeners and their secrets are not looked at.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign_ledger::{Missing, OpenError, Store};
use countersign_runtime::{EngineError, OpenSeller, SellerError};

use super::problem::{ConfigErrors, Problems};
use super::seller::{self, SellerPart};
use super::store::StoreConfig;
use super::table::Table;
use super::{document, folder, read_engine};

/// Routes, engine and store.
#[derive(Debug)]
pub struct LedgerPart {
    seller: SellerPart,
    store: StoreConfig,
    base: PathBuf,
}

impl LedgerPart {
    /// Reads them out of a TOML file.
    ///
    /// # Errors
    /// [`ConfigErrors`] with every mistake of that part, and every unknown field of the document.
    pub fn load(path: &Path) -> Result<Self, ConfigErrors> {
        let mut document = document::from_file(path)?;
        let base = folder(path).to_owned();
        let mut problems = Problems::default();
        seller::strip(&mut document, &["store"]);
        let (seller, _) = seller::take(&mut document, &base, &mut problems);
        let part = Table::new(&document, "", &mut problems).and_then(|mut table| {
            let engine = read_engine(&mut table, &mut problems);
            let store = StoreConfig::read(&mut table, &base, &mut problems);
            table.finish(&mut problems);
            Some(Self { seller: seller?.run_by(engine?), store: store?, base })
        });
        problems.unless_any(part)
    }

    /// The product that was asked for, or the only one; `None` where there are several and none was asked for.
    ///
    /// # Errors
    /// A sentence, when the configuration has no such product.
    pub fn product<'a>(&'a self, wanted: Option<&'a str>) -> Result<Option<&'a str>, String> {
        let products = self.seller.products();
        match (wanted, products) {
            (Some(wanted), _) if products.iter().any(|known| known == wanted) => Ok(Some(wanted)),
            (Some(_), _) => Err(format!("--product: must be one of: {}", products.join(", "))),
            (None, [only]) => Ok(Some(only)),
            (None, _) => Ok(None),
        }
    }

    /// Opens both. Whoever only reads passes [`Missing::Refuse`]: nothing is to be read from a ledger that is not there.
    ///
    /// # Errors
    /// [`LedgerOpenError`].
    pub fn open(&self, missing: Missing) -> Result<(OpenSeller, Arc<dyn Store>), LedgerOpenError> {
        let engine = self.seller.engine().engine().map_err(LedgerOpenError::Engine)?;
        let seller = OpenSeller::open(engine, self.seller.json()).map_err(LedgerOpenError::Seller)?;
        let missing = if self.store.missing == Missing::Refuse { Missing::Refuse } else { missing };
        let opened = countersign_ledger::open(&self.store.url, &self.base, missing);
        Ok((seller, opened.map_err(LedgerOpenError::Store)?.store))
    }
}

/// Why the ledger cannot be used.
#[derive(Debug)]
pub enum LedgerOpenError {
    /// The engine cannot run.
    Engine(EngineError),
    /// The engine does not take the configuration, which the native core took.
    Seller(SellerError),
    /// The store cannot be opened.
    Store(OpenError),
}

impl fmt::Display for LedgerOpenError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => error.fmt(out),
            Self::Seller(error) => error.fmt(out),
            Self::Store(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for LedgerOpenError {}
