//! Reads one JSON object of a configuration member by member: what is asked for is known, what remains is unknown.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::problem::Problems;
use crate::wire::json::{Text, Value};

pub(super) struct Table<'a> {
    members: &'a [(Text<'a>, Value<'a>)],
    path: String,
    known: Vec<&'static str>,
    withheld: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The object at `path` (empty for the document itself).
    pub(super) fn new(value: &'a Value<'a>, path: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Object(members) = value else {
            problems.add(path, "wrong-type", "must be a table");
            return None;
        };
        Some(Self { members, path: path.to_string(), known: Vec::new(), withheld: Vec::new() })
    }

    /// The path of a member.
    pub(super) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_string() } else { format!("{}.{name}", self.path) }
    }

    /// Settings that there are, but not here: who asks for them finds nothing, and who wrote them is told.
    pub(super) fn withhold(&mut self, names: Vec<&'static str>) {
        self.withheld.extend(names);
    }

    /// A member as it stands.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value<'a>> {
        if self.withheld.contains(&name) {
            return None;
        }
        self.known.push(name);
        self.members.iter().find_map(|(other, value)| (other == name).then_some(value))
    }

    pub(super) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            problems.add(&self.at(name), "wrong-type", "must be a string");
        }
        value.as_str()
    }

    pub(super) fn required_text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        if self.members.iter().all(|(other, _)| other != name) {
            problems.add(&self.at(name), "missing", "is required");
        }
        self.text(name, problems)
    }

    pub(super) fn flag(&mut self, name: &'static str, default: bool, problems: &mut Problems) -> bool {
        let Some(value) = self.value(name) else { return default };
        if value.as_bool().is_none() {
            problems.add(&self.at(name), "wrong-type", "must be true or false");
        }
        value.as_bool().unwrap_or(default)
    }

    /// A whole number in `range`.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        default: u64,
        range: core::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> u64 {
        self.optional_number(name, range, problems).unwrap_or(default)
    }

    pub(super) fn optional_number(
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
    pub(super) fn choice<T: Copy>(
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

    /// Names every member that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (name, _) in self.members.iter().filter(|(name, _)| !self.known.contains(&name.as_str())) {
            let withheld = self.withheld.contains(&name.as_str());
            let message = if withheld { "is not a setting of this dialect" } else { "is not a setting" };
            problems.add(&self.at(name), "unknown-field", message);
        }
    }
}
