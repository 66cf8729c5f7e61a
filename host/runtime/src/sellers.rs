//! Which sellers are open, and with what configuration.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::engine::SellerHandle;
use crate::error::EngineError;

/// The request that opens a seller, kept to open it in further instances.
pub(crate) type Opening = Arc<Zeroizing<Vec<u8>>>;

#[derive(Default)]
pub(crate) struct Sellers {
    openings: RwLock<HashMap<u32, Opening>>,
    last: AtomicU32,
    closings: AtomicU64,
}

impl Sellers {
    pub(crate) fn add(&self, opening: Opening) -> Result<SellerHandle, EngineError> {
        let last = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| last.checked_add(1));
        let handle = last.ok().and_then(|last| NonZeroU32::new(last.wrapping_add(1)));
        let handle = handle.ok_or_else(|| EngineError::Start("four billion sellers were opened".into()))?;
        let mut openings = self.openings.write().unwrap_or_else(PoisonError::into_inner);
        openings.insert(handle.get(), opening);
        Ok(SellerHandle(handle))
    }

    pub(crate) fn get(&self, handle: u32) -> Option<Opening> {
        self.openings.read().unwrap_or_else(PoisonError::into_inner).get(&handle).cloned()
    }

    pub(crate) fn remove(&self, handle: u32) {
        let mut openings = self.openings.write().unwrap_or_else(PoisonError::into_inner);
        if openings.remove(&handle).is_some() {
            self.closings.fetch_add(1, Ordering::Release);
        }
    }

    /// Rises with every closing: an instance that saw this number knows of all of them.
    pub(crate) fn closings(&self) -> u64 {
        self.closings.load(Ordering::Acquire)
    }
}
