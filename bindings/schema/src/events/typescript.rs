//! `bindings/js/src/events.ts`: events as a discriminated union, and the answer to each.

use std::fmt::Write as _;

use countersign_core::ledger::{AnswerField, AnswerShape, answer_fields};
use countersign_core::{EventDescription, FieldShape, ShapeDescription, event_types};

use super::about;

const HEAD: &str = "// Generated from the tables of the core by `cargo xtask generate`: what the application is told, and what it answers.

/** Members of a call that no table knows, under the platform's names. */
export type Extra = Record<string, unknown>;

";

const TAIL: &str = "
/** What the application is told, by its type. */
export type EventOf<T extends EventType> = Events[T];

/** What the application is told. */
export type Event = Events[EventType];

/** Every type of event. */
export type EventType = keyof Events;

/** What the application answers to an event of that type. */
export type AnswerTo<T extends EventType> = Answers[T];

/** Whatever it answers. */
export type EventAnswer = Answers[EventType];

/** Nothing to say. */
export type Nothing = Record<string, never>;
";

pub(crate) fn print() -> String {
    let events: Vec<EventDescription> = event_types().collect();
    let mut out = String::from(HEAD);
    records(&events, &mut out);
    for event in &events {
        let _ = writeln!(out, "/** {} Dialects: {}. */", about(event.kind), event.dialects.join(", "));
        let _ =
            writeln!(out, "export interface {}Event {{\n  type: \"{}\";", pascal(event), event.kind.name());
        for field in &event.fields {
            member(&mut out, field);
        }
        out.push_str("  extra?: Extra;\n}\n\n");
    }
    answers(&events, &mut out);
    out.push_str("/** Every event by its type. */\nexport interface Events {\n");
    for event in &events {
        let _ = writeln!(out, "  {}: {}Event;", event.kind.name(), pascal(event));
    }
    out.push_str("}\n\n/** Every answer by the type of its event. */\nexport interface Answers {\n");
    for event in &events {
        let _ = writeln!(out, "  {}: {};", event.kind.name(), answer_name(event));
    }
    out.push_str("}\n");
    out.push_str(TAIL);
    out
}

/// The records that events list, each named after its field, once.
fn records(events: &[EventDescription], out: &mut String) {
    let mut known: Vec<&str> = Vec::new();
    for field in events.iter().flat_map(|event| &event.fields) {
        let FieldShape::Records(fields) = &field.shape else { continue };
        if known.contains(&field.name) {
            continue;
        }
        known.push(field.name);
        let _ =
            writeln!(out, "/** One of `{}`. */\nexport interface {} {{", field.name, record_name(field.name));
        for field in fields {
            member(out, field);
        }
        out.push_str("  extra?: Extra;\n}\n\n");
    }
}

fn member(out: &mut String, field: &ShapeDescription) {
    if field.shape == FieldShape::Millis {
        out.push_str("  /** Milliseconds, UTC. */\n");
    }
    let optional = if field.always { "" } else { "?" };
    let _ = writeln!(out, "  {}{optional}: {};", field.name, shape(field));
}

fn shape(field: &ShapeDescription) -> String {
    match (&field.shape, field.name) {
        (FieldShape::Text, "phase") => "\"trial\" | \"active\" | \"frozen\" | \"released\"".into(),
        (FieldShape::Text, _) => "string".into(),
        (FieldShape::Millis, _) => "number".into(),
        (FieldShape::Flag, _) => "boolean".into(),
        (FieldShape::Texts, _) => "string[]".into(),
        (FieldShape::Json, "end_sessions") => {
            "{ scope: \"all\" } | { scope: \"users\"; users: string[] }".into()
        }
        (FieldShape::Json, "message") => "Record<string, unknown>".into(),
        (FieldShape::Json, _) => "unknown".into(),
        (FieldShape::Records(_), name) => format!("{}[]", record_name(name)),
    }
}

/// `users` is a list of `User`.
fn record_name(list: &str) -> String {
    upper(list.strip_suffix('s').unwrap_or(list))
}

fn pascal(event: &EventDescription) -> String {
    upper(event.kind.name())
}

fn upper(snake: &str) -> String {
    snake
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
            first.to_uppercase() + rest
        })
        .collect()
}

/// One interface for each answer that says something.
fn answers(events: &[EventDescription], out: &mut String) {
    let mut known: Vec<String> = Vec::new();
    for event in events {
        let fields = answer_fields(event.kind);
        let name = interface_name(event);
        if fields.is_empty() || known.contains(&name) {
            continue;
        }
        let _ = writeln!(out, "/** What `{}` is answered. */\nexport interface {name} {{", event.kind.name());
        for field in fields {
            answer_member(out, 1, field);
        }
        out.push_str("}\n\n");
        known.push(name);
    }
}

fn answer_member(out: &mut String, depth: usize, field: &AnswerField) {
    let indent = "  ".repeat(depth);
    let (optional, or_null) = if field.required { ("", "") } else { ("?", " | null") };
    let _ = write!(out, "{indent}{}{optional}: ", field.name);
    match field.shape {
        AnswerShape::Text(_) | AnswerShape::Address => out.push_str("string"),
        AnswerShape::Quantity => out.push_str("number | string"),
        AnswerShape::Object(fields) | AnswerShape::Objects(fields) => {
            out.push_str("{\n");
            for field in fields {
                answer_member(out, depth + 1, field);
            }
            let _ = write!(out, "{indent}}}");
        }
    }
    if matches!(field.shape, AnswerShape::Objects(_)) {
        out.push_str("[]");
    }
    let _ = writeln!(out, "{or_null};");
}

fn interface_name(event: &EventDescription) -> String {
    match event.kind.name() {
        "subscribe" => "Access".into(),
        "query_instances" => "Usage".into(),
        "issue_license" => "License".into(),
        _ => "Opened".into(),
    }
}

fn answer_name(event: &EventDescription) -> String {
    match (event.kind.name(), answer_fields(event.kind).is_empty()) {
        (_, true) => "Nothing".into(),
        // Of license-online and of adopted license codes the buyer has no address to go to.
        ("subscribe", _) => "Access | Nothing".into(),
        _ => interface_name(event),
    }
}
