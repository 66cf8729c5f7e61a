//! One Node process per batch of questions.

use std::io::Write;
use std::process::{Command, Stdio};

use countersign_core::wire::base64;
use serde_json::Value;

/// A value, or the name of what was thrown.
pub type Answer = Result<Value, String>;

/// `oracle.mjs`: honest, or with one defect planted.
#[derive(Debug, Clone, Copy)]
pub struct Node(Option<&'static str>);

impl Node {
    /// As it should be.
    #[must_use]
    pub const fn honest() -> Self {
        Self(None)
    }

    /// With a defect of its list: whoever compares must find it.
    #[must_use]
    pub const fn sabotaged(defect: &'static str) -> Self {
        Self(Some(defect))
    }

    /// The answers in the order of the questions.
    ///
    /// # Panics
    ///
    /// Without `node`, or if it does not answer every question.
    #[must_use]
    pub fn ask(self, questions: &[Value]) -> Vec<Answer> {
        let mut process = Command::new("node")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/node/oracle.mjs"))
            .args(self.0.map(|defect| ["--sabotage", defect]).into_iter().flatten())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`node` (20 or later) cannot be started: {error}"));
        let mut input = process.stdin.take().expect("standard input is piped");
        let output = std::thread::scope(|scope| {
            scope.spawn(move || {
                for question in questions {
                    writeln!(input, "{question}").expect("node reads to the end");
                }
            });
            process.wait_with_output().expect("node ends")
        });
        let text = String::from_utf8(output.stdout).expect("answers are UTF-8");
        let answers: Vec<_> = text.lines().map(answer).collect();
        assert_eq!(answers.len(), questions.len(), "node answers every question");
        answers
    }
}

fn answer(line: &str) -> Answer {
    let mut answer: Value = serde_json::from_str(line).expect("answers are JSON");
    match answer["error"].as_str() {
        None => Ok(answer["ok"].take()),
        Some(name) => Err(name.to_owned()),
    }
}

/// Bytes in a question.
#[must_use]
pub fn base64(bytes: &[u8]) -> Value {
    Value::String(base64::encode(bytes))
}

/// Bytes of an answer.
///
/// # Panics
///
/// If it is no Base64.
#[must_use]
pub fn bytes(value: &Value) -> Vec<u8> {
    base64::decode(value.as_str().expect("a text").as_bytes()).expect("Base64")
}
