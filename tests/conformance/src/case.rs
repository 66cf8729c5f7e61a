//! One case: lines for a driver, and what must come back.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::driver::Driver;

/// What is replayed as a whole.
#[derive(Debug)]
pub struct Case {
    /// The row of the matrix: file and group.
    pub group: String,
    /// The name in the file.
    pub name: String,
    /// The seller that is opened for it, if it takes one.
    pub configuration: Option<Value>,
    /// Line after line.
    pub exchanges: Vec<Exchange>,
}

/// One line and its answer.
#[derive(Debug)]
pub struct Exchange {
    /// The line, without the seller.
    pub send: Value,
    /// What must come back.
    pub expect: Expectation,
}

/// What must come back.
#[derive(Debug)]
pub enum Expectation {
    /// These members; `null` is an absent one. Others may be there too.
    Members(Value),
    /// This output of a primitive.
    Output(Vec<u8>),
    /// An output that begins like this.
    Beginning(Vec<u8>),
    /// An output that does not begin like this.
    OtherThan(Vec<u8>),
    /// An output that is JSON and says this.
    Json(Value),
    /// The primitive refuses this input, for this cause.
    Refused(&'static str, String),
}

/// A primitive of the rules on these inputs.
#[must_use]
pub fn compute(name: &str, inputs: &[&[u8]], expect: Expectation) -> Exchange {
    let inputs: Vec<String> = inputs.iter().map(|input| STANDARD.encode(input)).collect();
    Exchange { send: json!({"op": "compute", "name": name, "inputs_base64": inputs}), expect }
}

/// What came of a case.
#[derive(Debug, Default)]
pub struct Replay {
    /// Every answer, whole.
    pub said: Vec<Value>,
    /// Everything that is not as it should be.
    pub findings: Vec<String>,
}

impl Case {
    /// Asks the driver line after line.
    ///
    /// # Errors
    /// When the driver ends.
    pub fn replay(&self, driver: &mut Driver) -> io::Result<Replay> {
        let seller = match &self.configuration {
            Some(configuration) => {
                driver.ask(&json!({"op": "open", "config": configuration}))?["seller"].take()
            }
            None => Value::Null,
        };
        let mut replay = Replay::default();
        for (number, exchange) in self.exchanges.iter().enumerate() {
            let mut line = exchange.send.clone();
            if self.configuration.is_some() {
                line["seller"] = seller.clone();
            }
            let answer = decoded(driver.ask(&line)?);
            let findings = exchange.expect.findings(&answer);
            replay.findings.extend(findings.into_iter().map(|finding| format!("line {number}: {finding}")));
            replay.said.push(answer);
        }
        if self.configuration.is_some() {
            driver.ask(&json!({"op": "close", "seller": seller}))?;
        }
        Ok(replay)
    }
}

/// Adds the JSON of an answer's body as `answer.json`.
fn decoded(mut line: Value) -> Value {
    let body = line["answer"]["body_base64"].as_str().and_then(|text| STANDARD.decode(text).ok());
    if let Some(json) = body.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
        line["answer"]["json"] = json;
    }
    line
}

impl Expectation {
    fn findings(&self, answer: &Value) -> Vec<String> {
        let output = answer["output_base64"].as_str().and_then(|text| STANDARD.decode(text).ok());
        let holds = match self {
            Self::Members(members) => return differences(members, answer, ""),
            Self::Refused(input, cause) => {
                let error = json!({"code": "input-refused", "number": 610,
                    "problems": [{"path": input, "code": cause}]});
                return differences(&json!({ "error": error }), answer, "");
            }
            Self::Output(bytes) => output.as_ref() == Some(bytes),
            Self::Beginning(bytes) => output.is_some_and(|output| output.starts_with(bytes)),
            Self::OtherThan(bytes) => output.is_some_and(|output| !output.starts_with(bytes)),
            Self::Json(value) => {
                output.and_then(|output| serde_json::from_slice(&output).ok()).as_ref() == Some(value)
            }
        };
        if holds { Vec::new() } else { vec![format!("expected {self}, found {answer}")] }
    }
}

impl std::fmt::Display for Expectation {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Members(value) => write!(out, "{value}"),
            Self::Output(bytes) => write!(out, "the output {}", STANDARD.encode(bytes)),
            Self::Beginning(bytes) => write!(out, "an output that begins with {}", STANDARD.encode(bytes)),
            Self::OtherThan(bytes) => write!(out, "another output than {}", STANDARD.encode(bytes)),
            Self::Json(value) => write!(out, "an output that says {value}"),
            Self::Refused(input, cause) => write!(out, "a refusal of `{input}`: {cause}"),
        }
    }
}

/// Every member of `expected` must be there; `null` means absent or null. Other members may be there too.
fn differences(expected: &Value, found: &Value, path: &str) -> Vec<String> {
    match (expected, found) {
        (Value::Object(members), _) => members
            .iter()
            .flat_map(|(name, value)| {
                differences(value, found.get(name).unwrap_or(&Value::Null), &format!("{path}.{name}"))
            })
            .collect(),
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => items
            .iter()
            .zip(others)
            .enumerate()
            .flat_map(|(index, (item, other))| differences(item, other, &format!("{path}[{index}]")))
            .collect(),
        _ if expected == found => Vec::new(),
        _ => vec![format!("{path}: expected {expected}, found {found}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_different_is_found() {
        let found = json!({"a": 1, "b": [1, {"c": 2}], "more": true});
        assert!(differences(&json!({"a": 1, "b": [1, {"c": 2}], "none": null}), &found, "").is_empty());
        for wrong in [
            json!({"a": 2}),
            json!({"b": [1]}),
            json!({"b": [1, {"c": 3}]}),
            json!({"x": 1}),
            json!({"a": null}),
        ] {
            assert_eq!(differences(&wrong, &found, "").len(), 1, "{wrong}");
        }
    }

    #[test]
    fn an_output_is_judged_by_what_was_expected() {
        let output = |text: &str| json!({"output_base64": STANDARD.encode(text)});
        let holds = |expect: &Expectation, answer: &Value| expect.findings(answer).is_empty();
        let cases = [
            (Expectation::Output(b"[1]".to_vec()), "[1]", vec!["", "[1", "[1] "]),
            (Expectation::Beginning(b"[1".to_vec()), "[1]", vec!["", "[", " [1]"]),
            (Expectation::OtherThan(b"[1".to_vec()), "[2]", vec!["[1", "[1]"]),
            (Expectation::Json(json!([1])), " [1]", vec!["", "[2]", "[1", "1"]),
        ];
        for (expect, right, wrong) in cases {
            assert!(holds(&expect, &output(right)), "{expect}");
            for wrong in wrong {
                assert!(!holds(&expect, &output(wrong)), "{expect}: {wrong}");
            }
            assert!(!holds(&expect, &json!({})), "{expect}");
            assert!(!holds(&expect, &json!({"error": {"code": "input-refused"}})), "{expect}");
        }
    }

    #[test]
    fn a_refusal_is_this_input_and_this_cause_and_no_other() {
        let refusal = |path: &str, code: &str, number: u16| {
            json!({"error": {"code": "input-refused", "number": number, "message": "no",
                "problems": [{"path": path, "code": code, "message": "no"}]}})
        };
        let expect = Expectation::Refused("key", "length".into());
        assert!(expect.findings(&refusal("key", "length", 610)).is_empty());
        for wrong in [
            refusal("iv", "length", 610),
            refusal("key", "count", 610),
            refusal("key", "length", 609),
            json!({"error": {"code": "input-refused", "number": 610}}),
            json!({"output_base64": ""}),
        ] {
            assert!(!expect.findings(&wrong).is_empty(), "{wrong}");
        }
    }
}
