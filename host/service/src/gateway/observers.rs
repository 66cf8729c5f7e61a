//! Several observers as one.

use std::sync::Arc;

use crate::gate::{Observer, Step, Subject};
use crate::telemetry::Telemetry;

/// Tells everybody.
pub(super) struct Observers {
    pub(super) telemetry: Arc<Telemetry>,
    pub(super) others: Vec<Arc<dyn Observer>>,
}

impl Observer for Observers {
    fn step(&self, subject: &Subject, step: &Step) {
        self.telemetry.step(subject, step);
        for other in &self.others {
            other.step(subject, step);
        }
    }

    fn owed(&self, works: usize) {
        self.telemetry.owed(works);
        for other in &self.others {
            other.owed(works);
        }
    }
}
