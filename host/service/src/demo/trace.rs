//! Records what the gate decided about every call.

use std::sync::{Arc, Mutex, PoisonError};

use crate::gate::{Observer, Step, Subject};

/// What the gate said about one call, or about the works that it took up by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Where the steps come from.
    pub source: Source,
    /// The steps, in the order in which the gate took them.
    pub steps: Vec<Step>,
}

impl Trace {
    /// Whether this is what came of a call after its answer had left.
    #[must_use]
    pub fn is_late(&self) -> bool {
        let begins = |step: &Step| matches!(step, Step::Admitted { .. } | Step::Refused { .. });
        self.source == Source::Call && !self.steps.first().is_some_and(begins)
    }
}

/// What made the gate take steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The platform called.
    Call,
    /// The gate's own timer found work that was owed.
    Timer,
    /// The backend reported the end of an effect.
    Report,
}

/// Is told of every step at once, while the demo runs.
pub(super) type OnStep = Arc<dyn Fn(&Step) + Send + Sync>;

/// Collects the steps until somebody asks for them.
pub(super) struct TraceRecorder {
    seen: Mutex<Vec<(String, Step)>>,
    on_step: OnStep,
}

impl TraceRecorder {
    pub(super) fn new(on_step: OnStep) -> Self {
        Self { seen: Mutex::default(), on_step }
    }

    /// Everything since the last call, by request, in the order of the first steps.
    pub(super) fn drain(&self) -> Vec<Trace> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let mut names: Vec<String> = Vec::new();
        let mut traces: Vec<Trace> = Vec::new();
        for (name, step) in seen {
            match names.iter().position(|known| *known == name).and_then(|at| traces.get_mut(at)) {
                Some(trace) => trace.steps.push(step),
                None => {
                    let source = match name.as_str() {
                        "owed" => Source::Timer,
                        "report" => Source::Report,
                        _ => Source::Call,
                    };
                    traces.push(Trace { source, steps: vec![step] });
                    names.push(name);
                }
            }
        }
        traces
    }
}

impl Observer for TraceRecorder {
    fn step(&self, subject: &Subject, step: &Step) {
        (self.on_step)(step);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((subject.request.clone(), step.clone()));
    }
}

/// Describes one step in a few words.
pub(super) fn describe(step: &Step) -> String {
    match step {
        Step::Refused { reason, .. } => format!("refused: {}", reason.code.code()),
        Step::Admitted { event, test: false } => format!("admitted: {event}"),
        Step::Admitted { event, test: true } => format!("admitted: {event} (test)"),
        Step::Waited => "waited for the one at work".to_string(),
        Step::Conflicted => "rows changed, again".to_string(),
        Step::Uncertain { code, .. } => format!("no word of the commit: {code}"),
        Step::Answered { reason: None } => "answered from the ledger".to_string(),
        Step::Answered { reason: Some(reason) } => {
            format!("answered from the ledger: {}", reason.code.code())
        }
        Step::Performed { .. } => "reserved and sent".to_string(),
        Step::Asked { .. } => "asked the backend".to_string(),
        Step::Settled { outcome, reason: None, .. } => format!("settled: {outcome}"),
        Step::Settled { outcome, reason: Some(reason), .. } => {
            format!("settled: {outcome} ({})", reason.code.code())
        }
        Step::OutOfTime => "the backend takes longer".to_string(),
        Step::Failed { code, .. } => format!("failed: {code}"),
        Step::Alarm { code, .. } => format!("alarm: {code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, TraceRecorder};
    use crate::gate::{Observer, Step, Subject};
    use std::sync::Arc;

    #[test]
    fn steps_are_told_call_by_call() {
        let recorder = TraceRecorder::new(Arc::new(|_| {}));
        for (name, step) in
            [("a", Step::Waited), ("owed", Step::OutOfTime), ("a", Step::Answered { reason: None })]
        {
            recorder.step(&Subject { request: name.into(), ..Subject::default() }, &step);
        }
        let traces = recorder.drain();
        assert_eq!((traces[0].source, traces[1].source), (Source::Call, Source::Timer));
        assert_eq!(traces[0].steps, [Step::Waited, Step::Answered { reason: None }]);
        assert!(recorder.drain().is_empty());
    }
}
