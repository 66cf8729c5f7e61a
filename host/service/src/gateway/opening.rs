//! From the configuration of calls to what handles them: at start, and whenever it is read again.

use std::sync::Arc;

use countersign_runtime::{Engine, OpenSeller};

use super::StartError;
use crate::backend::{HttpBackend, SENDS_AT_ONCE};
use crate::config::CallsConfig;
use crate::gate::{Clock, Gate, Terms};
use crate::shadow::Shadow;
use crate::telemetry::Telemetry;

/// What stays the same as long as the process runs.
pub(super) struct Opening {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Opening {
    /// Seller and backends; `descriptors` are those that connections to backends may take.
    pub(super) fn terms(&self, calls: &CallsConfig, descriptors: usize) -> Result<Terms, StartError> {
        let engine = Arc::clone(&self.engine);
        let seller = OpenSeller::open(engine, calls.seller.json()).map_err(StartError::Seller)?;
        // Idle connections that wait for the next send are descriptors too.
        let sends = SENDS_AT_ONCE.min(descriptors - descriptors / 4);
        let (clock, telemetry) = (Arc::clone(&self.clock), Arc::clone(&self.telemetry));
        let backend = HttpBackend::new(calls.backends(), calls.routed(), sends, clock, telemetry)
            .map_err(StartError::Backend)?;
        let products = calls.seller.products().to_vec();
        Ok(Terms { seller, backend: Arc::new(backend), products })
    }

    /// The old handlers, if there are any, beside the terms of the same configuration.
    pub(super) fn shadow(
        &self,
        calls: &CallsConfig,
        terms: &Arc<Terms>,
        gate: &Arc<Gate>,
    ) -> Result<Option<Arc<Shadow>>, StartError> {
        if !calls.shadow.is_on() {
            return Ok(None);
        }
        let addresses = calls.seller.addresses().iter();
        let known: Vec<_> = addresses.map(|one| (one.path.clone(), one.method)).collect();
        let (gate, telemetry) = (Arc::clone(gate), Arc::clone(&self.telemetry));
        let (terms, config) = (Arc::clone(terms), calls.shadow.clone());
        let rules = Arc::clone(calls.seller.native());
        let shadow = Shadow::new(config, terms, rules, &known, gate, telemetry);
        Ok(Some(Arc::new(shadow.map_err(StartError::Shadow)?)))
    }
}
