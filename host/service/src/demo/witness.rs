//! Watches the gate: what it decided about every call.

use std::sync::{Arc, Mutex, PoisonError};

use crate::gate::{Observer, Step, Subject};

/// What the gate said about one call, or about the works that it took up by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// Whose.
    pub of: Source,
    /// In order.
    pub steps: Vec<Step>,
}

impl Thread {
    /// Whether this is what came of a call after its answer had left.
    #[must_use]
    pub fn is_late(&self) -> bool {
        let begins = |step: &Step| matches!(step, Step::Admitted { .. } | Step::Refused { .. });
        self.of == Source::Call && !self.steps.first().is_some_and(begins)
    }
}

/// Where steps come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A call of the platform.
    Call,
    /// The gate's own timer.
    Timer,
    /// A report of the backend.
    Report,
}

/// Is told of every step at once, while the demo runs.
pub(super) type Live = Arc<dyn Fn(&Step) + Send + Sync>;

/// Collects the steps until somebody asks for them.
pub(super) struct Witness {
    seen: Mutex<Vec<(String, Step)>>,
    live: Live,
}

impl Witness {
    pub(super) fn new(live: Live) -> Self {
        Self { seen: Mutex::default(), live }
    }

    /// Everything since the last call, by request, in the order of the first steps.
    pub(super) fn drain(&self) -> Vec<Thread> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        let mut names: Vec<String> = Vec::new();
        let mut threads: Vec<Thread> = Vec::new();
        for (name, step) in seen {
            match names.iter().position(|known| *known == name).and_then(|at| threads.get_mut(at)) {
                Some(thread) => thread.steps.push(step),
                None => {
                    let of = match name.as_str() {
                        "owed" => Source::Timer,
                        "report" => Source::Report,
                        _ => Source::Call,
                    };
                    threads.push(Thread { of, steps: vec![step] });
                    names.push(name);
                }
            }
        }
        threads
    }
}

impl Observer for Witness {
    fn step(&self, subject: &Subject, step: &Step) {
        (self.live)(step);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((subject.request.clone(), step.clone()));
    }
}

/// One step in a few words.
pub(super) fn words(step: &Step) -> String {
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
    use super::{Source, Witness};
    use crate::gate::{Observer, Step, Subject};
    use std::sync::Arc;

    #[test]
    fn steps_are_told_call_by_call() {
        let witness = Witness::new(Arc::new(|_| {}));
        for (name, step) in
            [("a", Step::Waited), ("owed", Step::OutOfTime), ("a", Step::Answered { reason: None })]
        {
            witness.step(&Subject { request: name.into(), ..Subject::default() }, &step);
        }
        let threads = witness.drain();
        assert_eq!((threads[0].of, threads[1].of), (Source::Call, Source::Timer));
        assert_eq!(threads[0].steps, [Step::Waited, Step::Answered { reason: None }]);
        assert!(witness.drain().is_empty());
    }
}
