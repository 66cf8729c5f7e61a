//! A JSON text as a tree that keeps what the text said.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

/// A decoded string or name. Borrowed from the source unless that held escapes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<'a>(Cow<'a, str>);

/// The members of an object in the order in which they arrived.
pub type Members<'a> = Vec<(Text<'a>, Value<'a>)>;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The exact source text: `1.10` and `1e5` stay what they are.
    Number(&'a str),
    /// A string, decoded.
    String(Text<'a>),
    /// The elements in order.
    Array(Vec<Value<'a>>),
    /// The members in received order. No name stands twice, unless the text was read by
    /// [`read_repeated`](super::read_repeated).
    Object(Members<'a>),
}

impl<'a> Text<'a> {
    /// A slice of the source between two quotes, without escapes.
    pub(super) const fn plain(source: &'a str) -> Self {
        Self(Cow::Borrowed(source))
    }

    /// What escapes decoded to.
    pub(super) const fn decoded(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    /// The source text, if it needs no escape in any JSON text: it had none when it was read, so it holds no quote,
    /// no backslash and no control character.
    pub(super) fn as_plain(&self) -> Option<&'a str> {
        match self.0 {
            Cow::Borrowed(source) => Some(source),
            Cow::Owned(_) => None,
        }
    }

    /// The decoded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The decoded text, without a copy if it was not escaped.
    #[must_use]
    pub fn into_cow(self) -> Cow<'a, str> {
        self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(formatter)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self)
    }
}

impl<'a> Value<'a> {
    /// The value of a member, its name compared exactly; `None` without it or in anything but an object.
    /// Of a repeated name, which only [`read_repeated`](super::read_repeated) lets pass, the last.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        let members = self.as_object()?;
        members.iter().rev().find_map(|(other, value)| (other == name).then_some(value))
    }

    /// The decoded text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a boolean says.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The source text of a number.
    #[must_use]
    pub const fn as_number(&self) -> Option<&'a str> {
        match self {
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(Text<'a>, Value<'a>)]> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
