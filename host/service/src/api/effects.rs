//! The backend says by itself how an effect ended: after a 202, or when it finds that its answer was lost.

use std::sync::Arc;

use std::collections::BTreeMap;

use countersign_core::ledger::Outcome;
use countersign_core::wire::json;
use hyper::StatusCode;
use serde_json::value::RawValue;

use super::answer::{self, Refusal, malformed, problem};
use crate::gate::{Gate, Report};
use crate::listen::HttpAnswer;

/// Takes `{"outcome": "done" | "refused", …the backend's answer}`.
pub(super) async fn report(gate: &Arc<Gate>, effect: &str, body: &[u8]) -> Result<HttpAnswer, Refusal> {
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
    // Each member as it stands: a number keeps its digits.
    let mut members: BTreeMap<String, &RawValue> =
        serde_json::from_slice(body).map_err(|_| malformed("the body is not a JSON object"))?;
    let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
    let outcome = members.remove("outcome").and_then(text);
    match outcome.as_deref() {
        Some("done") => Ok(Outcome::Done(serde_json::to_vec(&members).unwrap_or_default())),
        Some("refused") => {
            let code = members.get("code").copied().and_then(text);
            let message = match members.get("message").filter(|message| message.get() != "null") {
                None => Some(String::new()),
                Some(message) => text(message),
            };
            match (code, message) {
                (Some(code), Some(message)) => Ok(Outcome::Refused { code, message }),
                _ => Err(malformed("a refusal has a code, a string, and perhaps a message, a string")),
            }
        }
        _ => Err(malformed("outcome must be `done` or `refused`")),
    }
}
