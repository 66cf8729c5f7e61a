//! Plays every story, and gathers what the platform, the gate and the backend saw of each step.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countersign_simulator::scenario::{Delivery as How, Runner, StepReport, Story, stories};
use countersign_simulator::{Dialect, HttpResponse};
use sha2::{Digest, Sha256};

use super::backend::{Counts, Delivery};
use super::stage::Stage;
use super::witness::{Thread, Witness};
use super::{DemoError, Options};

/// One step from all sides.
#[derive(Debug)]
pub struct Played {
    /// The platform's side.
    pub report: StepReport,
    /// What the gate decided, and why.
    pub decided: Vec<Thread>,
    /// What reached the backend.
    pub deliveries: Vec<Delivery>,
    /// The answers that count, equal ones in a row once: of a repeated poll only the one that ended it, since how often
    /// it was sent before depends on the machine's speed.
    pub answers: Vec<HttpResponse>,
}

/// One story, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its dialect.
    pub dialect: Dialect,
    /// Its name.
    pub story: &'static str,
    /// Steps that were to be played.
    pub steps: usize,
    /// Steps that passed.
    pub passed: usize,
    /// Everything that was wrong.
    pub findings: usize,
}

/// The whole run, summed up.
#[derive(Debug, Clone)]
pub struct Total {
    /// `wasm` or `native`.
    pub engine: &'static str,
    /// The seed.
    pub seed: u64,
    /// Story by story.
    pub rows: Vec<Row>,
    /// What the backend counted.
    pub counts: Counts,
    /// What no single answer shows: what the gate should never have done.
    pub complaints: Vec<String>,
    /// SHA-256 over all answers, lower-case hex.
    pub answers_sha256: String,
    /// From the first line to the last.
    pub elapsed: Duration,
}

impl Total {
    /// Whether everything held.
    #[must_use]
    pub fn passed(&self) -> bool {
        let steps = self.rows.iter().all(|row| row.passed == row.steps && row.findings == 0);
        steps && !self.rows.is_empty() && self.complaints.is_empty()
    }
}

/// Shows a run while it goes on.
pub(super) trait Presenter {
    fn begin(&mut self, options: &Options) -> std::io::Result<()>;
    fn story(&mut self, story: &Story) -> std::io::Result<()>;
    fn step(&mut self, played: &Played) -> std::io::Result<()>;
    fn end(&mut self, total: &Total) -> std::io::Result<()>;
}

/// Between two duplicates that are sent at the same time: short beside what a purchase takes, long enough for the first
/// one to be the first on every run.
const APART_MS: u64 = 40;

/// Plays everything.
pub(super) fn play(
    options: &Options,
    stage: &Stage,
    witness: &Witness,
    presenter: &mut dyn Presenter,
) -> Result<Total, DemoError> {
    let began = Instant::now();
    let mut rows = Vec::new();
    let mut digest = Sha256::new();
    presenter.begin(options)?;
    for dialect in Dialect::ALL {
        for story in stories(dialect) {
            let story = with_known_winners(story);
            presenter.story(&story)?;
            rows.push(tell(options, stage, witness, presenter, &story, &mut digest)?);
        }
    }
    stage.settle_down();
    let mut complaints = stage.backend.complaints();
    complaints.extend(disagreements(stage)?);
    let total = Total {
        engine: options.engine.name(),
        seed: options.seed,
        rows,
        counts: stage.backend.counts(),
        complaints,
        answers_sha256: countersign_core::wire::hex::encode(&digest.finalize()),
        elapsed: began.elapsed(),
    };
    presenter.end(&total)?;
    Ok(total)
}

fn with_known_winners(mut story: Story) -> Story {
    for step in &mut story.steps {
        if let How::AtOnce { apart_ms, .. } = &mut step.delivery {
            *apart_ms = APART_MS;
        }
    }
    story
}

fn tell(
    options: &Options,
    stage: &Stage,
    witness: &Witness,
    presenter: &mut dyn Presenter,
    story: &Story,
    digest: &mut Sha256,
) -> Result<Row, DemoError> {
    let (Some(main), other) = stage.routes(story.dialect) else { return Err(DemoError::NoRoute) };
    let runner = Runner {
        transport: &stage.tape,
        backend: Some(&stage.backend),
        main: &main,
        other: other.as_ref(),
        now_ms: &now_ms,
        pause: &std::thread::sleep,
        seed: options.seed,
    };
    let (mut findings, mut shown) = (0, Ok(()));
    let summary = runner.run(story, &mut |report| {
        findings += report.findings.len();
        let polled = report.number.checked_sub(1).and_then(|index| story.steps.get(index));
        let polled = polled.is_some_and(|step| matches!(step.delivery, How::Until { .. }));
        let answers = that_count(stage.tape.drain(), polled);
        for answer in &answers {
            feed(digest, answer);
        }
        let decided = witness.drain();
        let played = Played { report, decided, deliveries: stage.backend.deliveries(), answers };
        if shown.is_ok() {
            shown = presenter.step(&played);
        }
    });
    shown?;
    let (dialect, steps) = (story.dialect, story.steps.len());
    Ok(Row { dialect, story: story.name, steps, passed: summary.passed, findings })
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn that_count(mut answers: Vec<HttpResponse>, polled: bool) -> Vec<HttpResponse> {
    if polled && answers.len() > 1 {
        answers.drain(..answers.len().saturating_sub(1));
    }
    answers.dedup();
    answers
}

fn feed(digest: &mut Sha256, answer: &HttpResponse) {
    digest.update(answer.status.to_be_bytes());
    for part in answer.headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]) {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(&answer.body);
    digest.update([0]);
}

/// Where the ledger and the backend differ about what exists.
fn disagreements(stage: &Stage) -> Result<Vec<String>, DemoError> {
    let mut workspaces = stage.backend.workspaces();
    let mut differences = Vec::new();
    let mut ledger: BTreeMap<(String, String), bool> = BTreeMap::new();
    for instance in stage.instances()? {
        let text = |name: &str| instance.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let id = (text("product").to_string(), text("instance_id").to_string());
        ledger.insert(id, instance.get("released_at").is_some());
        if instance.get("owed").and_then(serde_json::Value::as_array).is_none_or(|owed| !owed.is_empty()) {
            differences.push(format!("effects of {} are still owed", text("instance_id")));
        }
    }
    for ((product, id), released) in ledger {
        match workspaces.remove(&(product.clone(), id.clone())) {
            Some(removed) if removed == released => {}
            Some(_) => differences.push(format!("{product}/{id} is released on one side only")),
            None => differences.push(format!("{product}/{id} is in the ledger and has no workspace")),
        }
    }
    differences.extend(workspaces.keys().map(|(product, id)| format!("{product}/{id} is not in the ledger")));
    Ok(differences)
}
