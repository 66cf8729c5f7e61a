//! `wire.json`

use super::vector::Vector;
use crate::case::Expectation::{self, Json, Output, Refused};
use crate::case::{Exchange, compute};

pub(super) fn exchanges(group: &str, vector: Vector<'_>) -> Vec<Exchange> {
    let output = |name: &str| Output(vector.bytes(name).to_vec());
    match group {
        "targets" => vec![
            compute("target-path", &[vector.bytes("target")], output("path")),
            compute("target-query", &[vector.bytes("target")], output("query")),
        ],
        "forms" => {
            let query = written(vector, "query", "query_hex");
            vec![compute(
                "form",
                &[&query],
                refusal("query", vector, |vector| {
                    Json(vector.get("pairs").expect("pairs or an error").clone())
                }),
            )]
        }
        "percent" => vec![
            compute("percent-encode", &[vector.bytes("text")], output("encoded")),
            compute("percent-decode", &[vector.bytes("encoded")], output("text")),
        ],
        "base64" => vec![
            compute("base64-encode", &[vector.bytes("plain")], output("text")),
            compute("base64-decode", &[vector.bytes("text")], output("plain")),
        ],
        "times" => time(vector),
        "rfc3339" => vec![compute("time-write-rfc3339", &[&vector.number("millis")], output("text"))],
        "json" => {
            let text = written(vector, "text", "text_hex");
            vec![compute(
                "json",
                &[&text],
                refusal("text", vector, |vector| Output(vector.bytes("compact").to_vec())),
            )]
        }
        _ => Vec::new(),
    }
}

/// What the error says, or what is expected without one.
fn refusal(
    input: &'static str,
    vector: Vector<'_>,
    otherwise: impl FnOnce(Vector<'_>) -> Expectation,
) -> Expectation {
    vector.error().map_or_else(|| otherwise(vector), |cause| Refused(input, cause))
}

/// The bytes of a vector that stand in the file as text, as digits, or as a character and how often.
fn written(vector: Vector<'_>, text: &str, digits: &str) -> Vec<u8> {
    if let Some(repeat) = vector.get("repeat") {
        let count = repeat[1].as_u64().and_then(|count| usize::try_from(count).ok()).expect("a count");
        return repeat[0].as_str().expect("a character").repeat(count).into_bytes();
    }
    if vector.get(text).is_some() { vector.bytes(text).to_vec() } else { vector.hex(digits) }
}

/// Read, and of the forms that are written too, written again.
fn time(vector: Vector<'_>) -> Vec<Exchange> {
    let (text, zone) = (vector.bytes("text"), vector.number("zone"));
    let expect = refusal("text", vector, |vector| Output(vector.number("millis")));
    let (read, write) = match vector.text("form") {
        "13" => return vec![compute("time-13", &[text], expect)],
        "14" => ("time-14", Some("time-write-14")),
        "17" => ("time-17", Some("time-write-17")),
        "expiry" => ("time-expiry", None),
        other => panic!("no such form: {other}"),
    };
    let mut exchanges = vec![compute(read, &[text, &zone], expect)];
    if let (Some(write), None) = (write, vector.error()) {
        exchanges.push(compute(write, &[&vector.number("millis"), &zone], Output(text.to_vec())));
    }
    exchanges
}
