//! For people: what was sent, what was decided and why, what was answered, and what the platform made of it.

use std::fmt::Write as _;
use std::io;

use countersign_simulator::scenario::Story;
use countersign_simulator::{Dialect, HttpResponse};

use super::SharedOutput;
use super::style::Style;
use super::table::table;
use crate::demo::Options;
use crate::demo::run::{Presenter, StepRecord, Summary};
use crate::demo::trace::{Source, Trace, describe};

/// The width of rules and right-hand columns.
const WIDTH: usize = 100;

/// Writes text, coloured on a terminal.
pub(in crate::demo) struct Text {
    output: SharedOutput,
    style: Style,
}

impl Text {
    pub(in crate::demo) fn new(output: SharedOutput, colours: bool) -> Self {
        Self { output, style: Style { colours } }
    }

    /// One labelled line of a step.
    fn line(&self, out: &mut String, label: &str, text: &str) {
        let _ = writeln!(out, "        {}{text}", self.style.dim(&format!("{label:<9}")));
    }
}

impl Presenter for Text {
    fn begin(&mut self, options: &Options) -> io::Result<()> {
        let style = self.style;
        let engine = options.engine.name();
        let seed = options.seed;
        self.output.print(&format!(
            "{}\n{}\n",
            style.title("A marketplace calls a gate, and a small seller's backend stands behind it."),
            style.dim(&format!(
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
        self.output.print(&format!("\n{}\n", self.style.title(&format!("{title}{rule}"))))
    }

    fn step(&mut self, record: &StepRecord) -> io::Result<()> {
        let (report, style) = (&record.report, self.style);
        let mark = match (report.passed(), report.skipped) {
            (true, _) => style.good("✓"),
            (false, Some(_)) => style.dim("–"),
            (false, None) => style.bad("✗"),
        };
        let mut out = String::new();
        let took = format!("{} ms", report.elapsed_ms);
        let _ = writeln!(out, "  {mark} {:>2}  {}", report.number, style.bold(report.name));
        if let Some(reason) = report.skipped {
            self.line(&mut out, "skipped", reason);
        }
        if !report.sent.is_empty() {
            self.line(&mut out, "sent", &report.sent);
        }
        for (index, decided) in decisions(&record.decided).iter().enumerate() {
            self.line(&mut out, if index == 0 { "decided" } else { "" }, decided);
        }
        let deliveries = with_counts(record.deliveries.iter().map(|delivery| {
            let token = delivery.token.map(|token| format!(", token {token}")).unwrap_or_default();
            format!("{} {}: {}{token}", delivery.kind, delivery.status, delivery.did)
        }));
        for (index, delivery) in deliveries.iter().enumerate() {
            self.line(&mut out, if index == 0 { "backend" } else { "" }, delivery);
        }
        if !report.answers.is_empty() {
            let codes =
                with_counts(report.answers.iter().map(|answer| match (&answer.result_code, answer.status) {
                    (Some(code), _) => code.clone(),
                    (None, Some(status)) => format!("HTTP {status} without a code"),
                    (None, None) => "nothing".to_string(),
                }));
            let checks =
                if report.passed() { checks(report.dialect, &record.answers) } else { String::new() };
            let text = format!("{}{checks}{}", codes.join(", "), style.dim(&format!(" · {took}")));
            self.line(&mut out, "answered", &text);
        }
        for finding in &report.findings {
            self.line(&mut out, "finding", &style.bad(&format!("{finding} ({})", finding.code())));
        }
        if !report.passed() && report.skipped.is_none() {
            self.line(&mut out, "expected", &report.expected);
        }
        self.output.print(&out)
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let style = self.style;
        let mut out = format!("\n{}\n", style.title(&"─".repeat(WIDTH)));
        for (index, line) in table(&summary.stories).into_iter().enumerate() {
            let text = match (index, line.good) {
                (0, _) => style.dim(&line.text),
                (_, true) => line.text,
                (_, false) => style.bad(&line.text),
            };
            let _ = writeln!(out, "  {text}");
        }
        let counts = summary.counts;
        let seconds = summary.elapsed.as_secs_f64();
        let _ = writeln!(
            out,
            "\n  {} effects and {} questions reached the backend in {} deliveries; {} instances were opened, {} released.",
            counts.effects, counts.questions, counts.deliveries, counts.opened, counts.released
        );
        let (engine, seed) = (summary.engine, summary.seed);
        let _ = writeln!(out, "  Engine {engine}, seed {seed}, {seconds:.1} s.");
        let _ = writeln!(out, "  SHA-256 over all answers: {}", summary.answers_sha256);
        let _ =
            writeln!(out, "  {}", style.dim("(the same on both engines and on every run with this seed)"));
        for complaint in &summary.complaints {
            let _ = writeln!(out, "  {}", style.bad(complaint));
        }
        let verdict = if summary.passed() {
            style.good(
                "Everything held: no answer that the platform would refuse, no effect twice, nothing lost.",
            )
        } else {
            style.bad("Something is off: see the findings above.")
        };
        let _ = writeln!(out, "\n  {verdict}");
        self.output.print(&out)
    }
}

/// What the gate decided, call by call; equal ones once.
fn decisions(traces: &[Trace]) -> Vec<String> {
    with_counts(traces.iter().map(|trace| {
        let mut steps: Vec<String> = trace.steps.iter().map(describe).collect();
        steps.dedup();
        let source = match trace.source {
            Source::Call if trace.is_late() => "after the answer: ",
            Source::Call => "",
            Source::Timer => "by itself: ",
            Source::Report => "the backend's report: ",
        };
        format!("{source}{}", steps.join(" → "))
    }))
}

/// Equal texts once, in the order of their first, with their number.
fn with_counts(texts: impl Iterator<Item = String>) -> Vec<String> {
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
fn checks(dialect: Dialect, answers: &[HttpResponse]) -> String {
    let has = |name: &str| {
        let name = format!("\"{name}\"");
        answers.iter().any(|answer| String::from_utf8_lossy(&answer.body).contains(&name))
    };
    let is_sealed = dialect == Dialect::AccountEvents;
    let mut held =
        String::from(if is_sealed { " · right: code, status" } else { " · right: code, Body-Sign" });
    for (member, check) in [
        ("instanceId", ", instance id"),
        ("appInfo", ", access data"),
        ("userName", ", credentials"),
        ("usageInfo", ", usage"),
        ("data", ", id, sealed as the call was"),
    ] {
        if has(member) {
            held.push_str(check);
        }
    }
    held
}
