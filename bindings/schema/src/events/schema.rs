//! `core/schema/events.json`: JSON Schema, draft 2020-12.

use countersign_core::ledger::{AnswerField, AnswerShape, answer_fields};
use countersign_core::{EventDescription, FieldShape, ShapeDescription, event_types};
use serde_json::{Map, Value, json};

use super::about;

const ABOUT: &str = "What the seller's application is told: `data` of each CloudEvent, whose own type is `countersign.` and \
    the type here. What it answers stands under `answers`. Generated from the tables of the core by `cargo xtask generate`. \
    A later version may add fields and types.";

pub(crate) fn print() -> String {
    let events: Vec<EventDescription> = event_types().collect();
    let mut definitions = Map::new();
    let mut answers = Map::new();
    for event in &events {
        definitions.insert(event.kind.name().to_owned(), described(event));
        answers.insert(event.kind.name().to_owned(), answer(event));
    }
    let one_of: Vec<Value> =
        events.iter().map(|event| json!({"$ref": format!("#/$defs/{}", event.kind.name())})).collect();
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:countersign:events",
        "title": "Events",
        "description": ABOUT,
        "oneOf": one_of,
        "$defs": definitions,
        "answers": answers,
    });
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn described(event: &EventDescription) -> Value {
    let mut properties = Map::from_iter([("type".to_owned(), json!({"const": event.kind.name()}))]);
    let mut required = vec!["type"];
    for field in &event.fields {
        properties.insert(field.name.to_owned(), shape(&field.shape));
        required.extend(field.always.then_some(field.name));
    }
    properties.insert("extra".to_owned(), extra());
    json!({
        "description": about(event.kind),
        "type": "object",
        "properties": properties,
        "required": required,
        "x-dialects": event.dialects,
        "x-activities": event.activities,
    })
}

/// Members of the call that the tables do not know.
fn extra() -> Value {
    json!({"type": "object", "description": "members of the call that no table knows, under the platform's names"})
}

fn shape(shape: &FieldShape) -> Value {
    match shape {
        FieldShape::Text => json!({"type": "string"}),
        FieldShape::Millis => json!({"type": "integer", "minimum": 0, "description": "milliseconds, UTC"}),
        FieldShape::Flag => json!({"type": "boolean"}),
        FieldShape::Texts => json!({"type": "array", "items": {"type": "string"}}),
        FieldShape::Json => json!({}),
        FieldShape::Records(fields) => json!({"type": "array", "items": record(fields)}),
    }
}

fn record(fields: &[ShapeDescription]) -> Value {
    let mut properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), shape(&field.shape))).collect();
    properties.insert("extra".to_owned(), extra());
    let required: Vec<&str> = fields.iter().filter(|field| field.always).map(|field| field.name).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn answer(event: &EventDescription) -> Value {
    members(answer_fields(event.kind))
}

/// An answer has no members but these: another one is a slip of the pen, and refused.
fn members(fields: &[AnswerField]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), answered(field.shape))).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({"type": "object", "properties": properties, "required": required});
    if !fields.is_empty() {
        schema["additionalProperties"] = false.into();
    }
    schema
}

fn answered(shape: AnswerShape) -> Value {
    match shape {
        AnswerShape::Text(limit) => json!({"type": ["string", "null"], "maxLength": limit}),
        AnswerShape::Address => json!({"type": ["string", "null"], "format": "uri"}),
        AnswerShape::Quantity => json!({"type": ["number", "string"]}),
        AnswerShape::Object(fields) => members(fields),
        AnswerShape::Objects(fields) => json!({"type": "array", "items": members(fields)}),
    }
}
