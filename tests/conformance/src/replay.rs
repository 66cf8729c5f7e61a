//! One driver: a child process that answers one JSON object per line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine as _;
use serde_json::{Value, json};

/// A driver that is running.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts a driver.
    ///
    /// # Errors
    /// When the command cannot be started.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("the driver has no pipes"));
        };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// One line in, one line out.
    ///
    /// # Errors
    /// When the driver ends, or answers no JSON.
    pub fn ask(&mut self, line: &Value) -> std::io::Result<Value> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut answer = String::new();
        if self.output.read_line(&mut answer)? == 0 {
            return Err(std::io::Error::other("the driver ended"));
        }
        Ok(serde_json::from_str(&answer)?)
    }

    /// Replays one scene: what the driver answered, and everything that is not as it should be.
    ///
    /// # Errors
    /// When the driver ends.
    pub fn replay(&mut self, scene: &Value) -> std::io::Result<(Vec<Value>, Vec<String>)> {
        let opened = self.ask(&json!({"op": "open", "config": scene["config"]}))?;
        let mut answers = Vec::new();
        let mut findings = Vec::new();
        for (number, step) in scene["steps"].as_array().into_iter().flatten().enumerate() {
            let mut line = step["send"].clone();
            line["seller"] = opened["seller"].clone();
            let answer = decoded(self.ask(&line)?);
            for finding in differences(&step["expect"], &answer, "") {
                findings.push(format!("step {number}: {finding}"));
            }
            answers.push(answer);
        }
        self.ask(&json!({"op": "close", "seller": opened["seller"]}))?;
        Ok((answers, findings))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Adds the JSON of an answer's body as `answer.json`.
fn decoded(mut line: Value) -> Value {
    let body = line["answer"]["body_base64"].as_str().map(str::to_string);
    let bytes = body.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
    if let Some(json) = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
        line["answer"]["json"] = json;
    }
    line
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
    use super::differences;
    use serde_json::json;

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
}
