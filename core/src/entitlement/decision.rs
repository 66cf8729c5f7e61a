//! What a check comes to, as it is written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::code::{CheckCode, Codes};
use super::json::Json;
use crate::wire::time;

/// The answer to a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// He may.
    Allow,
    /// He may read.
    AllowReadOnly,
    /// He may, once a second factor has passed.
    SecondFactor,
    /// He may not.
    Deny,
}

impl Verdict {
    /// The word in `decision`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::AllowReadOnly => "allow-read-only",
            Self::SecondFactor => "second-factor",
            Self::Deny => "deny",
        }
    }
}

/// The answer to a check without its sentences: of a fixed size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What it comes to.
    pub verdict: Verdict,
    /// Why.
    pub reason: CheckCode,
    /// Every check that failed, also after the first.
    pub failed: Codes,
    /// What changes nothing yet.
    pub warnings: Codes,
    /// Until when it holds while no record changes: milliseconds, UTC. `None`: for ever.
    pub valid_until: Option<u64>,
    /// The plan, by its place in the policy.
    pub plan: Option<u32>,
    /// The role, by its place in the policy.
    pub role: Option<u32>,
}

/// A value that was expected or found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Datum {
    None,
    Flag(bool),
    Number(u64),
    Instant(u64),
    Text(String),
    List(Vec<String>),
}

impl From<&str> for Datum {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<Option<&String>> for Datum {
    fn from(text: Option<&String>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.clone()))
    }
}

impl Datum {
    fn to_json(&self) -> Json {
        match self {
            Self::None => Json::Null,
            Self::Flag(value) => Json::Bool(*value),
            Self::Number(number) | Self::Instant(number) => Json::Number(*number),
            Self::Text(text) => Json::Text(text.clone()),
            Self::List(texts) => Json::List(texts.iter().map(|text| Json::Text(text.clone())).collect()),
        }
    }

    /// As it stands in a sentence.
    fn to_text(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Flag(value) => value.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Instant(instant) => time::format_rfc3339(*instant),
            Self::Text(text) => text.clone(),
            Self::List(texts) => texts.join(", "),
        }
    }
}

/// One check that failed, or one warning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) code: CheckCode,
    pub(super) name: Option<String>,
    pub(super) expected: Datum,
    pub(super) found: Datum,
}

impl Entry {
    fn to_json(&self) -> Json {
        let reason = self.code.reason();
        Json::object([
            ("code", reason.name.into()),
            ("number", u64::from(reason.number).into()),
            ("name", self.name.as_deref().into()),
            ("expected", self.expected.to_json()),
            ("found", self.found.to_json()),
        ])
    }

    fn filled(&self, sentence: &str) -> String {
        let mut out = String::new();
        let mut rest = sentence;
        // Once from left to right: what is filled in may look like a place itself.
        while let Some((before, behind)) = rest.split_once('{') {
            let (place, behind) = behind.split_once('}').unwrap_or((behind, ""));
            out.push_str(before);
            match place {
                "name" => out.push_str(self.name.as_deref().unwrap_or_default()),
                "expected" => out.push_str(&self.expected.to_text()),
                _ => out.push_str(&self.found.to_text()),
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}

/// A limit and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) name: String,
    /// `None`: no limit.
    pub(super) limit: Option<u64>,
    pub(super) used: u64,
}

/// What was found, for people and screens.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) phase: Option<&'static str>,
    pub(super) plan: Option<String>,
    pub(super) role: Option<String>,
    pub(super) limit: Option<Used>,
    pub(super) seats: Option<Used>,
}

/// What a check came to.
#[derive(Debug, Clone)]
pub struct Decision {
    pub(super) verdict: Verdict,
    pub(super) reason: Entry,
    pub(super) failed: Vec<Entry>,
    pub(super) warnings: Vec<Entry>,
    pub(super) valid_until: Option<u64>,
    pub(super) as_of: Option<u64>,
    pub(super) policy_version: String,
    pub(super) inputs_digest: String,
    pub(super) facts: Facts,
}

impl Decision {
    /// Whether he may.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// The first check that denies; else what else there is to say.
    #[must_use]
    pub const fn reason(&self) -> CheckCode {
        self.reason.code
    }

    /// Every check that failed, by number.
    pub fn failed(&self) -> impl Iterator<Item = CheckCode> {
        self.failed.iter().map(|entry| entry.code)
    }

    /// What changes nothing yet, by number.
    pub fn warnings(&self) -> impl Iterator<Item = CheckCode> {
        self.warnings.iter().map(|entry| entry.code)
    }

    /// Until when the answer holds while no record changes: milliseconds, UTC. `None`: for ever.
    #[must_use]
    pub const fn valid_until(&self) -> Option<u64> {
        self.valid_until
    }

    /// The whole decision as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let reason = self.reason.code.reason();
        let list = |entries: &[Entry]| Json::List(entries.iter().map(Entry::to_json).collect());
        let used = |used: &Option<Used>, named: bool| match used {
            None => Json::Null,
            Some(used) => {
                let mut members = Vec::new();
                if named {
                    members.push(("name".to_string(), Json::Text(used.name.clone())));
                }
                members.push(("limit".to_string(), used.limit.into()));
                members.push(("used".to_string(), used.used.into()));
                Json::Object(members)
            }
        };
        let facts = &self.facts;
        Json::object([
            ("decision", self.verdict.name().into()),
            (
                "reason",
                Json::object([
                    ("code", reason.name.into()),
                    ("number", u64::from(reason.number).into()),
                    ("zh", self.reason.filled(reason.zh).as_str().into()),
                    ("en", self.reason.filled(reason.en).as_str().into()),
                ]),
            ),
            ("failed", list(&self.failed)),
            ("warnings", list(&self.warnings)),
            ("valid_until", self.valid_until.into()),
            ("as_of", self.as_of.into()),
            ("policy_version", self.policy_version.as_str().into()),
            ("inputs_digest", self.inputs_digest.as_str().into()),
            (
                "facts",
                Json::object([
                    ("phase", facts.phase.into()),
                    ("plan", facts.plan.as_deref().into()),
                    ("role", facts.role.as_deref().into()),
                    ("limit", used(&facts.limit, true)),
                    ("seats", used(&facts.seats, false)),
                ]),
            ),
        ])
        .to_text()
    }
}
