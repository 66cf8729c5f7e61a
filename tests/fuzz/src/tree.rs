//! A second reader of JSON and a second writer of the canonical forms, as plain as can be: into a tree, every text
//! copied, one character after the other, names compared in pairs. The core's reader is held against it, to the byte
//! at which both stop.
//!
//! It stands for itself: the laws of the core, which has no prelude of the standard library, include this very file.

use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, vec};

/// One value, and nothing of how it was written but the text of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The source text.
    Number(String),
    /// Decoded.
    String(String),
    /// In order.
    Array(Vec<Tree>),
    /// In received order, repeated names too.
    Object(Vec<(String, Tree)>),
}

/// Where reading stopped, bytes from the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// At what is not JSON.
    Malformed(usize),
    /// At the bracket that is one too many.
    TooDeep(usize),
}

/// Reads a text that opens at most `levels` arrays and objects within each other.
///
/// # Errors
/// Whichever stop is met first; a text that is not UTF-8 stops there before all else.
pub fn read(text: &[u8], levels: usize) -> Result<Tree, Stop> {
    let text = std::str::from_utf8(text).map_err(|error| Stop::Malformed(error.valid_up_to()))?;
    let mut reader = Reader { text, rest: text };
    reader.skip_blanks();
    let tree = reader.value(levels)?;
    reader.skip_blanks();
    if reader.rest.is_empty() { Ok(tree) } else { Err(reader.malformed()) }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self, levels: usize) -> Result<Tree, Stop> {
        match self.rest.chars().next() {
            Some('[' | '{') if levels == 0 => Err(Stop::TooDeep(self.at())),
            Some('[') => self.list(']', |reader| reader.value(levels - 1)).map(Tree::Array),
            Some('{') => self.list('}', |reader| reader.member(levels - 1)).map(Tree::Object),
            Some('"') => self.string().map(Tree::String),
            Some('n') => self.word("null").map(|()| Tree::Null),
            Some('t') => self.word("true").map(|()| Tree::Bool(true)),
            Some('f') => self.word("false").map(|()| Tree::Bool(false)),
            _ => self.number().map(Tree::Number),
        }
    }

    fn list<T>(&mut self, end: char, item: impl Fn(&mut Self) -> Result<T, Stop>) -> Result<Vec<T>, Stop> {
        let mut items = Vec::new();
        self.take();
        self.skip_blanks();
        if self.takes(end) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            self.skip_blanks();
            if self.takes(end) {
                return Ok(items);
            }
            self.expect(',')?;
            self.skip_blanks();
        }
    }

    fn member(&mut self, levels: usize) -> Result<(String, Tree), Stop> {
        let name = self.string()?;
        self.skip_blanks();
        self.expect(':')?;
        self.skip_blanks();
        Ok((name, self.value(levels)?))
    }

    fn string(&mut self) -> Result<String, Stop> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.rest.chars().next() {
                Some('"') => {
                    self.take();
                    return Ok(text);
                }
                Some('\\') => {
                    self.take();
                    text.push(self.escape()?);
                }
                Some(character) if character >= ' ' => {
                    self.take();
                    text.push(character);
                }
                _ => return Err(self.malformed()),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Stop> {
        if self.takes('u') {
            return self.units();
        }
        let escaped = "\"\\/bfnrt".chars().zip("\"\\/\u{8}\u{c}\n\r\t".chars());
        let found = escaped.into_iter().find(|(letter, _)| self.rest.starts_with(*letter));
        let (_, character) = found.ok_or_else(|| self.malformed())?;
        self.take();
        Ok(character)
    }

    /// One unit of UTF-16, or two that are a pair.
    fn units(&mut self) -> Result<char, Stop> {
        let mut units = vec![self.unit()?];
        if (0xd800..0xdc00).contains(&units[0]) {
            self.expect('\\')?;
            self.expect('u')?;
            units.push(self.unit()?);
        }
        let text = String::from_utf16(&units).map_err(|_| self.malformed())?;
        text.chars().next().ok_or_else(|| self.malformed())
    }

    fn unit(&mut self) -> Result<u16, Stop> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.rest.chars().next().and_then(|letter| letter.to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.malformed())?;
            self.take();
        }
        u16::try_from(unit).map_err(|_| self.malformed())
    }

    fn number(&mut self) -> Result<String, Stop> {
        let before = self.rest;
        self.takes('-');
        if !self.takes('0') {
            self.digits()?;
        }
        if self.takes('.') {
            self.digits()?;
        }
        if self.takes('e') || self.takes('E') {
            let _ = self.takes('+') || self.takes('-');
            self.digits()?;
        }
        Ok(before[..before.len() - self.rest.len()].to_string())
    }

    fn digits(&mut self) -> Result<(), Stop> {
        let behind = self.rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let none = behind.len() == self.rest.len();
        self.rest = behind;
        if none { Err(self.malformed()) } else { Ok(()) }
    }

    fn word(&mut self, word: &str) -> Result<(), Stop> {
        word.chars().try_for_each(|letter| self.expect(letter))
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn expect(&mut self, character: char) -> Result<(), Stop> {
        if self.takes(character) { Ok(()) } else { Err(self.malformed()) }
    }

    fn takes(&mut self, character: char) -> bool {
        let is_next = self.rest.starts_with(character);
        if is_next {
            self.take();
        }
        is_next
    }

    fn take(&mut self) {
        let mut rest = self.rest.chars();
        rest.next();
        self.rest = rest.as_str();
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    fn malformed(&self) -> Stop {
        Stop::Malformed(self.at())
    }
}

impl Tree {
    /// Whether in some object a name stands twice.
    pub fn repeats_a_name(&self) -> bool {
        match self {
            Self::Array(elements) => elements.iter().any(Self::repeats_a_name),
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                names.windows(2).any(|pair| pair[0] == pair[1])
                    || members.iter().any(|(_, value)| value.repeats_a_name())
            }
            _ => false,
        }
    }

    /// The text without blanks, as Jackson would write it.
    pub fn compact(&self) -> String {
        match self {
            Self::Null => "null".to_string(),
            Self::Bool(value) => value.to_string(),
            Self::Number(text) => text.clone(),
            Self::String(text) => quoted(text),
            Self::Array(elements) => format!("[{}]", joined(elements.iter().map(Self::compact))),
            Self::Object(members) => {
                let member = |(name, value): &(String, Self)| format!("{}:{}", quoted(name), value.compact());
                format!("{{{}}}", joined(members.iter().map(member)))
            }
        }
    }

    /// A canonical form by its code; `None` for what has none, and for a code that is none.
    pub fn canonical(&self, code: &str) -> Option<String> {
        let Self::Object(members) = self else { return None };
        let mut members: Vec<_> = members.iter().filter(|(_, value)| *value != Self::Null).cloned().collect();
        match code {
            "top_level_sorted" => {}
            "recursively_sorted" => members.iter_mut().for_each(|(_, value)| value.sort()),
            "scalars_as_strings" => members.iter_mut().for_each(|(_, value)| {
                if matches!(value, Self::Bool(_) | Self::Number(_)) {
                    *value = Self::String(value.compact());
                }
            }),
            "descending" => {
                members.sort_by(|(left, _), (right, _)| right.encode_utf16().cmp(left.encode_utf16()));
                return Some(Self::Object(members).compact());
            }
            _ => return None,
        }
        sort(&mut members);
        Some(Self::Object(members).compact())
    }

    fn sort(&mut self) {
        match self {
            Self::Array(elements) => elements.iter_mut().for_each(Self::sort),
            Self::Object(members) => {
                members.iter_mut().for_each(|(_, value)| value.sort());
                sort(members);
            }
            _ => {}
        }
    }
}

fn sort(members: &mut [(String, Tree)]) {
    members.sort_by(|(left, _), (right, _)| left.encode_utf16().cmp(right.encode_utf16()));
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => out.push_str(&format!("\\u{:04X}", u32::from(control))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
