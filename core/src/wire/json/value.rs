//! Views of what a document holds.

use core::fmt;

use super::document::{Document, Kind, Run};

/// One JSON value.
#[derive(Clone, Copy)]
pub enum Value<'d> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The exact source text: `1.10` and `1e5` stay what they are.
    Number(&'d str),
    /// A string, decoded.
    String(&'d str),
    /// The elements in order.
    Array(Elements<'d>),
    /// The members in received order. No name stands twice, unless the text was read by
    /// [`read_repeated`](super::read_repeated).
    Object(Members<'d>),
}

/// The elements of an array.
#[derive(Clone, Copy)]
pub struct Elements<'d>(pub(super) Run<'d>);

/// The members of an object.
#[derive(Clone, Copy)]
pub struct Members<'d>(pub(super) Run<'d>);

impl Document<'_> {
    /// The outermost value.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        Value::of(Run { document: self, nodes: &self.nodes })
    }
}

impl<'d> Value<'d> {
    /// The value that a run begins with.
    fn of(run: Run<'d>) -> Self {
        let Some(node) = run.nodes.first() else { return Self::Null };
        match node.kind {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(value),
            Kind::Number => Self::Number(run.document.span(node)),
            Kind::Plain | Kind::Escaped => Self::String(run.document.span(node)),
            Kind::Array(_) => Self::Array(Elements(run)),
            Kind::Object(_) => Self::Object(Members(run)),
        }
    }

    /// The value of a member, its name compared exactly; `None` without it or in anything but an object.
    /// Of a repeated name, which only [`read_repeated`](super::read_repeated) lets pass, the last.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Self> {
        self.as_object()?.get(name)
    }

    /// The decoded text of a string.
    #[must_use]
    pub const fn as_str(self) -> Option<&'d str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What a boolean says.
    #[must_use]
    pub const fn as_bool(self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The source text of a number.
    #[must_use]
    pub const fn as_number(self) -> Option<&'d str> {
        match self {
            Self::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub const fn as_array(self) -> Option<Elements<'d>> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of an object.
    #[must_use]
    pub const fn as_object(self) -> Option<Members<'d>> {
        match self {
            Self::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The source of an array or object, where that is what [`push_value`](super::push_value) would write.
    pub(crate) fn compact(self) -> Option<&'d str> {
        match self {
            Self::Array(Elements(run)) | Self::Object(Members(run)) => {
                run.document.source(run.nodes.first()?)
            }
            _ => None,
        }
    }

    /// Whether it is `null`.
    #[must_use]
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<'d> Elements<'d> {
    /// Each element in order.
    #[must_use]
    pub fn iter(self) -> ElementIter<'d> {
        ElementIter(self.0.inside())
    }

    /// How many there are. Counts them.
    #[must_use]
    pub fn len(self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.nodes.len() <= 1
    }
}

impl<'d> Members<'d> {
    /// Each name with its value, in received order.
    #[must_use]
    pub fn iter(self) -> MemberIter<'d> {
        MemberIter(self.0.inside())
    }

    /// The value of a member, its name compared exactly. Of a repeated name the last.
    #[must_use]
    #[inline(never)]
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        let mut found = None;
        let mut members = self.iter();
        while let Some(value) = members.find(name) {
            found = Some(value);
        }
        found
    }

    /// As [`get`](Self::get), of a repeated name the first.
    #[inline(never)] // every field of a row is found here
    pub(crate) fn first(self, name: &str) -> Option<Value<'d>> {
        self.iter().find(name)
    }

    /// How many there are. Counts them.
    #[must_use]
    pub fn len(self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.nodes.len() <= 1
    }
}

/// Goes through the elements of an array.
#[derive(Clone)]
pub struct ElementIter<'d>(Run<'d>);

impl<'d> Iterator for ElementIter<'d> {
    type Item = Value<'d>;

    #[inline(never)] // everything that is read goes through here: once in the module
    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Value::of)
    }
}

/// Goes through the members of an object.
#[derive(Clone)]
pub struct MemberIter<'d>(Run<'d>);

impl<'d> MemberIter<'d> {
    /// The value of the next member of this name.
    fn find(&mut self, name: &str) -> Option<Value<'d>> {
        loop {
            let (known, value) = self.0.take_member()?;
            // Most names differ in length already.
            if known.end.wrapping_sub(known.start) == name.len() && self.0.document.span(known) == name {
                return Some(Value::of(value));
            }
        }
    }
}

impl<'d> Iterator for MemberIter<'d> {
    type Item = (&'d str, Value<'d>);

    #[inline(never)]
    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.0.take_member()?;
        Some((value.document.span(name), Value::of(value)))
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => value.fmt(formatter),
            Self::Number(text) => formatter.write_str(text),
            Self::String(text) => text.fmt(formatter),
            Self::Array(elements) => elements.fmt(formatter),
            Self::Object(members) => members.fmt(formatter),
        }
    }
}

impl fmt::Debug for Elements<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Members<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}
