//! The one JSON shape of every operation, the same in Rust, in both artefacts, on the command line and in all
//! bindings. Bytes stand as standard Base64 with padding under names that end in `_base64`; handles that are opaque to
//! the host stand as Base64 texts.

use alloc::string::String;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::abi::CallError;
use crate::admit::{Admitted, Refusal, Verdict};
use crate::answer::Answer;
use crate::detail::DetailValue;
use crate::ledger::{
    Alarm, Answered, Assignment, Change, Decision, Export, Import, Settled, Settlement, Settling, Write,
};
use crate::reason::Reason;
use crate::wire::base64;

/// JSON text that stands as it is.
struct Raw<'a>(&'a str);

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(self.0) {
            Ok(raw) => raw.serialize(serializer),
            Err(error) => Err(serde::ser::Error::custom(error)),
        }
    }
}

/// `{"status", "headers": [[name, value]…], "body_base64"}`
impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_struct("Answer", 3)?;
        shape.serialize_field("status", &self.status)?;
        shape.serialize_field("headers", &self.headers)?;
        shape.serialize_field("body_base64", &base64::encode(&self.body))?;
        shape.end()
    }
}

/// `{"code", "number", "message", "field"?, …}`, and the details under their names.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("code", self.code.code())?;
        shape.serialize_entry("number", &self.code.number())?;
        shape.serialize_entry("message", &alloc::format!("{self}"))?;
        if let Some(field) = &self.field {
            shape.serialize_entry("field", field)?;
        }
        for detail in &self.details {
            match detail.value() {
                DetailValue::Number(number) => shape.serialize_entry(detail.name(), &number)?,
                DetailValue::Text(text) => shape.serialize_entry(detail.name(), text)?,
            }
        }
        shape.end()
    }
}

/// `{"code", "number", "message", "problems"?}`
impl Serialize for CallError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("code", &self.code)?;
        shape.serialize_entry("number", &self.number)?;
        shape.serialize_entry("message", &self.message)?;
        if !self.problems.is_empty() {
            shape.serialize_entry("problems", &Raw(&self.problems))?;
        }
        shape.end()
    }
}

/// `{"code", "instance", "tenant"?}`
impl Serialize for Alarm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("code", &self.code)?;
        shape.serialize_entry("instance", &self.instance)?;
        if !self.tenant.is_empty() {
            shape.serialize_entry("tenant", &self.tenant)?;
        }
        shape.end()
    }
}

/// `{"key", "expect": null or version, "put_base64" or "delete": true or neither (a check), "expires_at"?}`
impl Serialize for Write {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("key", &self.key)?;
        shape.serialize_entry("expect", &self.expect)?;
        match &self.change {
            Change::Check => {}
            Change::Delete => shape.serialize_entry("delete", &true)?,
            Change::Put { bytes, expires_at } => {
                shape.serialize_entry("put_base64", &base64::encode(bytes))?;
                if let Some(expires_at) = expires_at {
                    shape.serialize_entry("expires_at", expires_at)?;
                }
            }
        }
        shape.end()
    }
}

/// `{"verdict": "admitted" or "refused", …}`
impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Admitted(admitted) => admitted.serialize(serializer),
            Self::Refused(refusal) => refusal.serialize(serializer),
        }
    }
}

impl Serialize for Admitted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("verdict", "admitted")?;
        shape.serialize_entry("dialect", &self.dialect)?;
        shape.serialize_entry("product", &self.product)?;
        shape.serialize_entry("test", &self.test)?;
        shape.serialize_entry("event", &Raw(&self.event.to_json()))?;
        shape.serialize_entry("keys", &self.keys)?;
        shape.serialize_entry("admission", &base64::encode(&self.admission))?;
        shape.serialize_entry("answer_by", &self.answer_by)?;
        shape.end()
    }
}

impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("verdict", "refused")?;
        shape.serialize_entry("reason", &self.reason)?;
        if let Some(dialect) = &self.dialect {
            shape.serialize_entry("dialect", dialect)?;
        }
        if let Some(product) = &self.product {
            shape.serialize_entry("product", product)?;
        }
        shape.serialize_entry("answer", &self.answer)?;
        shape.end()
    }
}

impl Admitted {
    /// The shape without secrets, for people: contact data are marked, and the admission, which holds them, is left out.
    #[must_use]
    pub fn to_redacted_json(&self) -> String {
        let shown = Redacted(self);
        serde_json::to_string(&shown).unwrap_or_default()
    }
}

struct Redacted<'a>(&'a Admitted);

impl Serialize for Redacted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        shape.serialize_entry("verdict", "admitted")?;
        shape.serialize_entry("dialect", &self.0.dialect)?;
        shape.serialize_entry("product", &self.0.product)?;
        shape.serialize_entry("test", &self.0.test)?;
        shape.serialize_entry("event", &Raw(&self.0.event.to_redacted_json()))?;
        shape.serialize_entry("keys", &self.0.keys)?;
        shape.serialize_entry("admission", crate::event::REDACTED)?;
        shape.serialize_entry("answer_by", &self.0.answer_by)?;
        shape.end()
    }
}

/// `{"decision": "need" | "wait" | "answer" | "ask" | "perform", …}`
impl Serialize for Decision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        match self {
            Self::Need { keys } => {
                shape.serialize_entry("decision", "need")?;
                shape.serialize_entry("keys", keys)?;
            }
            Self::Wait { keys, until } => {
                shape.serialize_entry("decision", "wait")?;
                shape.serialize_entry("keys", keys)?;
                shape.serialize_entry("until", until)?;
            }
            Self::Answer(Answered { answer, commit, reason, alarms, .. }) => {
                shape.serialize_entry("decision", "answer")?;
                shape.serialize_entry("answer", answer)?;
                shape.serialize_entry("commit", commit)?;
                shape.serialize_entry("reason", reason)?;
                shape.serialize_entry("alarms", alarms)?;
            }
            Self::Ask(question) => {
                shape.serialize_entry("decision", "ask")?;
                assignment("question", question, &mut shape)?;
            }
            Self::Perform(work) => {
                shape.serialize_entry("decision", "perform")?;
                assignment("work", work, &mut shape)?;
            }
        }
        shape.end()
    }
}

/// `{"work", "effect": the CloudEvent, "commit", "answer_by", "give_up_at", "alarms"}`
impl Serialize for Assignment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        assignment("work", self, &mut shape)?;
        shape.end()
    }
}

fn assignment<M: SerializeMap>(handle: &str, assignment: &Assignment, shape: &mut M) -> Result<(), M::Error> {
    shape.serialize_entry(handle, &base64::encode(&assignment.work))?;
    shape.serialize_entry("effect", &Raw(&assignment.effect.body))?;
    shape.serialize_entry("commit", &assignment.commit)?;
    shape.serialize_entry("answer_by", &assignment.answer_by)?;
    shape.serialize_entry("give_up_at", &assignment.give_up_at)?;
    shape.serialize_entry("alarms", &assignment.alarms)
}

/// `{"decision": "need", "keys"}`, `{"decision": "commit", "commit"}`, `{"decision": "unchanged"}` or
/// `{"decision": "refused", "problems": [{"path", "code", "message"}]}`
impl Serialize for Import {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        match self {
            Self::Need { keys } => {
                shape.serialize_entry("decision", "need")?;
                shape.serialize_entry("keys", keys)?;
            }
            Self::Commit(commit) => {
                shape.serialize_entry("decision", "commit")?;
                shape.serialize_entry("commit", commit)?;
            }
            Self::Unchanged => shape.serialize_entry("decision", "unchanged")?,
            Self::Refused { problems } => {
                shape.serialize_entry("decision", "refused")?;
                shape.serialize_entry("problems", problems)?;
            }
        }
        shape.end()
    }
}

/// `{"instance": the line or null, "owed"}`
impl Serialize for Export {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_struct("Export", 2)?;
        match self {
            Self::Line { instance, owed } => {
                shape.serialize_field("instance", &Raw(instance))?;
                shape.serialize_field("owed", owed)?;
            }
            Self::Unopened => {
                shape.serialize_field("instance", &None::<()>)?;
                shape.serialize_field("owed", &0)?;
            }
        }
        shape.end()
    }
}

impl Settling {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::Owed => "owed",
            Self::Asked => "asked",
            Self::Repeated => "repeated",
            Self::Superseded => "superseded",
            Self::Unknown => "unknown",
        }
    }
}

/// `{"decision": "need", "keys"}`, or `{"answer": …or null, "commit", "settling", "promoted", "reason", "alarms"}`
impl Serialize for Settlement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shape = serializer.serialize_map(None)?;
        match self {
            Self::Need { keys } => {
                shape.serialize_entry("decision", "need")?;
                shape.serialize_entry("keys", keys)?;
            }
            Self::Settled(Settled { answer, commit, effect, promoted, reason, alarms, .. }) => {
                shape.serialize_entry("answer", answer)?;
                shape.serialize_entry("commit", commit)?;
                shape.serialize_entry("settling", effect.name())?;
                shape.serialize_entry("promoted", promoted)?;
                shape.serialize_entry("reason", reason)?;
                shape.serialize_entry("alarms", alarms)?;
            }
        }
        shape.end()
    }
}
