//! Reads one table member by member: what is asked for is known, what remains is unknown.

use std::net::SocketAddr;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::problem::Problems;

pub(super) struct Table<'a> {
    members: &'a Map<String, Value>,
    path: String,
    known: Vec<&'static str>,
}

impl<'a> Table<'a> {
    /// The table at `path` (empty for the document itself).
    pub(super) fn new(value: &'a Value, path: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Object(members) = value else {
            problems.add(path, "wrong-type", "must be a table");
            return None;
        };
        Some(Self { members, path: path.to_owned(), known: Vec::new() })
    }

    /// The path of a member.
    pub(super) fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A member as it stands.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.push(name);
        self.members.get(name)
    }

    /// A member that must be there.
    pub(super) fn required(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a Value> {
        let value = self.value(name);
        if value.is_none() {
            problems.add(&self.at(name), "missing", "is required");
        }
        value
    }

    pub(super) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        let value = self.value(name)?;
        if value.as_str().is_none() {
            problems.add(&self.at(name), "wrong-type", "must be a string");
        }
        value.as_str()
    }

    pub(super) fn required_text(&mut self, name: &'static str, problems: &mut Problems) -> Option<&'a str> {
        self.required(name, problems)?;
        self.text(name, problems)
    }

    /// A table inside this one.
    pub(super) fn table(&mut self, name: &'static str, problems: &mut Problems) -> Option<Table<'a>> {
        let value = self.value(name)?;
        Table::new(value, &self.at(name), problems)
    }

    /// A whole number in `range`.
    pub(super) fn number(
        &mut self,
        name: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> u64 {
        let Some(value) = self.value(name) else { return default };
        match value.as_u64() {
            None => problems.add(&self.at(name), "wrong-type", "must be a whole number"),
            Some(number) if range.contains(&number) => return number,
            Some(_) => {
                let message = format!("must be between {} and {}", range.start(), range.end());
                problems.add(&self.at(name), "out-of-range", message);
            }
        }
        default
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &'static str, default: bool, problems: &mut Problems) -> bool {
        let Some(value) = self.value(name) else { return default };
        value.as_bool().unwrap_or_else(|| {
            problems.add(&self.at(name), "wrong-type", "must be true or false");
            default
        })
    }

    /// One of several words; the first is the default.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let default = choices.first().map(|(_, value)| *value);
        if self.value(name).is_none() {
            return default;
        }
        let text = self.text(name, problems)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            problems.add(&self.at(name), "unknown-value", format!("must be one of: {}", words.join(", ")));
        }
        found
    }

    /// An IP address with a port.
    pub(super) fn address(&mut self, name: &'static str, problems: &mut Problems) -> Option<SocketAddr> {
        let text = self.required_text(name, problems)?;
        let address = text.parse().ok();
        if address.is_none() {
            let message = "must be an IP address with a port: 127.0.0.1:8080, [::1]:8080";
            problems.add(&self.at(name), "unknown-value", message);
        }
        address
    }

    /// Names every member that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for name in self.members.keys().filter(|name| !self.known.contains(&name.as_str())) {
            problems.add(&self.at(name), "unknown-field", "is not a setting");
        }
    }
}
