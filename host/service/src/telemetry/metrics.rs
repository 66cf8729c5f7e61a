//! Counters, and their text format.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The media type of [`Metrics::render`].
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    dialect: String,
    event: String,
    result: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Dialect {
    dialect: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    outcome: String,
    cause: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: String,
}

/// Up to the 10 s that a send may take; the platform's limit of 5 s is a bucket's edge.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

#[derive(Debug, Clone)]
struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(SECONDS)
    }
}

/// Every label has few values: names of dialects, events, outcomes and reason codes.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<Dialect, Histogram, Seconds>,
    refusals: Family<Code, Counter>,
    unread: Family<Status, Counter>,
    sends: Family<Sent, Counter>,
    send_seconds: Histogram,
    settlements: Family<OutcomeLabel, Counter>,
    alarms: Family<Code, Counter>,
    failures: Family<Code, Counter>,
    shadow_calls: Counter,
    shadow_differences: Family<Code, Counter>,
    shadow_failures: Family<Code, Counter>,
    shadow_strangers: Family<Code, Counter>,
    pub(super) waits: Counter,
    pub(super) conflicts: Counter,
    pub(super) out_of_time: Counter,
    pub(super) owed: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Registry::with_prefix("countersign");
        let calls = Family::default();
        all.register("calls", "Calls of the platform, by what they were and how they ended", calls.clone());
        let call_seconds = Family::new_with_constructor(Seconds);
        let help = "Time from the end of a request to its answer";
        all.register_with_unit("call", help, Unit::Seconds, call_seconds.clone());
        let refusals = Family::default();
        all.register("refusals", "Calls refused before anything was read, by reason", refusals.clone());
        let unread = Family::default();
        let help = "Requests answered without having been read to their end, by HTTP status";
        all.register("unread_requests", help, unread.clone());
        let sends = Family::default();
        all.register("sends", "Messages to the seller's backend, by how they ended", sends.clone());
        let send_seconds = Histogram::new(SECONDS);
        let help = "Time from a message to the backend's answer";
        all.register_with_unit("send", help, Unit::Seconds, send_seconds.clone());
        let settlements = Family::default();
        all.register("settlements", "Outcomes that went into the ledger", settlements.clone());
        let alarms = Family::default();
        all.register("alarms", "What an operator should look at, by code", alarms.clone());
        let failures = Family::default();
        all.register("failures", "Failures of the store or the engine, by code", failures.clone());
        let shadow_calls = Counter::default();
        all.register("shadow_calls", "Calls that an old handler answered", shadow_calls.clone());
        let shadow_differences = Family::default();
        let help = "Where an old handler's answer differs from the gateway's, by code";
        all.register("shadow_differences", help, shadow_differences.clone());
        let shadow_failures = Family::default();
        let help = "Calls of an old handler that the ledger learned nothing from, by code";
        all.register("shadow_failures", help, shadow_failures.clone());
        let shadow_strangers = Family::default();
        let help = "Calls that no key of ours signed and that an old handler answered, by reason";
        all.register("shadow_strangers", help, shadow_strangers.clone());
        let waits = Counter::default();
        all.register("waits", "Waits for another call that was at work on the same rows", waits.clone());
        let conflicts = Counter::default();
        all.register("conflicts", "Commits that met changed rows", conflicts.clone());
        let out_of_time = Counter::default();
        all.register("out_of_time", "Answers that left before the backend's", out_of_time.clone());
        let owed = Gauge::default();
        all.register("owed_works", "Works that are not finished, at the last look", owed.clone());
        Self {
            registry: all,
            calls,
            call_seconds,
            refusals,
            unread,
            sends,
            send_seconds,
            settlements,
            alarms,
            failures,
            shadow_calls,
            shadow_differences,
            shadow_failures,
            shadow_strangers,
            waits,
            conflicts,
            out_of_time,
            owed,
        }
    }
}

impl Metrics {
    pub(super) fn call(&self, dialect: &str, event: &str, result: &str, took: Duration) {
        let dialect = if dialect.is_empty() { "none" } else { dialect }.to_owned();
        let event = if event.is_empty() { "none" } else { event }.to_owned();
        self.call_seconds.get_or_create(&Dialect { dialect: dialect.clone() }).observe(took.as_secs_f64());
        self.calls.get_or_create(&CallLabels { dialect, event, result: result.to_owned() }).inc();
    }

    pub(super) fn refused(&self, reason: &str) {
        self.refusals.get_or_create(&Code { code: reason.to_owned() }).inc();
    }

    pub(super) fn unread(&self, status: u16) {
        self.unread.get_or_create(&Status { status }).inc();
    }

    pub(super) fn sent(&self, outcome: &str, cause: &str, took: Duration) {
        self.send_seconds.observe(took.as_secs_f64());
        let labels = Sent { outcome: outcome.to_owned(), cause: cause.to_owned() };
        self.sends.get_or_create(&labels).inc();
    }

    pub(super) fn settled(&self, outcome: &str) {
        self.settlements.get_or_create(&OutcomeLabel { outcome: outcome.to_owned() }).inc();
    }

    pub(super) fn alarm(&self, code: &str) {
        self.alarms.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    pub(super) fn shadowed(&self, codes: &[&str]) {
        self.shadow_calls.inc();
        for code in codes {
            self.shadow_differences.get_or_create(&Code { code: (*code).to_owned() }).inc();
        }
    }

    pub(super) fn shadow_failed(&self, code: &str) {
        self.shadow_failures.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    pub(super) fn shadow_stranger(&self, reason: &str) {
        self.shadow_strangers.get_or_create(&Code { code: reason.to_owned() }).inc();
    }

    pub(super) fn failed(&self, code: &str) {
        self.failures.get_or_create(&Code { code: code.to_owned() }).inc();
    }

    pub(super) fn render(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail; half a page of metrics would be worse than none.
        match encode(&mut text, &self.registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}
