//! The backend says by itself how an effect ended: after a 202, or when it finds that its answer was lost.

use countersign_core::ledger::Outcome;
use countersign_core::wire::json;
use hyper::StatusCode;
use serde_json::{Map, Value};

use super::answer::{self, Refusal, malformed, problem};
use crate::gate::{Gate, Report};
use crate::listen::HttpAnswer;

/// Takes `{"outcome": "done" | "refused", …the backend's answer}`.
pub(super) async fn report(gate: &Gate, effect: &str, body: &[u8]) -> Result<HttpAnswer, Refusal> {
    let outcome = read(body)?;
    match gate.report(effect, &outcome).await? {
        Report::Taken => Ok(answer::json("{}")),
        Report::Superseded => Err(problem(
            StatusCode::CONFLICT,
            "superseded",
            "the effect ended otherwise, or its work is void",
        )),
        Report::Unknown => Err(problem(StatusCode::NOT_FOUND, "unknown-effect", "there is no such effect")),
    }
}

fn read(body: &[u8]) -> Result<Outcome, Refusal> {
    // The core's reader refuses repeated names; serde_json would take the last.
    json::read(body).map_err(|_| malformed("the body is not JSON, or repeats a name"))?;
    let mut members: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| malformed("the body is not a JSON object"))?;
    let outcome = members.remove("outcome");
    match outcome.as_ref().and_then(Value::as_str) {
        Some("done") => Ok(Outcome::Done(Value::Object(members).to_string().into_bytes())),
        Some("refused") => {
            let code = members.get("code").and_then(Value::as_str);
            let message = match members.get("message") {
                None | Some(Value::Null) => Some(""),
                Some(message) => message.as_str(),
            };
            match (code, message) {
                (Some(code), Some(message)) => {
                    Ok(Outcome::Refused { code: code.to_owned(), message: message.to_owned() })
                }
                _ => Err(malformed("a refusal has a code, a string, and perhaps a message, a string")),
            }
        }
        _ => Err(malformed("outcome must be `done` or `refused`")),
    }
}
