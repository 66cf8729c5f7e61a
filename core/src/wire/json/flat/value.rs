//! Views of what a document holds.

use core::fmt;
use core::ops::Deref;

use super::document::{Document, Kind, Node, Spelling};

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
    String(Text<'d>),
    /// The elements in order.
    Array(Elements<'d>),
    /// The members in received order. No name stands twice, unless the text was read by
    /// [`read_repeated`](super::read_repeated).
    Object(Members<'d>),
}

/// A decoded string or name.
#[derive(Clone, Copy)]
pub struct Text<'d> {
    text: &'d str,
    is_plain: bool,
}

/// The elements of an array.
#[derive(Clone, Copy)]
pub struct Elements<'d>(Nested<'d>);

/// The members of an object.
#[derive(Clone, Copy)]
pub struct Members<'d>(Nested<'d>);

/// One member of an object.
#[derive(Clone, Copy)]
pub(super) struct Member<'d> {
    document: &'d Document<'d>,
    name: &'d Node,
    value: &'d [Node],
}

/// An array or object: its own node and those that it holds.
#[derive(Clone, Copy)]
struct Nested<'d> {
    document: &'d Document<'d>,
    nodes: &'d [Node],
}

impl<'d> Value<'d> {
    /// The value that a run of nodes begins with.
    pub(super) fn of(document: &'d Document<'d>, nodes: &'d [Node]) -> Self {
        let Some(node) = nodes.first() else { return Self::Null };
        match node.kind {
            Kind::Null => Self::Null,
            Kind::Bool(value) => Self::Bool(value),
            Kind::Number => Self::Number(document.span(node)),
            Kind::Plain | Kind::Escaped => Self::String(Text::of(document, node)),
            Kind::Array(_) => Self::Array(Elements(Nested { document, nodes })),
            Kind::Object(_) => Self::Object(Members::of(document, nodes)),
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
            Self::String(text) => Some(text.as_str()),
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

    /// Whether it is `null`.
    #[must_use]
    pub const fn is_null(self) -> bool {
        matches!(self, Self::Null)
    }
}

impl<'d> Text<'d> {
    fn of(document: &'d Document<'d>, node: &'d Node) -> Self {
        Self { text: document.span(node), is_plain: matches!(node.kind, Kind::Plain) }
    }

    /// The decoded text.
    #[must_use]
    pub const fn as_str(self) -> &'d str {
        self.text
    }

    /// Whether it needs no escape in any JSON text: it had none when it was read, so it holds no quote, no backslash
    /// and no control character.
    pub(super) const fn is_plain(self) -> bool {
        self.is_plain
    }
}

impl<'d> Elements<'d> {
    /// Each element in order.
    pub fn iter(self) -> impl Iterator<Item = Value<'d>> + Clone {
        let Nested { document, .. } = self.0;
        self.0.runs().map(move |run| Value::of(document, run))
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Its source, where that is what this crate would write.
    pub(super) fn compact(self) -> Option<&'d str> {
        self.0.compact()
    }
}

impl<'d> Members<'d> {
    /// `nodes`: that of an object, then those of its members.
    pub(super) const fn of(document: &'d Document<'d>, nodes: &'d [Node]) -> Self {
        Self(Nested { document, nodes })
    }

    /// Each name with its value, in received order.
    pub fn iter(self) -> impl Iterator<Item = (Text<'d>, Value<'d>)> + Clone {
        self.members().map(|member| (member.name(), member.value()))
    }

    pub(super) fn members(self) -> impl Iterator<Item = Member<'d>> + Clone {
        let Nested { document, nodes } = self.0;
        let mut rest = nodes.get(1..).unwrap_or_default();
        core::iter::from_fn(move || {
            let (name, behind) = rest.split_first()?;
            let (value, behind) = behind.split_at_checked(behind.first()?.size)?;
            rest = behind;
            Some(Member { document, name, value })
        })
    }

    /// A bound of how many they are, known without counting.
    pub(super) const fn at_most(self) -> usize {
        self.0.nodes.len() / 2
    }

    /// The value of a member, its name compared exactly. Of a repeated name the last.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        self.members().filter(|member| member.name() == name).last().map(Member::value)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Its source, where that is what this crate would write.
    pub(super) fn compact(self) -> Option<&'d str> {
        self.0.compact()
    }
}

impl<'d> Member<'d> {
    pub(super) fn name(self) -> Text<'d> {
        Text::of(self.document, self.name)
    }

    pub(super) fn value(self) -> Value<'d> {
        Value::of(self.document, self.value)
    }

    fn kind(self) -> Option<Kind> {
        self.value.first().map(|value| value.kind)
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self.kind(), Some(Kind::Null))
    }

    /// Whether it is an array or object.
    pub(super) fn is_nested(self) -> bool {
        matches!(self.kind(), Some(Kind::Array(_) | Kind::Object(_)))
    }

    /// Whether it is a number or boolean.
    pub(super) fn is_unquoted(self) -> bool {
        matches!(self.kind(), Some(Kind::Number | Kind::Bool(_)))
    }

    /// Whether it has the name that a node holds.
    pub(super) fn has_name(self, name: &Node) -> bool {
        self.name.size == name.size && self.document.span(self.name) == self.document.span(name)
    }

    /// Its source, where that is what this crate would write.
    pub(super) fn compact(self) -> Option<&'d str> {
        let value = self.value.first()?;
        let (quote, is_compact) = match value.kind {
            Kind::Plain => (1, true),
            Kind::Array(spelling) | Kind::Object(spelling) => (0, spelling == Spelling::Compact),
            Kind::Null | Kind::Bool(_) | Kind::Number => (0, true),
            Kind::Escaped => (0, false),
        };
        // Nothing but the closing quote and the colon stands between them.
        let adjoins = value.start == self.name.end.wrapping_add(quote).wrapping_add(2);
        let is_compact = is_compact && adjoins && matches!(self.name.kind, Kind::Plain);
        let source = self.name.start.wrapping_sub(1)..value.end.wrapping_add(quote);
        if is_compact { self.document.text.get(source) } else { None }
    }
}

impl<'d> Nested<'d> {
    /// The nodes of each element.
    fn runs(self) -> impl Iterator<Item = &'d [Node]> + Clone {
        let mut rest = self.nodes.get(1..).unwrap_or_default();
        core::iter::from_fn(move || {
            let (run, behind) = rest.split_at_checked(rest.first()?.size)?;
            rest = behind;
            Some(run)
        })
    }

    const fn is_empty(self) -> bool {
        self.nodes.len() <= 1
    }

    fn compact(self) -> Option<&'d str> {
        let node = self.nodes.first()?;
        match node.kind {
            Kind::Array(Spelling::Compact) | Kind::Object(Spelling::Compact) => {
                Some(self.document.span(node))
            }
            _ => None,
        }
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.text
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(formatter)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text)
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
