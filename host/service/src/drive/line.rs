//! One line of the driver: a JSON object, read member by member. What is handed on, an answer of the backend or an
//! instance, is handed on as the text that stood there: a number that no type of ours holds is still a number.

use std::collections::BTreeMap;

use countersign_core::ReasonCode;
use countersign_core::abi::CallError;
use countersign_core::ledger::{Outcome, Row, Stored};
use countersign_core::wire::{base64, hex};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::gate::{OwnedRequest, fresh};

/// The members of a line.
pub(super) struct Line<'a>(BTreeMap<String, &'a RawValue>);

/// Says which member is wrong.
pub(super) fn malformed(member: &str) -> CallError {
    let error = CallError::from(ReasonCode::MalformedFrame);
    CallError { message: format!("{}: `{member}`", error.message), ..error }
}

impl<'a> Line<'a> {
    /// `None` for a text that is not a JSON object.
    pub(super) fn read(text: &'a [u8]) -> Option<Self> {
        serde_json::from_slice(text).ok().map(Self)
    }

    fn of(value: &'a RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok().map(Self)
    }

    /// A member as it stands; null is as good as absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.get(name).copied().filter(|value| value.get() != "null")
    }

    /// A member of this type; `None` also where it is of another.
    pub(super) fn typed<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?.get()).ok()
    }

    pub(super) fn text(&self, name: &str) -> Result<String, CallError> {
        self.typed(name).ok_or_else(|| malformed(name))
    }

    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, CallError> {
        self.get(name).map(|_| self.text(name)).transpose()
    }

    /// Names and values as a program would type them.
    pub(super) fn members(&self, name: &str) -> Result<Map<String, Value>, CallError> {
        self.typed(name).ok_or_else(|| malformed(name))
    }

    /// Milliseconds; the machine's clock when absent.
    pub(super) fn now(&self) -> Result<u64, CallError> {
        match self.get("now") {
            Some(_) => self.typed("now").ok_or_else(|| malformed("now")),
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
        self.get(name).and_then(Line::of).ok_or_else(|| malformed(name))
    }

    fn list(&self, name: &str) -> Result<Vec<&'a RawValue>, CallError> {
        match self.get(name) {
            None => Ok(Vec::new()),
            Some(value) => serde_json::from_str(value.get()).map_err(|_| malformed(name)),
        }
    }

    pub(super) fn request(&self) -> Result<OwnedRequest, CallError> {
        let request = self.table("request")?;
        let mut headers = Vec::new();
        for header in request.list("headers")? {
            let pair: Result<(String, String), _> = serde_json::from_str(header.get());
            let (name, value) = pair.map_err(|_| malformed("request.headers"))?;
            headers.push((name, value.into_bytes()));
        }
        Ok(OwnedRequest {
            method: request.text("method")?,
            target: request.text("target")?.into_bytes(),
            headers,
            body: Some(request.body()?),
        })
    }

    /// `body` as text or `body_base64`; empty when both are absent.
    fn body(&self) -> Result<Vec<u8>, CallError> {
        match (self.optional_text("body")?, self.optional_text("body_base64")?) {
            (Some(text), None) => Ok(text.into_bytes()),
            (None, Some(text)) => base64::decode(text.as_bytes()).map_err(|_| malformed("body_base64")),
            (None, None) => Ok(Vec::new()),
            (Some(_), Some(_)) => Err(malformed("body")),
        }
    }

    /// `[{"key", "value_base64", "version"}]`; a row without value is absent.
    pub(super) fn rows(&self) -> Result<Vec<Row>, CallError> {
        self.list("rows")?.into_iter().map(row).collect::<Option<_>>().ok_or_else(|| malformed("rows"))
    }

    /// `inputs_base64`: the inputs of a primitive.
    pub(super) fn inputs(&self) -> Result<Vec<Vec<u8>>, CallError> {
        let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
        let decoded = |value: &RawValue| base64::decode(text(value)?.as_bytes()).ok();
        let inputs = self.list("inputs_base64")?.into_iter().map(decoded).collect::<Option<_>>();
        inputs.ok_or_else(|| malformed("inputs_base64"))
    }

    pub(super) fn row(&self, name: &str) -> Result<Row, CallError> {
        self.get(name).and_then(row).ok_or_else(|| malformed(name))
    }

    pub(super) fn outcome(&self) -> Result<Outcome, CallError> {
        outcome(self.get("outcome").unwrap_or(RawValue::NULL))
    }

    pub(super) fn outcomes(&self) -> Result<Vec<Outcome>, CallError> {
        self.list("outcomes")?.into_iter().map(outcome).collect()
    }
}

fn row(value: &RawValue) -> Option<Row> {
    let row = Line::of(value)?;
    let key = row.text("key").ok()?;
    let value = match row.optional_text("value_base64").ok()? {
        None => None,
        Some(text) => {
            let bytes = base64::decode(text.as_bytes()).ok()?;
            Some(Stored { bytes, version: row.typed("version")? })
        }
    };
    Some(Row { key, value })
}

/// `{"kind": "done" | "accepted" | "refused" | "failed" | "running", "answer": {…}}`; a refusal's code and message stand
/// in the answer or beside the kind.
pub(super) fn outcome(value: &RawValue) -> Result<Outcome, CallError> {
    let wrong = || CallError::from(ReasonCode::MalformedOutcome);
    let outcome = Line::of(value).ok_or_else(wrong)?;
    match outcome.text("kind").map_err(|_| wrong())?.as_str() {
        "done" => {
            Ok(Outcome::Done(outcome.get("answer").map_or_else(Vec::new, |answer| answer.get().into())))
        }
        "accepted" => Ok(Outcome::Accepted),
        "failed" => Ok(Outcome::Failed),
        "running" => Ok(Outcome::Running),
        "refused" => {
            let answer = outcome.table("answer").unwrap_or(outcome);
            let code = answer.text("code").map_err(|_| wrong())?;
            let message = answer.optional_text("message").map_err(|_| wrong())?.unwrap_or_default();
            Ok(Outcome::Refused { code, message })
        }
        _ => Err(wrong()),
    }
}
