//! `core/EVENTS.md`: every event, its fields, what it is answered, and an example of both.

use std::fmt::Write as _;

use countersign_core::ledger::{AnswerField, AnswerShape, answer_fields};
use countersign_core::{EventDescription, FieldShape, ShapeDescription, event_types};

use super::{about, example, when};

const HEAD: &str = "# Events

What the seller's application is told, and what it answers. Each event is `data` of a CloudEvent whose `type` is `countersign.` and
the name below. The same as JSON Schema: [`schema/events.json`](schema/events.json).

* Texts are texts as the platform wrote them, numbers among them with their digits. Times are milliseconds since the epoch, UTC.
* *always*: in every event of the type. *may be absent*: the call did not say it, or the dialect does not have it. A field is never null
  or an empty text.
* With every type there may be `test` (true: a debugging call, only where `test_effects` is on) and `extra`: members of the call that
  no table knows, under the platform's names.
* An answer has the members below and no others. Where there are none, `{}` or nothing is answered. A refusal is HTTP 4xx with `code` and
  `message`, see the README.

Generated from the tables of the core by `cargo xtask generate`.
";

pub(crate) fn print() -> String {
    let mut out = String::from(HEAD);
    for event in event_types() {
        section(&mut out, &event);
    }
    out
}

fn section(out: &mut String, event: &EventDescription) {
    let name = event.kind.name();
    let _ = writeln!(out, "\n## {name}\n\n{}\n", about(event.kind));
    let _ = writeln!(
        out,
        "Of {}; {}. It comes {}.\n",
        code(&event.dialects),
        code(&event.activities),
        when(event.kind)
    );
    out.push_str("| Field | | |\n|---|---|---|\n");
    for field in event.fields.iter().filter(|field| field.name != "test") {
        let (always, shape) = (presence(field.always), shape(field));
        let _ = writeln!(out, "| `{}` | {shape} | {always} |", field.name);
    }
    let fields = answer_fields(event.kind);
    if !fields.is_empty() {
        out.push_str("\nAnswer:\n\n| Member | | |\n|---|---|---|\n");
        rows(out, "", fields);
    }
    let _ = writeln!(out, "\n```json\n{}\n```", example::event(event));
    if !fields.is_empty() {
        let _ = writeln!(out, "\n```json\n{}\n```", example::answer(fields));
    }
}

fn code(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn presence(always: bool) -> &'static str {
    if always { "always" } else { "may be absent" }
}

fn shape(field: &ShapeDescription) -> String {
    match &field.shape {
        FieldShape::Text => "text".into(),
        FieldShape::Millis => "time".into(),
        FieldShape::Flag => "true or false".into(),
        FieldShape::Texts => "texts".into(),
        FieldShape::Json => match field.name {
            "end_sessions" => {
                "`{\"scope\": \"all\"}`, or `\"users\"` with their names: whose sessions end now".into()
            }
            "message" => "object: the message of the identity centre as it came".into(),
            _ => "as the platform nests it".into(),
        },
        FieldShape::Records(fields) => {
            let names: Vec<String> = fields
                .iter()
                .map(|field| format!("`{}`{}", field.name, if field.always { "" } else { "?" }))
                .collect();
            format!("objects of {}", names.join(" "))
        }
    }
}

fn rows(out: &mut String, within: &str, fields: &[AnswerField]) {
    for field in fields {
        let name = format!("{within}{}", field.name);
        let needed = if field.required { "required" } else { "may be absent" };
        let shape = match field.shape {
            AnswerShape::Text(limit) => format!("text, at most {limit} characters"),
            AnswerShape::Address => "http or https address".into(),
            AnswerShape::Quantity => "number of at most 8 digits and 4 decimals".into(),
            AnswerShape::Object(_) => "object".into(),
            AnswerShape::Objects(_) => "list of objects".into(),
        };
        let _ = writeln!(out, "| `{name}` | {shape} | {needed} |");
        match field.shape {
            AnswerShape::Object(fields) => rows(out, &format!("{name}."), fields),
            AnswerShape::Objects(fields) => rows(out, &format!("{name}[]."), fields),
            _ => {}
        }
    }
}
