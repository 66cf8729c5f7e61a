//! One line of the driver: a JSON object, read member by member.

use countersign_core::ReasonCode;
use countersign_core::abi::CallError;
use countersign_core::ledger::{Outcome, Row, Stored};
use countersign_core::wire::{base64, hex};
use serde_json::{Map, Value};

use crate::gate::{OwnedRequest, fresh};

/// The members of a line.
pub(super) struct Line<'a>(pub(super) &'a Map<String, Value>);

/// Says which member is wrong.
pub(super) fn malformed(member: &str) -> CallError {
    let error = CallError::from(ReasonCode::MalformedFrame);
    CallError { message: format!("{}: `{member}`", error.message), ..error }
}

impl<'a> Line<'a> {
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, name: &str) -> Result<&'a str, CallError> {
        self.get(name).and_then(Value::as_str).ok_or_else(|| malformed(name))
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<&'a str>, CallError> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| malformed(name))).transpose()
    }

    /// Milliseconds; the machine's clock when absent.
    pub(super) fn now(&self) -> Result<u64, CallError> {
        match self.get("now") {
            Some(value) => value.as_u64().ok_or_else(|| malformed("now")),
            None => Ok(crate::gate::Clock::now(&crate::gate::SystemClock)),
        }
    }

    /// Hex digits; drawn afresh when absent.
    pub(super) fn bytes<const N: usize>(&self, name: &str) -> Result<[u8; N], CallError> {
        let Some(text) = self.optional_text(name)? else { return Ok(fresh()) };
        let bytes = hex::decode(text.as_bytes()).map_err(|_| malformed(name))?;
        bytes.try_into().map_err(|_| malformed(name))
    }

    /// A handle that an earlier line gave.
    pub(super) fn handle(&self, name: &str) -> Result<Vec<u8>, CallError> {
        base64::decode(self.text(name)?.as_bytes()).map_err(|_| malformed(name))
    }

    pub(super) fn optional_handle(&self, name: &str) -> Result<Option<Vec<u8>>, CallError> {
        self.get(name).map(|_| self.handle(name)).transpose()
    }

    pub(super) fn table(&self, name: &str) -> Result<Line<'a>, CallError> {
        self.get(name).and_then(Value::as_object).map(Line).ok_or_else(|| malformed(name))
    }

    fn list(&self, name: &str) -> Result<&'a [Value], CallError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(value) => value.as_array().map(Vec::as_slice).ok_or_else(|| malformed(name)),
        }
    }

    pub(super) fn request(&self) -> Result<OwnedRequest, CallError> {
        let request = self.table("request")?;
        let mut headers = Vec::new();
        for header in request.list("headers")? {
            match header.as_array().map(Vec::as_slice) {
                Some([Value::String(name), Value::String(value)]) => {
                    headers.push((name.clone(), value.clone().into_bytes()));
                }
                _ => return Err(malformed("request.headers")),
            }
        }
        Ok(OwnedRequest {
            method: request.text("method")?.to_string(),
            target: request.text("target")?.as_bytes().to_vec(),
            headers,
            body: Some(request.body()?),
        })
    }

    /// `body` as text or `body_base64`; empty when both are absent.
    fn body(&self) -> Result<Vec<u8>, CallError> {
        match (self.optional_text("body")?, self.optional_text("body_base64")?) {
            (Some(text), None) => Ok(text.as_bytes().to_vec()),
            (None, Some(text)) => base64::decode(text.as_bytes()).map_err(|_| malformed("body_base64")),
            (None, None) => Ok(Vec::new()),
            (Some(_), Some(_)) => Err(malformed("body")),
        }
    }

    /// `[{"key", "value_base64", "version"}]`; a row without value is absent.
    pub(super) fn rows(&self) -> Result<Vec<Row>, CallError> {
        self.list("rows")?.iter().map(row).collect::<Option<_>>().ok_or_else(|| malformed("rows"))
    }

    /// `inputs_base64`: the inputs of a primitive.
    pub(super) fn inputs(&self) -> Result<Vec<Vec<u8>>, CallError> {
        let decoded = |value: &Value| base64::decode(value.as_str()?.as_bytes()).ok();
        let inputs = self.list("inputs_base64")?.iter().map(decoded).collect::<Option<_>>();
        inputs.ok_or_else(|| malformed("inputs_base64"))
    }

    pub(super) fn row(&self, name: &str) -> Result<Row, CallError> {
        self.get(name).and_then(row).ok_or_else(|| malformed(name))
    }

    pub(super) fn outcome(&self) -> Result<Outcome, CallError> {
        outcome(self.get("outcome").unwrap_or(&Value::Null))
    }

    pub(super) fn outcomes(&self) -> Result<Vec<Outcome>, CallError> {
        self.list("outcomes")?.iter().map(outcome).collect()
    }
}

fn row(value: &Value) -> Option<Row> {
    let row = Line(value.as_object()?);
    let key = row.text("key").ok()?.to_string();
    let value = match row.optional_text("value_base64").ok()? {
        None => None,
        Some(text) => {
            let bytes = base64::decode(text.as_bytes()).ok()?;
            Some(Stored { bytes, version: row.get("version")?.as_u64()? })
        }
    };
    Some(Row { key, value })
}

/// `{"kind": "done" | "accepted" | "refused" | "failed" | "running", "answer": {…}}`; a refusal's code and message stand
/// in the answer or beside the kind.
pub(super) fn outcome(value: &Value) -> Result<Outcome, CallError> {
    let wrong = || CallError::from(ReasonCode::MalformedOutcome);
    let outcome = Line(value.as_object().ok_or_else(wrong)?);
    match outcome.text("kind").map_err(|_| wrong())? {
        "done" => {
            Ok(Outcome::Done(outcome.get("answer").map_or_else(Vec::new, |answer| answer.to_string().into())))
        }
        "accepted" => Ok(Outcome::Accepted),
        "failed" => Ok(Outcome::Failed),
        "running" => Ok(Outcome::Running),
        "refused" => {
            let answer = outcome.table("answer").unwrap_or(outcome);
            let code = answer.text("code").map_err(|_| wrong())?.to_string();
            let message =
                answer.optional_text("message").map_err(|_| wrong())?.unwrap_or_default().to_string();
            Ok(Outcome::Refused { code, message })
        }
        _ => Err(wrong()),
    }
}
