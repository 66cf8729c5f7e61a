//! One JSON object per step, one per line, and a summary at the end.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_simulator::HttpResponse;
use countersign_simulator::scenario::Story;
use serde_json::{Value, json};

use super::SharedOutput;
use crate::demo::Options;
use crate::demo::backend::Delivery;
use crate::demo::run::{Presenter, StepRecord, StorySummary, Summary};
use crate::demo::trace::{Source, Trace, describe};

/// Writes JSON lines.
pub(in crate::demo) struct JsonLines {
    output: SharedOutput,
}

impl JsonLines {
    pub(in crate::demo) fn new(output: SharedOutput) -> Self {
        Self { output }
    }

    fn line(&self, object: &Value) -> io::Result<()> {
        self.output.print(&format!("{object}\n"))
    }
}

impl Presenter for JsonLines {
    fn begin(&mut self, _: &Options) -> io::Result<()> {
        Ok(())
    }

    fn story(&mut self, _: &Story) -> io::Result<()> {
        Ok(())
    }

    fn step(&mut self, record: &StepRecord) -> io::Result<()> {
        let report = &record.report;
        let findings: Vec<Value> = report
            .findings
            .iter()
            .map(|finding| json!({ "code": finding.code(), "message": finding.to_string() }))
            .collect();
        let codes: Vec<Option<&str>> =
            report.answers.iter().map(|answer| answer.result_code.as_deref()).collect();
        self.line(&json!({
            "type": "step",
            "dialect": report.dialect.name(),
            "story": report.story,
            "number": report.number,
            "name": report.name,
            "sent": report.sent,
            "decided": record.decided.iter().map(trace).collect::<Vec<_>>(),
            "backend": record.deliveries.iter().map(delivery).collect::<Vec<_>>(),
            "expected": report.expected,
            "result_codes": codes,
            "answers": record.answers.iter().map(answer).collect::<Vec<_>>(),
            "passed": report.passed(),
            "skipped": report.skipped,
            "findings": findings,
            "elapsed_ms": report.elapsed_ms,
        }))
    }

    fn end(&mut self, summary: &Summary) -> io::Result<()> {
        let counts = summary.counts;
        self.line(&json!({
            "type": "summary",
            "passed": summary.passed(),
            "engine": summary.engine,
            "seed": summary.seed,
            "stories": summary.stories.iter().map(story).collect::<Vec<_>>(),
            "steps": summary.stories.iter().map(|story| story.steps).sum::<usize>(),
            "steps_passed": summary.stories.iter().map(|story| story.passed).sum::<usize>(),
            "effects": counts.effects,
            "deliveries": counts.deliveries,
            "questions": counts.questions,
            "instances_opened": counts.opened,
            "instances_released": counts.released,
            "complaints": summary.complaints,
            "answers_sha256": summary.answers_sha256,
            "elapsed_ms": u64::try_from(summary.elapsed.as_millis()).unwrap_or(u64::MAX),
        }))
    }
}

fn trace(trace: &Trace) -> Value {
    let source = match trace.source {
        Source::Call => "call",
        Source::Timer => "timer",
        Source::Report => "report",
    };
    json!({ "of": source, "steps": trace.steps.iter().map(describe).collect::<Vec<_>>() })
}

fn delivery(delivery: &Delivery) -> Value {
    json!({
        "type": delivery.kind,
        "fencing_token": delivery.token,
        "status": delivery.status,
        "did": delivery.did,
    })
}

fn answer(answer: &HttpResponse) -> Value {
    json!({
        "status": answer.status,
        "headers": answer.headers,
        "body_base64": STANDARD.encode(&answer.body),
    })
}

fn story(story: &StorySummary) -> Value {
    json!({
        "dialect": story.dialect.name(),
        "story": story.story,
        "steps": story.steps,
        "passed": story.passed,
        "findings": story.findings,
    })
}
