//! What operators see: metrics, and one log line for each call and each send. Neither holds secrets, query strings,
//! bodies or contact data.

mod calls;
mod log;
mod metrics;

use std::sync::Arc;

use crate::backend::{Cause, EndedSend, SendObserver};
use crate::gate::{Observer, Step, Subject, outcome_name};

pub use calls::Ongoing;
pub use log::install;
pub(crate) use log::set_level;
pub(crate) use metrics::CONTENT_TYPE;

use calls::{Call, Calls};
use metrics::Metrics;

/// Metrics and logs of one gateway.
#[derive(Debug, Default)]
pub struct Telemetry {
    metrics: Metrics,
    calls: Calls,
}

impl Telemetry {
    /// With every counter at zero.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A call arrived completely; what the gate does under this request id belongs to it until the returned value
    /// finishes or is dropped.
    pub fn begin(self: &Arc<Self>, request: String) -> Ongoing {
        self.calls.begin(&request);
        Ongoing::new(Arc::clone(self), request)
    }

    /// All metrics in the OpenMetrics text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.metrics.render()
    }

    /// An old handler answered a call; these are the differences.
    pub(crate) fn shadowed(&self, codes: &[&str]) {
        self.metrics.shadowed(codes);
    }

    /// No key of ours signed it: this is why.
    pub(crate) fn shadow_stranger(&self, reason: &str) {
        self.metrics.shadow_stranger(reason);
    }

    /// And the ledger learned nothing from it.
    pub(crate) fn shadow_failed(&self, code: &str) {
        self.metrics.shadow_failed(code);
    }

    fn finish(&self, request: &str, status: Option<u16>) {
        let Some(call) = self.calls.end(request) else { return };
        let Call { begun, subject, event, test, effect, result } = call;
        let Subject { dialect, product, order, instance, .. } = subject;
        let took = begun.elapsed();
        let result = result.unwrap_or_else(|| "abandoned".to_owned());
        self.metrics.call(&dialect, event, &result, took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            request,
            dialect,
            product,
            order,
            instance,
            event,
            test,
            effect,
            result,
            status,
            milliseconds,
            "call"
        );
    }
}

impl Observer for Telemetry {
    fn step(&self, subject: &Subject, step: &Step) {
        let Subject { request, dialect, product, order, instance } = subject;
        let reason = step.reason();
        self.calls.change(request, |call| call.subject.clone_from(subject));
        match step {
            Step::Refused { .. } => {
                let reason = reason.unwrap_or_default();
                self.metrics.refused(reason);
                self.calls.result(request, reason);
            }
            Step::Admitted { event, test } => {
                self.calls.change(request, |call| (call.event, call.test) = (event, *test));
            }
            Step::Waited => {
                self.metrics.waits.inc();
                tracing::debug!(request, product, order, instance, "waited");
            }
            Step::Conflicted => {
                self.metrics.conflicts.inc();
                tracing::debug!(request, product, order, instance, "conflicted");
            }
            Step::Answered { .. } => self.calls.result(request, reason.unwrap_or(OK)),
            Step::Performed { effect, attempt, last } => {
                self.calls.change(request, |call| call.effect.clone_from(effect));
                tracing::debug!(request, product, order, instance, effect, attempt, last, "sent");
            }
            Step::Asked { effect } => {
                self.calls.change(request, |call| call.effect.clone_from(effect));
                tracing::debug!(request, product, order, instance, effect, "sent");
            }
            Step::Settled { effect, outcome, cause, .. } => {
                self.metrics.settled(outcome);
                self.calls.result(request, reason.unwrap_or(OK));
                tracing::debug!(request, product, order, instance, effect, outcome, cause, reason, "settled");
            }
            Step::OutOfTime => {
                self.metrics.out_of_time.inc();
                tracing::debug!(request, product, order, instance, "out of time");
            }
            Step::Failed { code, cause } => {
                self.metrics.failed(code);
                self.calls.result(request, code);
                tracing::error!(request, dialect, product, order, instance, code, cause, "failed");
            }
            Step::Alarm { code, detail } => {
                self.metrics.alarm(code);
                tracing::warn!(request, product, order, instance, code, detail, "alarm");
            }
        }
    }

    fn owed(&self, works: usize) {
        self.metrics.owed.set(i64::try_from(works).unwrap_or(i64::MAX));
    }
}

impl SendObserver for Telemetry {
    fn sent(&self, send: &EndedSend<'_>) {
        let EndedSend { subject, effect, outcome, cause, status, took } = send;
        let Subject { request, product, order, instance, .. } = subject;
        let (outcome, cause) = (outcome_name(outcome), cause.map(Cause::code));
        self.metrics.sent(outcome, cause.unwrap_or_default(), *took);
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        match cause {
            None => {
                tracing::info!(
                    request,
                    product,
                    order,
                    instance,
                    effect,
                    outcome,
                    status,
                    milliseconds,
                    "send"
                );
            }
            Some(cause) => {
                tracing::warn!(
                    request,
                    product,
                    order,
                    instance,
                    effect,
                    outcome,
                    cause,
                    status,
                    milliseconds,
                    "send"
                );
            }
        }
    }
}

/// The result of a call that succeeded.
const OK: &str = "ok";
