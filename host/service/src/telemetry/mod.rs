//! What operators see: metrics, and one log line for each call and each send. Neither holds secrets, query strings,
//! bodies or contact data.

mod calls;
mod line;
mod log;
mod metrics;
mod why;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use countersign_core::ReasonCode;

use crate::backend::{Cause, EndedSend, SendObserver};
use crate::gate::{Observer, Step, Subject, outcome_name, path_of};

pub use calls::Ongoing;
pub use log::install;
pub(crate) use log::set_level;
pub(crate) use metrics::CONTENT_TYPE;

use calls::{Call, Calls};
use line::{known, line};
use metrics::Metrics;
use why::Why;

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

    /// A call arrived from a peer, with this target; what the gate does under this request id belongs to it until the
    /// returned value finishes or is dropped.
    pub fn begin(self: &Arc<Self>, request: String, peer: Option<SocketAddr>, target: &[u8]) -> Ongoing {
        self.calls.begin(&request, peer, path_of(target));
        Ongoing::new(Arc::clone(self), request)
    }

    /// A request that was answered without having been read to its end: it never reached the gate.
    pub fn unread(&self, peer: Option<SocketAddr>, status: u16) {
        self.metrics.unread(status);
        tracing::info!(peer = peer.map(tracing::field::display), status, "unread");
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
        let Call { begun, peer, path, subject, event, test, effect, result, reason } = call;
        let took = begun.elapsed();
        let result = result.unwrap_or_else(|| "abandoned".to_owned());
        self.metrics.call(&subject.dialect, event, &result, took);
        let why = Why::of(reason.as_ref());
        // A path that nobody has is a stranger's as a rule; what comes to one of ours and is refused is looked at.
        if event.is_empty() && !subject.product.is_empty() {
            line!(
                WARN,
                "call",
                &subject,
                why,
                peer = peer.map(tracing::field::display),
                path = path,
                result = result,
                status = status,
                milliseconds = milliseconds(took),
            );
        } else {
            line!(
                INFO,
                "call",
                &subject,
                why,
                peer = peer.map(tracing::field::display),
                path = path,
                event = known(event),
                test = test,
                effect = known(&effect),
                result = result,
                status = status,
                milliseconds = milliseconds(took),
            );
        }
    }
}

impl Observer for Telemetry {
    fn step(&self, subject: &Subject, step: &Step) {
        let request = subject.request.as_str();
        let code = step.reason();
        self.calls.change(request, |call| call.subject.clone_from(subject));
        match step {
            Step::Refused { reason, .. } => {
                let code = reason.code.code();
                self.metrics.refused(code);
                self.calls.result(request, code, Some(reason));
            }
            Step::Admitted { event, test } => {
                self.calls.change(request, |call| (call.event, call.test) = (event, *test));
            }
            Step::Waited => {
                self.metrics.waits.inc();
                line!(DEBUG, "waited", subject, Why::default());
            }
            Step::Conflicted => {
                self.metrics.conflicts.inc();
                line!(DEBUG, "conflicted", subject, Why::default());
            }
            Step::Answered { reason } => self.calls.result(request, code.unwrap_or(OK), reason.as_ref()),
            Step::Performed { effect, attempt: attempt @ ..=1, .. } => {
                self.calls.change(request, |call| call.effect.clone_from(effect));
                line!(DEBUG, "sent", subject, Why::default(), effect = effect, attempt = attempt);
            }
            Step::Performed { effect, attempt, last } => {
                self.calls.change(request, |call| call.effect.clone_from(effect));
                let why = Why::default();
                line!(INFO, "sent again", subject, why, effect = effect, attempt = attempt, last = last);
            }
            Step::Asked { effect } => {
                self.calls.change(request, |call| call.effect.clone_from(effect));
                line!(DEBUG, "asked", subject, Why::default(), effect = effect);
            }
            Step::Settled { effect, outcome, cause, reason } => {
                self.metrics.settled(outcome);
                self.calls.result(request, code.unwrap_or(OK), reason.as_ref());
                let why = Why::of(reason.as_ref());
                // What a send failed of is a line already; what is wrong with an answer that came is said here alone.
                let is_wrong = match *outcome {
                    "done" => code.is_some(),
                    "refused" => code.is_some_and(|code| code != ReasonCode::BackendRefused.code()),
                    _ => false,
                };
                if is_wrong {
                    line!(WARN, "settled", subject, why, effect = effect, outcome = outcome, reason = code);
                } else {
                    line!(
                        DEBUG,
                        "settled",
                        subject,
                        why,
                        effect = effect,
                        outcome = outcome,
                        cause = cause,
                        reason = code
                    );
                }
            }
            Step::OutOfTime => {
                self.metrics.out_of_time.inc();
                line!(DEBUG, "out of time", subject, Why::default());
            }
            Step::Failed { code, cause } => {
                self.metrics.failed(code);
                self.calls.result(request, code, None);
                line!(ERROR, "failed", subject, Why::default(), code = code, cause = cause);
            }
            Step::Alarm { code, detail } => {
                self.metrics.alarm(code);
                line!(WARN, "alarm", subject, Why::default(), code = code, about = known(detail));
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
        let code = cause.map(Cause::code);
        let outcome = outcome_name(outcome);
        self.metrics.sent(outcome, code.unwrap_or_default(), *took);
        let (why, took) = (Why::default(), milliseconds(*took));
        match cause {
            None => line!(
                INFO,
                "send",
                subject,
                why,
                effect = effect,
                outcome = outcome,
                status = status,
                milliseconds = took
            ),
            Some(cause) => line!(
                WARN,
                "send",
                subject,
                why,
                effect = effect,
                outcome = outcome,
                cause = cause.code(),
                hint = cause.hint(),
                status = status,
                milliseconds = took
            ),
        }
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// The result of a call that succeeded.
const OK: &str = "ok";
