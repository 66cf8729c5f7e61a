//! Values that are written: answers as they stand, and the canonical form behind digests (RFC 8785).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::wire::json::{Value, push_string};
use crate::wire::utf16;

/// One JSON value. Numbers are whole: no other occurs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Json {
    #[default]
    Null,
    Bool(bool),
    Number(u64),
    /// A number that came from outside, as it was written.
    Digits(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Json {
    pub(super) fn of(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number("-0") => Self::Digits("0".to_string()),
            Value::Number(digits) => Self::Digits(digits.to_string()),
            Value::String(text) => text.into(),
            Value::Array(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Value::Object(members) => Self::Object(
                members.iter().map(|(name, value)| (name.to_string(), Self::of(value))).collect(),
            ),
        }
    }

    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
    }

    pub(super) fn to_text(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out, false);
        String::from_utf8(out).unwrap_or_default()
    }

    /// RFC 8785: members by the UTF-16 units of their names, no blank, the fewest escapes.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, true);
        out
    }

    fn write(&self, out: &mut Vec<u8>, canonical: bool) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Digits(digits) => out.extend_from_slice(digits.as_bytes()),
            Self::Text(text) if canonical => push_canonical(out, text),
            Self::Text(text) => push_string(out, text),
            Self::List(elements) => {
                out.push(b'[');
                for (index, element) in elements.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    element.write(out, canonical);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                let mut ordered: Vec<&(String, Self)> = members.iter().collect();
                if canonical {
                    ordered.sort_by(|(left, _), (right, _)| utf16::compare(left, right));
                }
                out.push(b'{');
                for (index, (name, value)) in ordered.into_iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    if canonical {
                        push_canonical(out, name);
                    } else {
                        push_string(out, name);
                    }
                    out.push(b':');
                    value.write(out, canonical);
                }
                out.push(b'}');
            }
        }
    }
}

/// As [`push_string`], with lower-case digits in escapes.
fn push_canonical(out: &mut Vec<u8>, text: &str) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let start = out.len();
    let has_control = text.bytes().any(|byte| byte < 0x20 && !b"\x08\t\n\x0c\r".contains(&byte));
    if !has_control {
        push_string(out, text);
        return;
    }
    out.truncate(start);
    out.push(b'"');
    for part in text.split_inclusive(|character: char| character < ' ') {
        let mut written = Vec::new();
        match part.as_bytes().split_last() {
            Some((last, before)) if *last < 0x20 && !b"\x08\t\n\x0c\r".contains(last) => {
                push_string(&mut written, core::str::from_utf8(before).unwrap_or_default());
                out.extend_from_slice(written.get(1..written.len().saturating_sub(1)).unwrap_or_default());
                let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0');
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(last >> 4), digit(last & 15)]);
            }
            _ => {
                push_string(&mut written, part);
                out.extend_from_slice(written.get(1..written.len().saturating_sub(1)).unwrap_or_default());
            }
        }
    }
    out.push(b'"');
}
