//! Reads closed objects: whatever nobody asks for is a mistake, and all mistakes are told at once, each with its path.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use crate::config::Problems;
use crate::wire::json::{Members, Value, push_string};

/// The greatest number: 2^53 − 1, so that every language has it.
pub(super) const GREATEST: u64 = 9_007_199_254_740_991;

/// The path of a member: `policy.plans`, `policy.actions["doc.view"]`.
pub(super) fn member(path: &str, name: &str) -> String {
    let is_word = name.bytes().enumerate().all(|(index, byte)| {
        byte.is_ascii_alphabetic() || byte == b'_' || index > 0 && byte.is_ascii_digit()
    });
    if path.is_empty() {
        return name.to_string();
    }
    if is_word && !name.is_empty() {
        return format!("{path}.{name}");
    }
    let mut quoted = Vec::new();
    push_string(&mut quoted, name);
    format!("{path}[{}]", String::from_utf8_lossy(&quoted))
}

/// The path of an element.
pub(super) fn element(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// One closed object.
pub(super) struct Object<'a> {
    members: Members<'a>,
    pub(super) path: String,
    known: Vec<&'static str>,
}

impl<'a> Object<'a> {
    pub(super) fn new(value: Value<'a>, path: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Object(members) = value else {
            problems.add(path, "wrong-type", "must be an object");
            return None;
        };
        Some(Self { members, path: path.to_string(), known: Vec::new() })
    }

    pub(super) fn at(&self, name: &str) -> String {
        member(&self.path, name)
    }

    /// A member; null is as good as absent.
    pub(super) fn value(&mut self, name: &'static str) -> Option<Value<'a>> {
        self.known.push(name);
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// Whether a member is there, null included.
    pub(super) fn names(&self, name: &str) -> bool {
        self.members.get(name).is_some()
    }

    /// A member that must be there.
    pub(super) fn required(&mut self, name: &'static str, problems: &mut Problems) -> Option<Value<'a>> {
        let value = self.value(name);
        if value.is_none() {
            problems.add(&self.at(name), "missing", "is required");
        }
        value
    }

    /// Names every member that nobody asked for.
    pub(super) fn finish(self, problems: &mut Problems) {
        for (name, _) in self.members.iter().filter(|(name, _)| !self.known.contains(name)) {
            problems.add(&member(&self.path, name), "unknown-field", "is not a field");
        }
    }

    pub(super) fn flag(&mut self, name: &'static str, default: bool, problems: &mut Problems) -> bool {
        match self.value(name) {
            None => default,
            Some(value) => value.as_bool().unwrap_or_else(|| {
                problems.add(&self.at(name), "wrong-type", "must be true or false");
                default
            }),
        }
    }

    /// A text of 1 to `most` bytes.
    pub(super) fn text(
        &mut self,
        name: &'static str,
        most: usize,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let value = self.value(name)?;
        text(value, &self.at(name), most, problems)
    }

    /// A text whose emptiness means that there is none, as on the wire.
    pub(super) fn text_or_none(
        &mut self,
        name: &'static str,
        most: usize,
        problems: &mut Problems,
    ) -> Option<&'a str> {
        let value = self.value(name).filter(|value| value.as_str() != Some(""))?;
        text(value, &self.at(name), most, problems)
    }

    pub(super) fn required_text(
        &mut self,
        name: &'static str,
        most: usize,
        problems: &mut Problems,
    ) -> &'a str {
        let Some(value) = self.required(name, problems) else { return "" };
        text(value, &self.at(name), most, problems).unwrap_or_default()
    }

    pub(super) fn number(
        &mut self,
        name: &'static str,
        range: RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let value = self.value(name)?;
        number(value, &self.at(name), range, problems)
    }

    /// One of several words.
    pub(super) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        words: &[(&'static str, T)],
        problems: &mut Problems,
    ) -> Option<T> {
        let value = self.value(name)?;
        word(value, &self.at(name), words, problems)
    }

    /// The elements of a list, each with its path.
    pub(super) fn list(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<(String, Value<'a>)>> {
        let value = self.value(name)?;
        elements(value, &self.at(name), problems)
    }

    /// The members of an object whose names are data, each with its path.
    pub(super) fn entries(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<(&'a str, String, Value<'a>)>> {
        let value = self.value(name)?;
        let path = self.at(name);
        let Value::Object(members) = value else {
            problems.add(&path, "wrong-type", "must be an object");
            return None;
        };
        Some(members.iter().map(|(name, value)| (name, member(&path, name), value)).collect())
    }
}

pub(super) fn elements<'a>(
    value: Value<'a>,
    path: &str,
    problems: &mut Problems,
) -> Option<Vec<(String, Value<'a>)>> {
    let Some(list) = value.as_array() else {
        problems.add(path, "wrong-type", "must be a list");
        return None;
    };
    Some(list.iter().enumerate().map(|(index, value)| (element(path, index), value)).collect())
}

pub(super) fn text<'a>(
    value: Value<'a>,
    path: &str,
    most: usize,
    problems: &mut Problems,
) -> Option<&'a str> {
    match value.as_str() {
        None => problems.add(path, "wrong-type", "must be a text"),
        Some(text) if text.is_empty() || text.len() > most => {
            problems.add(path, "out-of-range", &format!("must have 1 to {most} bytes"));
        }
        Some(text) => return Some(text),
    }
    None
}

pub(super) fn number(
    value: Value<'_>,
    path: &str,
    range: RangeInclusive<u64>,
    problems: &mut Problems,
) -> Option<u64> {
    let Some(digits) = value.as_number() else {
        problems.add(path, "wrong-type", "must be a whole number");
        return None;
    };
    // No fraction, no exponent; a minus sign is below every range.
    let is_whole = digits.strip_prefix('-').unwrap_or(digits).bytes().all(|byte| byte.is_ascii_digit());
    if !is_whole {
        problems.add(path, "wrong-type", "must be a whole number");
        return None;
    }
    match digits.parse::<u64>() {
        Ok(number) if range.contains(&number) => Some(number),
        _ if digits == "-0" && range.contains(&0) => Some(0),
        _ => {
            let message = format!("must be between {} and {}", range.start(), range.end());
            problems.add(path, "out-of-range", &message);
            None
        }
    }
}

pub(super) fn word<T: Copy>(
    value: Value<'_>,
    path: &str,
    words: &[(&'static str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let Some(text) = value.as_str() else {
        problems.add(path, "wrong-type", "must be a text");
        return None;
    };
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    if found.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        problems.add(path, "unknown-value", &format!("must be one of: {}", words.join(", ")));
    }
    found
}

/// A name of features, limits, actions, roles, plans and regions.
pub(super) fn name<'a>(value: Value<'a>, path: &str, problems: &mut Problems) -> Option<&'a str> {
    let Some(text) = value.as_str() else {
        problems.add(path, "wrong-type", "must be a text");
        return None;
    };
    if !is_name(text) {
        problems.add(path, "malformed", "must match [A-Za-z0-9][A-Za-z0-9._:/-]{0,63}");
        return None;
    }
    Some(text)
}

pub(super) fn is_name(text: &str) -> bool {
    let is_first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let is_rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._:/-".contains(&byte);
    is_first && text.len() <= 64 && text.bytes().all(is_rest)
}

/// A list of texts in which none stands twice.
pub(super) fn texts<'a>(
    list: Vec<(String, Value<'a>)>,
    read: impl Fn(Value<'a>, &str, &mut Problems) -> Option<&'a str>,
    problems: &mut Problems,
) -> Vec<String> {
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for (path, value) in list {
        let Some(text) = read(value, &path, problems) else { continue };
        if !known.insert(text) {
            problems.add(&path, "duplicate", "stands in this list already");
        }
        found.push(text.to_string());
    }
    found
}
