//! For people: what was sent, what was decided and why, what was answered, and what the platform made of it.

use std::fmt::Write as _;
use std::io;

use countersign_simulator::scenario::Story;
use countersign_simulator::{Dialect, HttpResponse};

use super::Screen;
use super::paint::Paint;
use super::table::table;
use crate::demo::Options;
use crate::demo::play::{Played, Presenter, Total};
use crate::demo::witness::{Source, Thread, words};

/// The width of rules and right-hand columns.
const WIDTH: usize = 100;

/// Writes text, coloured on a terminal.
pub(in crate::demo) struct Text {
    screen: Screen,
    paint: Paint,
}

impl Text {
    pub(in crate::demo) fn new(screen: Screen, colours: bool) -> Self {
        Self { screen, paint: Paint { colours } }
    }

    /// One labelled line of a step.
    fn line(&self, out: &mut String, label: &str, text: &str) {
        let _ = writeln!(out, "        {}{text}", self.paint.dim(&format!("{label:<9}")));
    }
}

impl Presenter for Text {
    fn begin(&mut self, options: &Options) -> io::Result<()> {
        let paint = self.paint;
        let engine = options.engine.name();
        let seed = options.seed;
        self.screen.print(&format!(
            "{}\n{}\n",
            paint.title("A marketplace calls a gate, and a small seller's backend stands behind it."),
            paint.dim(&format!(
                "All three run in this process, on loopback; ledger: SQLite in a folder of its own; engine: {engine}; \
                 seed: {seed}."
            )),
        ))
    }

    fn story(&mut self, story: &Story) -> io::Result<()> {
        let dialect = match story.dialect {
            Dialect::SaasV1 => "SaaS V1 (GET, authToken)",
            Dialect::SaasV2 => "SaaS V2 (POST, signed body)",
            other => other.name(),
        };
        let title = format!("── {dialect} · {} ", story.name);
        let rule = "─".repeat(WIDTH.saturating_sub(title.chars().count()));
        self.screen.print(&format!("\n{}\n", self.paint.title(&format!("{title}{rule}"))))
    }

    fn step(&mut self, played: &Played) -> io::Result<()> {
        let (report, paint) = (&played.report, self.paint);
        let mark = match (report.passed(), report.skipped) {
            (true, _) => paint.good("✓"),
            (false, Some(_)) => paint.dim("–"),
            (false, None) => paint.bad("✗"),
        };
        let mut out = String::new();
        let took = format!("{} ms", report.elapsed_ms);
        let _ = writeln!(out, "  {mark} {:>2}  {}", report.number, paint.bold(report.name));
        if let Some(reason) = report.skipped {
            self.line(&mut out, "skipped", reason);
        }
        if !report.sent.is_empty() {
            self.line(&mut out, "sent", &report.sent);
        }
        for (index, decided) in told(&played.decided).iter().enumerate() {
            self.line(&mut out, if index == 0 { "decided" } else { "" }, decided);
        }
        let deliveries = counted(played.deliveries.iter().map(|delivery| {
            let token = delivery.token.map(|token| format!(", token {token}")).unwrap_or_default();
            format!("{} {}: {}{token}", delivery.kind, delivery.status, delivery.did)
        }));
        for (index, delivery) in deliveries.iter().enumerate() {
            self.line(&mut out, if index == 0 { "backend" } else { "" }, delivery);
        }
        if !report.answers.is_empty() {
            let codes =
                counted(report.answers.iter().map(|answer| match (&answer.result_code, answer.status) {
                    (Some(code), _) => code.clone(),
                    (None, Some(status)) => format!("HTTP {status} without a code"),
                    (None, None) => "nothing".to_string(),
                }));
            let checks = if report.passed() { checks(&played.answers) } else { String::new() };
            let text = format!("{}{checks}{}", codes.join(", "), paint.dim(&format!(" · {took}")));
            self.line(&mut out, "answered", &text);
        }
        for finding in &report.findings {
            self.line(&mut out, "finding", &paint.bad(&format!("{finding} ({})", finding.code())));
        }
        if !report.passed() && report.skipped.is_none() {
            self.line(&mut out, "expected", &report.expected);
        }
        self.screen.print(&out)
    }

    fn end(&mut self, total: &Total) -> io::Result<()> {
        let paint = self.paint;
        let mut out = format!("\n{}\n", paint.title(&"─".repeat(WIDTH)));
        for (index, line) in table(&total.rows).into_iter().enumerate() {
            let text = match (index, line.good) {
                (0, _) => paint.dim(&line.text),
                (_, true) => line.text,
                (_, false) => paint.bad(&line.text),
            };
            let _ = writeln!(out, "  {text}");
        }
        let counts = total.counts;
        let seconds = total.elapsed.as_secs_f64();
        let _ = writeln!(
            out,
            "\n  {} effects and {} questions reached the backend in {} deliveries; {} instances were opened, {} released.",
            counts.effects, counts.questions, counts.deliveries, counts.opened, counts.released
        );
        let (engine, seed) = (total.engine, total.seed);
        let _ = writeln!(out, "  Engine {engine}, seed {seed}, {seconds:.1} s.");
        let _ = writeln!(out, "  SHA-256 over all answers: {}", total.answers_sha256);
        let _ =
            writeln!(out, "  {}", paint.dim("(the same on both engines and on every run with this seed)"));
        for complaint in &total.complaints {
            let _ = writeln!(out, "  {}", paint.bad(complaint));
        }
        let verdict = if total.passed() {
            paint.good(
                "Everything held: no answer that the platform would refuse, no effect twice, nothing lost.",
            )
        } else {
            paint.bad("Something is off: see the findings above.")
        };
        let _ = writeln!(out, "\n  {verdict}");
        self.screen.print(&out)
    }
}

/// What the gate decided, call by call; equal ones once.
fn told(threads: &[Thread]) -> Vec<String> {
    counted(threads.iter().map(|thread| {
        let mut steps: Vec<String> = thread.steps.iter().map(words).collect();
        steps.dedup();
        let of = match thread.of {
            Source::Call if thread.is_late() => "after the answer: ",
            Source::Call => "",
            Source::Timer => "by itself: ",
            Source::Report => "the backend's report: ",
        };
        format!("{of}{}", steps.join(" → "))
    }))
}

/// Equal texts once, in the order of their first, with their number.
fn counted(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut counted: Vec<(String, usize)> = Vec::new();
    for text in texts {
        match counted.iter_mut().find(|(known, _)| *known == text) {
            Some((_, times)) => *times += 1,
            None => counted.push((text, 1)),
        }
    }
    let written = |(text, times): (String, usize)| {
        if times == 1 { text } else { format!("{text}  ({times}×)") }
    };
    counted.into_iter().map(written).collect()
}

/// What there was to check in these answers, all of which held.
fn checks(answers: &[HttpResponse]) -> String {
    let has = |name: &str| {
        let name = format!("\"{name}\"");
        answers.iter().any(|answer| String::from_utf8_lossy(&answer.body).contains(&name))
    };
    let mut held = String::from(" · right: code, Body-Sign");
    for (member, check) in [
        ("instanceId", ", instance id"),
        ("appInfo", ", access data"),
        ("userName", ", credentials"),
        ("usageInfo", ", usage"),
    ] {
        if has(member) {
            held.push_str(check);
        }
    }
    held
}
