//! Tells a story to a seller.

use super::backend::{Backend, Behaviour};
use super::finding::Finding;
use super::report::{Answered, StepReport, Summary};
use super::story::{Delivery, Step, Story, To};
use super::world::World;
use crate::account::{Notice, Shared};
use crate::check::{CheckInput, Checked, Rejected, check};
use crate::crypto::contact::Strength;
use crate::http::{HttpRequest, HttpResponse};
use crate::sign::{SignInput, sign_with};
use crate::transport::{Transport, TransportError};
use crate::{AccessKey, Dialect, Fields, calls};
use std::thread::ScopedJoinHandle;
use std::time::Duration;

/// Where a product of the seller is reached, and under which key.
#[derive(Debug)]
pub struct Route {
    /// What the `Host` header says.
    pub host: String,
    /// The path of the production URL.
    pub path: String,
    /// The access key.
    pub key: AccessKey,
    /// V1: the key length for contact data, chosen when the product was published.
    pub contact: Strength,
    /// Kits: the seller's public key in PEM, under which client secrets go out; without one they go in plain text.
    pub public_key: Option<String>,
    /// Events of an identity centre: what it shares with this route.
    pub centre: Option<Shared>,
}

impl Route {
    /// A route with contact data under AES-256.
    #[must_use]
    pub fn new(host: impl Into<String>, path: impl Into<String>, key: AccessKey) -> Self {
        let (contact, public_key, centre) = (Strength::default(), None, None);
        Self { host: host.into(), path: path.into(), key, contact, public_key, centre }
    }
}

/// Everything that a story needs from outside.
pub struct Runner<'a> {
    /// How requests reach the seller.
    pub transport: &'a dyn Transport,
    /// How the seller's backend is steered; without it the stories that need it are skipped.
    pub backend: Option<&'a dyn Backend>,
    /// The route under test.
    pub main: &'a Route,
    /// A route of the same dialect for another product; without it the steps that need it are skipped.
    pub other: Option<&'a Route>,
    /// The platform's clock: milliseconds since the epoch, UTC.
    pub now_ms: &'a (dyn Fn() -> u64 + Sync),
    /// How to wait between two polls, `std::thread::sleep` outside of tests.
    pub pause: &'a dyn Fn(Duration),
    /// The seed of every drawn value.
    pub seed: u64,
}

impl Runner<'_> {
    /// Runs all steps in order, also after findings, and reports each as soon as it is over.
    pub fn run(&self, story: &Story, report: &mut dyn FnMut(StepReport)) -> Summary {
        let mut world = World::begin(story, self.seed, (self.now_ms)());
        let mut summary = Summary::default();
        self.reset(story);
        for (index, step) in story.steps.iter().enumerate() {
            world.begin_step(index.saturating_add(1));
            let told = self.step(story, step, index.saturating_add(1), &mut world);
            summary.count(&told);
            report(told);
        }
        self.reset(story);
        summary
    }

    fn reset(&self, story: &Story) {
        if let Some(backend) = self.backend.filter(|_| story.needs_backend()) {
            backend.next(Behaviour::Done);
        }
    }

    fn step(&self, story: &Story, step: &Step, number: usize, world: &mut World) -> StepReport {
        let mut report = StepReport {
            story: story.name,
            number,
            name: step.name,
            dialect: story.dialect,
            sent: String::new(),
            answers: Vec::new(),
            expected: expected(step),
            findings: Vec::new(),
            elapsed_ms: 0,
            skipped: None,
        };
        let route = match (step.to, self.other) {
            _ if story.needs_backend() && self.backend.is_none() => {
                report.skipped = Some("the backend cannot be steered");
                return report;
            }
            (To::Other, None) => {
                report.skipped = Some("there is no route for another product");
                return report;
            }
            (To::Other, Some(other)) => other,
            (To::Main, _) => self.main,
        };
        for behaviour in &step.tells {
            if let Some(backend) = self.backend {
                backend.next(*behaviour);
            }
        }
        let began = (self.now_ms)();
        match world.fields(&step.call, route, began) {
            Ok(fields) => {
                let mut telling =
                    Telling { runner: self, dialect: story.dialect, step, route, world, report: &mut report };
                telling.deliver(with_extras(fields, step));
            }
            Err(finding) => report.findings.push(finding),
        }
        report.elapsed_ms = (self.now_ms)().saturating_sub(began);
        report
    }
}

fn with_extras(mut fields: Fields, step: &Step) -> Fields {
    if step.debugging {
        fields = calls::debugging(fields);
    }
    for (name, value) in &step.fields {
        fields.insert((*name).to_owned(), (*value).into());
    }
    fields
}

fn expected(step: &Step) -> String {
    let codes = step.expected.join(" or ");
    match &step.delivery {
        Delivery::Once | Delivery::AtOnce { .. } => codes,
        Delivery::Replayed(second) => format!("{codes}, then {}", second.join(" or ")),
        Delivery::Until { code, .. } => format!("{codes} until {code}"),
    }
}

/// One step while it runs.
struct Telling<'a> {
    runner: &'a Runner<'a>,
    dialect: Dialect,
    step: &'a Step,
    route: &'a Route,
    world: &'a mut World,
    report: &'a mut StepReport,
}

type Received = (Result<HttpResponse, TransportError>, u64);

impl Telling<'_> {
    fn deliver(&mut self, fields: Fields) {
        match &self.step.delivery {
            Delivery::Once => {
                self.once(&fields, &self.step.expected);
            }
            Delivery::AtOnce { times, apart_ms } => self.at_once(&fields, *times, *apart_ms),
            Delivery::Replayed(second) => {
                let Some(request) = self.signed(&fields) else { return };
                self.exchange(&fields, &request, &self.step.expected);
                self.exchange(&fields, &request, second);
            }
            Delivery::Until { code, tries, pause_ms } => self.until(fields, code, *tries, *pause_ms),
        }
    }

    /// The result code, as far as one could be read.
    fn once(&mut self, fields: &Fields, right: &[&'static str]) -> Option<String> {
        let request = self.signed(fields)?;
        self.exchange(fields, &request, right)
    }

    fn at_once(&mut self, fields: &Fields, times: usize, apart_ms: u64) {
        let mut requests = Vec::new();
        for _ in 0..times {
            let fields = calls::again(fields.clone(), &mut self.world.entropy);
            let Some(request) = self.signed(&fields) else { return };
            requests.push((fields, request));
        }
        let Runner { transport, now_ms, pause, .. } = *self.runner;
        let received: Vec<Received> = std::thread::scope(|scope| {
            let threads: Vec<_> = requests
                .iter()
                .enumerate()
                .map(|(index, (_, request))| {
                    if index > 0 && apart_ms > 0 {
                        pause(Duration::from_millis(apart_ms));
                    }
                    let thread = std::thread::Builder::new();
                    thread
                        .spawn_scoped(scope, move || send(transport, now_ms, request))
                        .map_err(TransportError::from)
                })
                .collect();
            threads.into_iter().map(joined).collect()
        });
        for ((fields, _), received) in requests.iter().zip(received) {
            self.judge(fields, received, &self.step.expected);
        }
    }

    fn until(&mut self, fields: Fields, code: &'static str, tries: u32, pause_ms: u64) {
        let mut right = self.step.expected.clone();
        right.push(code);
        let mut fields = fields;
        for _ in 0..tries {
            match self.once(&fields, &right) {
                Some(got) if got == code => return,
                Some(got) if right.contains(&got.as_str()) => {}
                _ => return,
            }
            (self.runner.pause)(Duration::from_millis(pause_ms));
            fields = calls::again(fields, &mut self.world.entropy);
        }
        self.report.findings.push(Finding::NeverSettled { code, tries });
    }

    fn signed(&mut self, fields: &Fields) -> Option<HttpRequest> {
        match self.request(fields) {
            Ok(request) => {
                if self.report.sent.is_empty() {
                    self.report.sent = summary(&request, fields, self.step);
                }
                Some(request)
            }
            Err(finding) => {
                self.report.findings.push(finding);
                None
            }
        }
    }

    fn request(&mut self, fields: &Fields) -> Result<HttpRequest, Finding> {
        let (now_ms, nonce) = ((self.runner.now_ms)(), self.world.entropy.nonce());
        if let Some(centre) = &self.route.centre {
            let text = |name| fields.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
            let notice = Notice {
                host: &self.route.host,
                path: &self.route.path,
                event_type: text("eventType"),
                message: text("message"),
                now_ms,
                nonce: &nonce,
            };
            let request = centre.centre().request_with(&notice, self.step.flaw, &mut self.world.entropy);
            return request.ok_or(Finding::Unsendable { call: "of this identity centre" });
        }
        let path = format!("{}{}", self.route.path, self.world.sub_path());
        let input = SignInput {
            dialect: self.dialect,
            key: &self.route.key,
            host: &self.route.host,
            path: &path,
            fields,
            now_ms,
            nonce: &nonce,
        };
        sign_with(&input, &self.step.faults).map_err(Finding::Unsigned)
    }

    fn checked(
        &self,
        fields: &Fields,
        response: &HttpResponse,
        right: &[&'static str],
    ) -> Result<Checked, Rejected> {
        if let Some(centre) = &self.route.centre {
            return centre.centre().flawed(self.step.flaw).check(activity(fields), response);
        }
        let input = CheckInput {
            dialect: self.dialect,
            key: &self.route.key,
            activity: activity(fields),
            debugging: self.step.debugging && right == ["000000"],
        };
        check(&input, response)
    }

    fn exchange(&mut self, fields: &Fields, request: &HttpRequest, right: &[&'static str]) -> Option<String> {
        let received = send(self.runner.transport, self.runner.now_ms, request);
        self.judge(fields, received, right)
    }

    /// Checks one answer and takes in what it says.
    fn judge(
        &mut self,
        fields: &Fields,
        (received, elapsed_ms): Received,
        right: &[&'static str],
    ) -> Option<String> {
        let response = match received {
            Ok(response) => response,
            Err(error) => {
                self.report.answers.push(Answered { status: None, result_code: None, elapsed_ms });
                self.report.findings.push(Finding::NoAnswer(error));
                return None;
            }
        };
        let result_code = match self.checked(fields, &response, right) {
            Ok(checked) => {
                self.world.learn(&self.step.call, fields, &checked, &mut self.report.findings);
                Some(checked.result_code)
            }
            Err(rejected) => {
                self.report.findings.extend(rejected.complaints.into_iter().map(Finding::Answer));
                rejected.result_code
            }
        };
        self.report.answers.push(Answered {
            status: Some(response.status),
            result_code: result_code.clone(),
            elapsed_ms,
        });
        let limit_ms = self.dialect.time_limit_ms();
        if elapsed_ms > limit_ms {
            self.report.findings.push(Finding::TooSlow { limit_ms, took_ms: elapsed_ms });
        }
        if let Some(got) = result_code.as_ref().filter(|code| !right.contains(&code.as_str())) {
            self.report.findings.push(Finding::ResultCode { expected: right.to_vec(), got: got.clone() });
        }
        result_code
    }
}

fn send(transport: &dyn Transport, now_ms: &(dyn Fn() -> u64 + Sync), request: &HttpRequest) -> Received {
    let began = now_ms();
    let answer = transport.send(request);
    (answer, now_ms().saturating_sub(began))
}

/// A thread that never began or did not end well has no answer.
fn joined(thread: Result<ScopedJoinHandle<'_, Received>, TransportError>) -> Received {
    match thread.map(ScopedJoinHandle::join) {
        Ok(Ok(received)) => received,
        Ok(Err(_)) => (Err(TransportError::CutShort), 0),
        Err(error) => (Err(error), 0),
    }
}

fn activity(fields: &Fields) -> &str {
    let named = fields.get("activity").or_else(|| fields.get("eventType"));
    named.and_then(serde_json::Value::as_str).unwrap_or_default().trim_end()
}

/// The query stays out: it holds the proof, and in V1 contact data.
fn summary(request: &HttpRequest, fields: &Fields, step: &Step) -> String {
    let mut summary = format!("{} {}", request.method, request.path());
    let activity = activity(fields);
    if !activity.is_empty() {
        summary.push(' ');
        summary.push_str(activity);
    }
    if step.debugging {
        summary.push_str(", debugging");
    }
    for fault in &step.faults {
        summary.push_str(", ");
        summary.push_str(fault.name());
    }
    if let Some(flaw) = step.flaw {
        summary.push_str(", ");
        summary.push_str(flaw.name());
    }
    match &step.delivery {
        Delivery::AtOnce { times, .. } => summary.push_str(&format!(", {times} at once")),
        Delivery::Replayed(_) => summary.push_str(", replayed"),
        Delivery::Once | Delivery::Until { .. } => {}
    }
    summary
}
