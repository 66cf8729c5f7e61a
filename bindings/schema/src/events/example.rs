//! An example of each event and answer, made from its fields.

use countersign_core::ledger::{AnswerField, AnswerShape};
use countersign_core::{EventDescription, FieldShape, ShapeDescription};

/// The event with everything that is always there, and what nearly always is.
pub(super) fn event(event: &EventDescription) -> String {
    let mut members = vec![format!("\"type\": \"{}\"", event.kind.name())];
    for field in event.fields.iter().filter(|field| field.always || is_usual(event, field.name)) {
        let value = match field.name {
            "activity" => quoted(event.activities.first().copied().unwrap_or_default()),
            _ => value(field),
        };
        members.push(format!("\"{}\": {value}", field.name));
    }
    lines(&members)
}

/// Not always there, but in most calls: a reader should see it.
fn is_usual(event: &EventDescription, name: &str) -> bool {
    let removes = ["_remove", "_revoke", "freeze", "release", "_delete"];
    match name {
        "phase" | "instance_id" | "product_id" | "expire_time" | "domain_name" => true,
        "end_sessions" => removes.iter().any(|end| event.kind.name().ends_with(end)),
        "client_id" | "client_secret" | "oaep" => !event.kind.name().ends_with("_remove"),
        _ => false,
    }
}

pub(super) fn answer(fields: &[AnswerField]) -> String {
    let needs_one = !fields.iter().any(|field| field.required);
    let shown = fields.iter().enumerate().filter(|(index, field)| {
        field.required
            || (needs_one && *index == 0)
            || matches!(field.shape, AnswerShape::Text(..)) && !needs_one
    });
    lines(&shown.map(|(_, field)| format!("\"{}\": {}", field.name, answered(field))).collect::<Vec<_>>())
}

/// One line where it fits, one for each member where not.
fn lines(members: &[String]) -> String {
    let line = format!("{{{}}}", members.join(", "));
    if line.chars().count() <= 110 { line } else { format!("{{\n  {}\n}}", members.join(",\n  ")) }
}

fn value(field: &ShapeDescription) -> String {
    match &field.shape {
        FieldShape::Text => quoted(text(field.name)),
        FieldShape::Millis => "1735660799000".into(),
        FieldShape::Flag => "true".into(),
        FieldShape::Texts => format!("[{}]", quoted(text("instance_id"))),
        FieldShape::Json => json(field.name).into(),
        FieldShape::Records(fields) => {
            let shown = ["user_name", "name", "role", "enabled", "org_code"];
            let members: Vec<String> = fields
                .iter()
                .filter(|field| shown.contains(&field.name))
                .map(|field| format!("\"{}\": {}", field.name, value(field)))
                .collect();
            format!("[{{{}}}]", members.join(", "))
        }
    }
}

fn json(name: &str) -> &'static str {
    match name {
        "end_sessions" => r#"{"scope": "all"}"#,
        "message" => r#"{"username": "zhangsan", "name": "张三", "disabled": false}"#,
        "product_info" => r#"{"productId": "OFFI528688746927460352", "linearValue": "20"}"#,
        _ => "{}",
    }
}

fn answered(field: &AnswerField) -> String {
    match field.shape {
        AnswerShape::Text(_) | AnswerShape::Address => quoted(text(field.name)),
        AnswerShape::Quantity => "12.5".into(),
        AnswerShape::Object(fields) => answer(fields),
        AnswerShape::Objects(fields) => format!("[{}]", answer(fields)),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

fn text(name: &str) -> &'static str {
    match name {
        "order_id" => "CS1906666688ABCDE",
        "order_line_id" => "CS1906666688ABCDE-000001",
        "business_id" => "03pf80c2bae96vc49b80b917bea776d7",
        "instance_id" => "10e758d0-31ad-4c4b-8f1b-81d03469a10e",
        "customer_id" => "688055390f3049f283fe9f1aa90f7858",
        "product_id" => "OFFI528688746927460352",
        "sku_code" => "d0abcd12-1234-5678-ab90-11ab012aaaa1",
        "charging_mode" => "1",
        "scene" => "RENEWAL",
        "status" | "flag" => "1",
        "phase" => "active",
        "time_stamp" => "20231114221320000",
        "trial_flag" => "0",
        "tenant_id" => "68cbc86fcf8e4a5a9c4a5b8a9e1d2f30",
        "app_id" => "app-1",
        "client_id" => "NqFvGsHfb4PFqqfiZOeLqXUb1lnAqOKb",
        "client_secret" => "SAvAy0o7pUP1OY3dxGVGFq…",
        "oaep" => "sha-256/sha-1",
        "domain_name" => "https://tenant.example.com",
        "user_name" => "zhangsan",
        "username" => "zhangsan",
        "name" => "张三",
        "role" => "user",
        "enabled" => "true",
        "org_code" => "d1",
        "id" => "u-1",
        "code" => "sales",
        "layout" => "L1",
        "front_end_url" => "https://crm.example.com/w/1",
        "password" => "Kd7-Zw2-Xp9",
        "memo" => "please change the password",
        "license" => "MFRGG-ZDFMY",
        "usage_value" => "12.5",
        "statistical_time" => "20231114221320000",
        "event_id" => "event-1",
        "event_type" => "ACTIVATE",
        "device_fingerprint" => "9f2a1c44",
        _ => "…",
    }
}
