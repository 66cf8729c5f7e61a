//! One JSON object per step, one per line, and a summary at the end.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_simulator::HttpResponse;
use countersign_simulator::scenario::Story;
use serde_json::{Value, json};

use super::Screen;
use crate::demo::Options;
use crate::demo::backend::Delivery;
use crate::demo::play::{Played, Presenter, Row, Total};
use crate::demo::witness::{Source, Thread, words};

/// Writes JSON lines.
pub(in crate::demo) struct Lines {
    screen: Screen,
}

impl Lines {
    pub(in crate::demo) fn new(screen: Screen) -> Self {
        Self { screen }
    }

    fn line(&self, object: &Value) -> io::Result<()> {
        self.screen.print(&format!("{object}\n"))
    }
}

impl Presenter for Lines {
    fn begin(&mut self, _: &Options) -> io::Result<()> {
        Ok(())
    }

    fn story(&mut self, _: &Story) -> io::Result<()> {
        Ok(())
    }

    fn step(&mut self, played: &Played) -> io::Result<()> {
        let report = &played.report;
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
            "decided": played.decided.iter().map(thread).collect::<Vec<_>>(),
            "backend": played.deliveries.iter().map(delivery).collect::<Vec<_>>(),
            "expected": report.expected,
            "result_codes": codes,
            "answers": played.answers.iter().map(answer).collect::<Vec<_>>(),
            "passed": report.passed(),
            "skipped": report.skipped,
            "findings": findings,
            "elapsed_ms": report.elapsed_ms,
        }))
    }

    fn end(&mut self, total: &Total) -> io::Result<()> {
        let counts = total.counts;
        self.line(&json!({
            "type": "summary",
            "passed": total.passed(),
            "engine": total.engine,
            "seed": total.seed,
            "stories": total.rows.iter().map(row).collect::<Vec<_>>(),
            "steps": total.rows.iter().map(|row| row.steps).sum::<usize>(),
            "steps_passed": total.rows.iter().map(|row| row.passed).sum::<usize>(),
            "effects": counts.effects,
            "deliveries": counts.deliveries,
            "questions": counts.questions,
            "instances_opened": counts.opened,
            "instances_released": counts.released,
            "complaints": total.complaints,
            "answers_sha256": total.answers_sha256,
            "elapsed_ms": u64::try_from(total.elapsed.as_millis()).unwrap_or(u64::MAX),
        }))
    }
}

fn thread(thread: &Thread) -> Value {
    let of = match thread.of {
        Source::Call => "call",
        Source::Timer => "timer",
        Source::Report => "report",
    };
    json!({ "of": of, "steps": thread.steps.iter().map(words).collect::<Vec<_>>() })
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

fn row(row: &Row) -> Value {
    json!({
        "dialect": row.dialect.name(),
        "story": row.story,
        "steps": row.steps,
        "passed": row.passed,
        "findings": row.findings,
    })
}
