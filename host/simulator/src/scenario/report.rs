//! What the runner tells its caller.

use super::finding::Finding;
use crate::Dialect;

/// What came of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// The name of the story.
    pub story: &'static str,
    /// The number of the step, from 1.
    pub number: usize,
    /// What happened, in English.
    pub name: &'static str,
    /// The callback protocol.
    pub dialect: Dialect,
    /// What was sent, without its query: `POST /saas newInstance, 3 at once`.
    pub sent: String,
    /// Every answer, in sending order.
    pub answers: Vec<Answered>,
    /// The result codes that are right: `000000`, `000000 or 000004`, `000004 until 000000`.
    pub expected: String,
    /// Everything that went wrong.
    pub findings: Vec<Finding>,
    /// The whole step, in milliseconds of the runner's clock.
    pub elapsed_ms: u64,
    /// Why the step was not run, if so.
    pub skipped: Option<&'static str>,
}

impl StepReport {
    /// Whether the step ran and nothing went wrong.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.skipped.is_none() && self.findings.is_empty()
    }

    /// The HTTP status of the last answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.answers.last()?.status
    }

    /// The result code of the last answer.
    #[must_use]
    pub fn result_code(&self) -> Option<&str> {
        self.answers.last()?.result_code.as_deref()
    }
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status; `None` without an answer.
    pub status: Option<u16>,
    /// The result code, as far as one could be read.
    pub result_code: Option<String>,
    /// From sending to the complete answer, in milliseconds of the runner's clock.
    pub elapsed_ms: u64,
}

/// What came of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Steps that ran without findings.
    pub passed: usize,
    /// Steps with findings.
    pub failed: usize,
    /// Steps that did not run.
    pub skipped: usize,
}

impl Summary {
    pub(super) fn count(&mut self, report: &StepReport) {
        let counter = if report.skipped.is_some() {
            &mut self.skipped
        } else if report.passed() {
            &mut self.passed
        } else {
            &mut self.failed
        };
        *counter = counter.saturating_add(1);
    }
}

impl std::ops::AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed = self.passed.saturating_add(other.passed);
        self.failed = self.failed.saturating_add(other.failed);
        self.skipped = self.skipped.saturating_add(other.skipped);
    }
}
