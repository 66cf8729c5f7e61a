//! A strict reader of JSON (RFC 8259).

use alloc::string::String;
use alloc::vec::Vec;

use super::value::{Members, Text, Value};
use crate::wire::hex;
use crate::wire::repeat::any_repeated;
use crate::wire::scan;

/// Arrays and objects within each other, the outermost included. Callback bodies have three levels.
pub const DEPTH_LIMIT: usize = 64;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonError {
    /// It is no JSON text. `at` is the byte where reading stopped.
    Malformed {
        /// Bytes from the beginning of the text.
        at: usize,
    },
    /// It goes deeper than [`DEPTH_LIMIT`]. What stands behind was not read.
    TooDeep {
        /// Bytes from the beginning of the text, to the bracket that was one too many.
        at: usize,
    },
    /// It is well-formed, but in some object a decoded name stands twice.
    DuplicateName,
}

impl JsonError {
    /// A stable code for logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed { .. } => "json_malformed",
            Self::TooDeep { .. } => "json_too_deep",
            Self::DuplicateName => "json_duplicate_name",
        }
    }
}

/// Reads one JSON text in UTF-8, without byte order mark, of any type, blanks around it allowed.
///
/// Stricter than many readers: a lone surrogate escape (`"\ud800"`) is malformed, since no UTF-8 can carry what it
/// says. Time is near-linear in the length, whatever the text. Memory is at most about 60 times the length, for
/// texts made of nothing but `[0],[0],…`; the host's limit on bodies bounds it.
///
/// # Errors
///
/// [`JsonError::Malformed`] or [`JsonError::TooDeep`], whichever is met first; [`JsonError::DuplicateName`] only of
/// a text that is fine in every other respect.
pub fn read(text: &[u8]) -> Result<Value<'_>, JsonError> {
    match read_repeated(text)? {
        (value, false) => Ok(value),
        (_, true) => Err(JsonError::DuplicateName),
    }
}

/// As [`read`], but lets repeated names pass, all of them kept in order, and says whether there are any.
///
/// For documents whose published samples repeat a name; everywhere else [`read`] is right.
///
/// # Errors
///
/// [`JsonError::Malformed`] or [`JsonError::TooDeep`], whichever is met first.
pub fn read_repeated(text: &[u8]) -> Result<(Value<'_>, bool), JsonError> {
    read_within(text, DEPTH_LIMIT)
}

/// Reads what this crate wrote around a value that [`read`] had taken in: that may be two levels deeper.
pub(crate) fn read_own(text: &[u8]) -> Result<Value<'_>, JsonError> {
    read_within(text, DEPTH_LIMIT.saturating_add(2)).map(|(value, _)| value)
}

fn read_within(text: &[u8], levels: usize) -> Result<(Value<'_>, bool), JsonError> {
    let text =
        core::str::from_utf8(text).map_err(|error| JsonError::Malformed { at: error.valid_up_to() })?;
    let mut reader = Reader { text, at: 0, repeated: false };
    reader.skip_blanks();
    let value = reader.value(levels)?;
    reader.skip_blanks();
    match reader.peek() {
        None => Ok((value, reader.repeated)),
        Some(_) => Err(reader.malformed()),
    }
}

struct Reader<'a> {
    text: &'a str,
    /// Bytes read. Never beyond the text.
    at: usize,
    repeated: bool,
}

impl<'a> Reader<'a> {
    /// `levels`: how many arrays and objects may still be opened.
    fn value(&mut self, levels: usize) -> Result<Value<'a>, JsonError> {
        match self.peek() {
            Some(b'"') => self.string().map(Value::String),
            Some(b'{') => self.object(self.deeper(levels)?).map(Value::Object),
            Some(b'[') => self.array(self.deeper(levels)?).map(Value::Array),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b'n') => self.word("null", Value::Null),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            _ => Err(self.malformed()),
        }
    }

    fn object(&mut self, levels: usize) -> Result<Members<'a>, JsonError> {
        // Callback bodies have three to twelve members at the top; growing from nothing would allocate twice more.
        let outermost = levels.wrapping_add(1) == DEPTH_LIMIT;
        let mut members = Vec::with_capacity(if outermost { 8 } else { 0 });
        self.step();
        self.skip_blanks();
        if self.take(b'}') {
            return Ok(members);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.malformed());
            }
            let name = self.string()?;
            self.skip_blanks();
            self.expect(b':')?;
            self.skip_blanks();
            members.push((name, self.value(levels)?));
            self.skip_blanks();
            if self.take(b'}') {
                break;
            }
            self.expect(b',')?;
            self.skip_blanks();
        }
        // Remembered, not refused at once: whether the rest is well-formed decides what is reported.
        self.repeated = self.repeated || any_repeated(members.iter().map(|(name, _)| name.as_str()));
        Ok(members)
    }

    fn array(&mut self, levels: usize) -> Result<Vec<Value<'a>>, JsonError> {
        let mut elements = Vec::new();
        self.step();
        self.skip_blanks();
        if self.take(b']') {
            return Ok(elements);
        }
        loop {
            elements.push(self.value(levels)?);
            self.skip_blanks();
            if self.take(b']') {
                return Ok(elements);
            }
            self.expect(b',')?;
            self.skip_blanks();
        }
    }

    fn string(&mut self) -> Result<Text<'a>, JsonError> {
        self.step();
        let plain = self.plain_run();
        if self.take(b'"') {
            return Ok(Text::plain(plain));
        }
        let mut decoded = String::from(plain);
        while !self.take(b'"') {
            self.expect(b'\\')?;
            decoded.push(self.escape()?);
            decoded.push_str(self.plain_run());
        }
        Ok(Text::decoded(decoded))
    }

    /// The characters up to the next one that may not stand in a string as it is.
    fn plain_run(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = scan::json_special(rest.as_bytes()).unwrap_or(rest.len());
        self.at = self.at.wrapping_add(length);
        rest.get(..length).unwrap_or_default()
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'u') => {
                self.step();
                return self.escaped_character();
            }
            _ => return Err(self.malformed()),
        };
        self.step();
        Ok(character)
    }

    /// The character of one `\uXXXX`, or of two that are a pair of surrogates.
    fn escaped_character(&mut self) -> Result<char, JsonError> {
        let first = self.unit()?;
        let second = if (0xd800..0xdc00).contains(&first) {
            self.expect(b'\\')?;
            self.expect(b'u')?;
            Some(self.unit()?)
        } else {
            None
        };
        let mut decoded = char::decode_utf16(core::iter::once(first).chain(second));
        match (decoded.next(), decoded.next()) {
            (Some(Ok(character)), None) => Ok(character),
            _ => Err(self.malformed()),
        }
    }

    fn unit(&mut self) -> Result<u16, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(hex::value).ok_or(self.malformed())?;
            unit = unit << 4 | u16::from(digit);
            self.step();
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        self.text.get(start..self.at).ok_or(self.malformed())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.step();
        }
        if self.at == start { Err(self.malformed()) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, JsonError> {
        for byte in word.bytes() {
            self.expect(byte)?;
        }
        Ok(value)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
        }
    }

    fn deeper(&self, levels: usize) -> Result<usize, JsonError> {
        levels.checked_sub(1).ok_or(JsonError::TooDeep { at: self.at })
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.malformed()) }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.step();
        }
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    const fn malformed(&self) -> JsonError {
        JsonError::Malformed { at: self.at }
    }
}
