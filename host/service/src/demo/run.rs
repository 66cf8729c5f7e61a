//! Plays every story, and gathers what the platform, the gate and the backend saw of each step.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use countersign_simulator::scenario::{Delivery as DeliveryMode, Runner, StepReport, Story, To, stories};
use countersign_simulator::{Dialect, HttpResponse};
use sha2::{Digest, Sha256};

use super::backend::{Counts, Delivery};
use super::environment::Environment;
use super::trace::{Trace, TraceRecorder};
use super::{Chapter, DemoError, Options};

/// One step, as the platform, the gate and the backend saw it.
#[derive(Debug)]
pub struct StepRecord {
    /// What the platform made of it.
    pub report: StepReport,
    /// What the gate decided, and why.
    pub decided: Vec<Trace>,
    /// What reached the backend.
    pub deliveries: Vec<Delivery>,
    /// The answers that count, equal ones in a row once: of a repeated poll only the one that ended it, since how often
    /// it was sent before depends on the machine's speed. Answers to an identity centre are opened: their ciphertext is
    /// another one each time.
    pub answers: Vec<HttpResponse>,
}

/// One story, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorySummary {
    /// The dialect that was played.
    pub dialect: Dialect,
    /// The name of the story.
    pub story: &'static str,
    /// How many steps the story has.
    pub steps: usize,
    /// How many of them passed.
    pub passed: usize,
    /// How much was found wrong.
    pub findings: usize,
}

/// The whole run, summed up.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The engine that ran: `wasm` or `native`.
    pub engine: &'static str,
    /// The seed from which everything random was drawn.
    pub seed: u64,
    /// The stories, in the order in which they were played.
    pub stories: Vec<StorySummary>,
    /// What the backend counted.
    pub counts: Counts,
    /// What no single answer shows: what the gate should never have done.
    pub complaints: Vec<String>,
    /// SHA-256 over all answers, lower-case hex.
    pub answers_sha256: String,
    /// The time from the first line to the last.
    pub elapsed: Duration,
}

impl Summary {
    /// Whether everything held.
    #[must_use]
    pub fn passed(&self) -> bool {
        let steps = self.stories.iter().all(|story| story.passed == story.steps && story.findings == 0);
        steps && !self.stories.is_empty() && self.complaints.is_empty()
    }
}

/// Shows a run while it goes on.
pub(super) trait Presenter {
    fn begin(&mut self, options: &Options) -> std::io::Result<()>;
    fn story(&mut self, story: &Story) -> std::io::Result<()>;
    fn step(&mut self, record: &StepRecord) -> std::io::Result<()>;
    fn end(&mut self, summary: &Summary) -> std::io::Result<()>;
}

/// Between two duplicates that are sent at the same time: short beside what a purchase takes, long enough for the first
/// one to be the first on every run.
const STAGGER_MS: u64 = 40;

/// Plays every story of every dialect.
pub(super) fn run_stories(
    options: &Options,
    environment: &Environment,
    recorder: &TraceRecorder,
    presenter: &mut dyn Presenter,
) -> Result<Summary, DemoError> {
    let began = Instant::now();
    let mut summaries = Vec::new();
    let mut digest = Sha256::new();
    presenter.begin(options)?;
    let is_played =
        |dialect: &Dialect| options.chapters.is_empty() || options.chapters.contains(&Chapter::of(*dialect));
    for dialect in Dialect::told().filter(is_played) {
        for story in stories(dialect) {
            let story = with_staggered_duplicates(story);
            presenter.story(&story)?;
            summaries.push(run_story(options, environment, recorder, presenter, &story, &mut digest)?);
        }
    }
    environment.wait_until_settled();
    let mut complaints = environment.backend.complaints();
    // What is owed and was not sent yet the backend cannot know of: in the end both sides agree, after some seconds at most.
    let mut differences = ledger_differences(environment)?;
    for _ in 0..60 {
        if differences.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
        differences = ledger_differences(environment)?;
    }
    complaints.extend(differences);
    let summary = Summary {
        engine: options.engine.name(),
        seed: options.seed,
        stories: summaries,
        counts: environment.backend.counts(),
        complaints,
        answers_sha256: countersign_core::wire::hex::encode(&digest.finalize()),
        elapsed: began.elapsed(),
    };
    presenter.end(&summary)?;
    Ok(summary)
}

fn with_staggered_duplicates(mut story: Story) -> Story {
    for step in &mut story.steps {
        if let DeliveryMode::AtOnce { apart_ms, .. } = &mut step.delivery {
            *apart_ms = STAGGER_MS;
        }
    }
    story
}

fn run_story(
    options: &Options,
    environment: &Environment,
    recorder: &TraceRecorder,
    presenter: &mut dyn Presenter,
    story: &Story,
    digest: &mut Sha256,
) -> Result<StorySummary, DemoError> {
    let (Some(main), other) = environment.routes(story.dialect) else { return Err(DemoError::NoRoute) };
    let runner = Runner {
        transport: &environment.transport,
        backend: Some(&environment.backend),
        main: &main,
        other: other.as_ref(),
        now_ms: &now_ms,
        pause: &std::thread::sleep,
        seed: options.seed,
    };
    let (mut findings, mut shown) = (0, Ok(()));
    let summary = runner.run(story, &mut |report| {
        findings += report.findings.len();
        let step = report.number.checked_sub(1).and_then(|index| story.steps.get(index));
        let polled = step.is_some_and(|step| matches!(step.delivery, DeliveryMode::Until { .. }));
        let mut answers = environment.transport.drain();
        if let Some(step) = step {
            let route = if step.to == To::Main { Some(&main) } else { other.as_ref() };
            if let Some(centre) = route.and_then(|route| route.centre.as_ref()) {
                let centre = centre.centre().flawed(step.flaw);
                answers = answers.into_iter().map(|answer| centre.opened(answer)).collect();
            }
        }
        let answers = significant_answers(answers, polled);
        for answer in &answers {
            update_digest(digest, answer);
        }
        let decided = recorder.drain();
        let record = StepRecord { report, decided, deliveries: environment.backend.deliveries(), answers };
        if shown.is_ok() {
            shown = presenter.step(&record);
        }
    });
    shown?;
    let (dialect, steps) = (story.dialect, story.steps.len());
    Ok(StorySummary { dialect, story: story.name, steps, passed: summary.passed, findings })
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn significant_answers(mut answers: Vec<HttpResponse>, polled: bool) -> Vec<HttpResponse> {
    if polled && answers.len() > 1 {
        answers.drain(..answers.len().saturating_sub(1));
    }
    answers.dedup();
    answers
}

fn update_digest(digest: &mut Sha256, answer: &HttpResponse) {
    digest.update(answer.status.to_be_bytes());
    for part in answer.headers.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]) {
        digest.update(part);
        digest.update([0]);
    }
    digest.update(&answer.body);
    digest.update([0]);
}

/// Where the ledger and the backend differ about what exists.
fn ledger_differences(environment: &Environment) -> Result<Vec<String>, DemoError> {
    let mut workspaces = environment.backend.workspaces();
    let mut differences = Vec::new();
    let mut ledger: BTreeMap<(String, String), bool> = BTreeMap::new();
    for instance in environment.instances()? {
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
    for ((product, tenant, instance), active) in environment.backend.active() {
        let kept = environment.tenant(&product, &tenant, &instance)?;
        let members = kept.get("members").and_then(serde_json::Value::as_array);
        let members = members.map(Vec::as_slice).unwrap_or_default().iter();
        let active_there: Vec<&str> = members
            .filter(|member| member.get("active").and_then(serde_json::Value::as_bool) == Some(true))
            .filter_map(|member| member.get("user_name").and_then(serde_json::Value::as_str))
            .collect();
        if active_there != active {
            differences.push(format!("{tenant} of {product}: other users may work on the two sides"));
        }
    }
    differences.extend(workspaces.keys().map(|(product, id)| format!("{product}/{id} is not in the ledger")));
    Ok(differences)
}
