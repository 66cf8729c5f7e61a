//! Reads one JSON object of a configuration member by member: what is asked for is known, what remains is unknown.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::problem::Problems;
use crate::wire::json::{Members, Value};

/// One object, and which of its members somebody asked for.
pub(crate) struct Table<'a> {
    members: Members<'a>,
    path: String,
    known: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The object at `path` (empty for the document itself).
    pub(crate) fn new(value: Value<'a>, path: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Object(members) = value else {
            problems.add(path, "wrong-type", "must be a table");
            return None;
        };
        Some(Self { members, path: path.to_string(), known: Vec::new() })
    }

    /// The path of a member.
    pub(crate) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }

    /// The same object, of which nobody has asked for anything yet.
    pub(crate) fn fresh(&self) -> Self {
        Self { members: self.members, path: self.path.clone(), known: Vec::new() }
    }

    /// Takes over what somebody asked for who read the same object.
    pub(crate) fn know(&mut self, other: &Self) {
        self.known.extend(&other.known);
    }

    fn is_known(&self, name: &str) -> bool {
        self.known.contains(&name)
    }

    /// Whether there is a member that nobody asked for.
    pub(crate) fn has_unknown(&self) -> bool {
        self.members.iter().any(|(name, _)| !self.is_known(name))
    }

    /// A member as it stands.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.known.push(name);
        self.members.get(name)
    }

    pub(crate) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            problems.add(&self.at(name), "wrong-type", "must be a string");
        }
        value.as_str()
    }

    pub(crate) fn required_text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        if self.members.get(name).is_none() {
            problems.add(&self.at(name), "missing", "is required");
        }
        self.text(name, problems)
    }

    pub(crate) fn flag(&mut self, name: &'static str, default: bool, problems: &mut Problems) -> bool {
        let Some(value) = self.value(name) else { return default };
        if value.as_bool().is_none() {
            problems.add(&self.at(name), "wrong-type", "must be true or false");
        }
        value.as_bool().unwrap_or(default)
    }

    /// A whole number in `range`.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        default: u64,
        range: core::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> u64 {
        self.optional_number(name, range, problems).unwrap_or(default)
    }

    pub(crate) fn optional_number(
        &mut self,
        name: &'static str,
        range: core::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let value = self.value(name)?;
        let number: Option<u64> = value.as_number().and_then(|digits| digits.parse().ok());
        match number {
            None => problems.add(&self.at(name), "wrong-type", "must be a whole number"),
            Some(number) if !range.contains(&number) => {
                let message = format!("must be between {} and {}", range.start(), range.end());
                problems.add(&self.at(name), "out-of-range", &message);
            }
            Some(_) => {}
        }
        number
    }

    /// One of several words; the first is the default.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let Some(text) = self.text(name, problems) else { return choices.first().map(|(_, value)| *value) };
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            problems.add(&self.at(name), "unknown-value", &format!("must be one of: {}", words.join(", ")));
        }
        found
    }

    /// Names every member that nobody asked for. `others` was read by whoever else reads such objects: what it knows is a
    /// setting, but not here.
    pub(crate) fn finish(self, others: Option<&Self>, problems: &mut Problems) {
        for (name, _) in self.members.iter().filter(|(name, _)| !self.is_known(name)) {
            let elsewhere = others.is_some_and(|others| others.is_known(name));
            let message = if elsewhere { "is not a setting of this dialect" } else { "is not a setting" };
            problems.add(&self.at(name), "unknown-field", message);
        }
    }
}
