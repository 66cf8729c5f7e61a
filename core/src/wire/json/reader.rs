//! A strict reader of JSON (RFC 8259).

use alloc::string::String;
use alloc::vec::Vec;

use super::document::{Document, Kind, Node, Spelling};
use crate::wire::repeat::any_repeated_of_many;
use crate::wire::{hex, scan};

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
/// says. Time is near-linear in the length, whatever the text. Memory is at most about 32 times the length, for
/// texts made of nothing but `0,0,…`; the host's limit on bodies bounds it.
///
/// # Errors
///
/// [`JsonError::Malformed`] or [`JsonError::TooDeep`], whichever is met first; [`JsonError::DuplicateName`] only of
/// a text that is fine in every other respect.
pub fn read(text: &[u8]) -> Result<Document<'_>, JsonError> {
    match read_repeated(text)? {
        (document, false) => Ok(document),
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
pub fn read_repeated(text: &[u8]) -> Result<(Document<'_>, bool), JsonError> {
    read_within(text, DEPTH_LIMIT)
}

/// Reads what this crate wrote around a value that [`read`] had taken in: that may be two levels deeper.
pub(crate) fn read_own(text: &[u8]) -> Result<Document<'_>, JsonError> {
    read_within(text, DEPTH_LIMIT.saturating_add(2)).map(|(document, _)| document)
}

fn read_within(text: &[u8], levels: usize) -> Result<(Document<'_>, bool), JsonError> {
    let text =
        core::str::from_utf8(text).map_err(|error| JsonError::Malformed { at: error.valid_up_to() })?;
    // Callback bodies have a name or value every fourteen bytes.
    let nodes = Vec::with_capacity((text.len() / 8).clamp(4, 256));
    let document = Document { text, decoded: String::new(), nodes };
    let mut reader = Reader { document, at: 0, loose: 0, repeated: false };
    match reader.text(levels) {
        Ok(()) => Ok((reader.document, reader.repeated)),
        Err(Stop::Malformed) => Err(JsonError::Malformed { at: reader.at }),
        Err(Stop::TooDeep) => Err(JsonError::TooDeep { at: reader.at }),
    }
}

/// Why reading stops where it is.
enum Stop {
    Malformed,
    TooDeep,
}

struct Reader<'a> {
    document: Document<'a>,
    /// Bytes read. Never beyond the text.
    at: usize,
    /// Bytes up to the last blank between tokens and the last escape that could be spelt in another way.
    loose: usize,
    repeated: bool,
}

impl Reader<'_> {
    fn text(&mut self, levels: usize) -> Result<(), Stop> {
        self.skip_blanks();
        self.value(levels)?;
        self.skip_blanks();
        if self.peek().is_none() { Ok(()) } else { Err(Stop::Malformed) }
    }

    /// `levels`: how many arrays and objects may still be opened.
    fn value(&mut self, levels: usize) -> Result<(), Stop> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'{') => self.object(self.deeper(levels)?),
            Some(b'[') => self.array(self.deeper(levels)?),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word("null", Kind::Null),
            Some(b't') => self.word("true", Kind::Bool(true)),
            Some(b'f') => self.word("false", Kind::Bool(false)),
            _ => Err(Stop::Malformed),
        }
    }

    fn object(&mut self, levels: usize) -> Result<(), Stop> {
        let (index, start) = self.open();
        let mut names = Names::default();
        if !self.take(b'}') {
            loop {
                if self.peek() != Some(b'"') {
                    return Err(Stop::Malformed);
                }
                self.string()?;
                // Remembered, not refused at once: whether the rest is well-formed decides what is reported.
                self.repeated |= names.repeats_one(&mut self.document, index);
                self.skip_blanks();
                self.expect(b':')?;
                self.skip_blanks();
                self.value(levels)?;
                self.skip_blanks();
                if self.take(b'}') {
                    break;
                }
                self.expect(b',')?;
                self.skip_blanks();
            }
        }
        self.close(index, start, Kind::Object);
        self.repeated |= names.repeat_at_last(&self.document, index);
        Ok(())
    }

    fn array(&mut self, levels: usize) -> Result<(), Stop> {
        let (index, start) = self.open();
        if !self.take(b']') {
            loop {
                self.value(levels)?;
                self.skip_blanks();
                if self.take(b']') {
                    break;
                }
                self.expect(b',')?;
                self.skip_blanks();
            }
        }
        self.close(index, start, Kind::Array);
        Ok(())
    }

    /// The place of a node that is known when it ends, and where its source begins.
    fn open(&mut self) -> (usize, usize) {
        let opened = (self.document.nodes.len(), self.at);
        self.push(Kind::Null, self.at, self.at);
        self.step();
        self.skip_blanks();
        opened
    }

    fn close(&mut self, index: usize, start: usize, kind: fn(Spelling) -> Kind) {
        let size = self.document.nodes.len().wrapping_sub(index);
        let spelling = if self.loose <= start { Spelling::Compact } else { Spelling::Loose };
        if let Some(node) = self.document.nodes.get_mut(index) {
            *node = Node { kind: kind(spelling), start, end: self.at, size };
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        self.document.nodes.push(Node { kind, start, end, size: 1 });
    }

    fn string(&mut self) -> Result<(), Stop> {
        self.step();
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            self.push(Kind::Plain, start, self.at);
            self.step();
            return Ok(());
        }
        self.escaped(start)
    }

    /// The rest of a string from its first escape on.
    fn escaped(&mut self, mut plain: usize) -> Result<(), Stop> {
        let start = self.document.decoded.len();
        loop {
            let run = self.document.text.get(plain..self.at).unwrap_or_default();
            self.document.decoded.push_str(run);
            if self.take(b'"') {
                break;
            }
            self.expect(b'\\')?;
            let character = self.escape()?;
            self.document.decoded.push(character);
            plain = self.at;
            self.skip_plain();
        }
        self.push(Kind::Escaped, start, self.document.decoded.len());
        Ok(())
    }

    /// Up to the next character that may not stand in a string as it is.
    fn skip_plain(&mut self) {
        let rest = self.document.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = scan::json_special(rest).unwrap_or(rest.len());
        self.at = self.at.wrapping_add(length);
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Stop> {
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
                self.loose = self.at;
                return self.escaped_character();
            }
            _ => return Err(Stop::Malformed),
        };
        self.step();
        if character == '/' {
            self.loose = self.at;
        }
        Ok(character)
    }

    /// The character of one `\uXXXX`, or of two that are a pair of surrogates.
    fn escaped_character(&mut self) -> Result<char, Stop> {
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
            _ => Err(Stop::Malformed),
        }
    }

    fn unit(&mut self) -> Result<u16, Stop> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(hex::value).ok_or(Stop::Malformed)?;
            unit = unit << 4 | u16::from(digit);
            self.step();
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<(), Stop> {
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
        self.push(Kind::Number, start, self.at);
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), Stop> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.step();
        }
        if self.at == start { Err(Stop::Malformed) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<(), Stop> {
        let start = self.at;
        for byte in word.bytes() {
            self.expect(byte)?;
        }
        self.push(kind, start, self.at);
        Ok(())
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.step();
            self.loose = self.at;
        }
    }

    fn deeper(&self, levels: usize) -> Result<usize, Stop> {
        levels.checked_sub(1).ok_or(Stop::TooDeep)
    }

    fn expect(&mut self, byte: u8) -> Result<(), Stop> {
        if self.take(byte) { Ok(()) } else { Err(Stop::Malformed) }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.step();
        }
        found
    }

    fn peek(&self) -> Option<u8> {
        self.document.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.wrapping_add(1);
    }
}

/// Up to so many names of an object are held against each other as they come; beyond it all are sorted, so that a
/// hostile text with very many names costs no more than n log n.
const FEW: usize = 128;

/// What is remembered of the names of one object.
#[derive(Default)]
struct Names {
    count: usize,
    /// A bit for each name. Of equal names it is the same; most others have another one, and need no comparison.
    marks: [u64; 8],
}

impl Names {
    /// Whether the name that was read last stands in the object already. Never of one beyond the few.
    fn repeats_one(&mut self, document: &mut Document<'_>, object: usize) -> bool {
        self.count = self.count.saturating_add(1);
        let name = document.nodes.last().map(|name| document.span(name)).unwrap_or_default();
        let hash = hash(name.as_bytes());
        if let Some(name) = document.nodes.last_mut() {
            name.size = (hash >> 32) as usize;
        }
        if self.is_new(hash) || self.count > FEW {
            return false;
        }
        let Some(last) = document.nodes.last() else { return false };
        let mut known = document.names(object).take(self.count.saturating_sub(1));
        known.any(|name| name.size == last.size && document.span(name) == document.span(last))
    }

    /// Whether the name is for sure none that was seen before. From now on it was.
    fn is_new(&mut self, hash: u64) -> bool {
        let Some(marks) = self.marks.get_mut((hash >> 61) as usize) else { return false };
        let mark = 1 << (hash >> 55 & 0x3f);
        let is_new = *marks & mark == 0;
        *marks |= mark;
        is_new
    }

    /// Whether two of very many names are equal.
    fn repeat_at_last(&self, document: &Document<'_>, object: usize) -> bool {
        if self.count <= FEW {
            return false;
        }
        let mut names = Vec::with_capacity(self.count);
        names.extend(document.names(object).map(|name| document.span(name)));
        any_repeated_of_many(names)
    }
}

/// By both ends of a name: many are numbered, or differ at their beginning only. The highest bits are the best.
fn hash(name: &[u8]) -> u64 {
    let ends = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29),
        _ => name.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    ends.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
