//! Where each value of a JSON text stands.
//!
//! A [`Document`] owns what the reader found: one [`Node`] for each value and each name, in the order of the text. A
//! [`Value`](super::Value) is a view of a run of nodes and costs nothing to make.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// A JSON text that was read, and where everything in it stands. Holds no copy of the text, except of strings that
/// have escapes.
#[derive(Debug)]
pub struct Document<'a> {
    pub(super) text: &'a str,
    /// What the strings with escapes say, one behind the other.
    pub(super) decoded: String,
    /// The outermost value first. Behind an array or object stands what it holds, a member's name before its value.
    pub(super) nodes: Vec<Node>,
}

/// A value or the name of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The first byte: of a string behind its quote; see [`Kind`] for the text that it is counted in.
    pub(super) start: usize,
    /// The byte behind the last one: of a string its closing quote.
    pub(super) end: usize,
    /// This node and all that it holds: so many nodes further stands what follows it.
    pub(super) size: usize,
}

/// What a node is. Spans are of the text, except where it says otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number,
    /// A string or name without escapes.
    Plain,
    /// A string or name with escapes; its span is of what is decoded.
    Escaped,
    Array(Spelling),
    Object(Spelling),
}

/// How the source of an array or object is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As this crate would write it: no blanks, and no escape that another one could stand for.
    Compact,
    Loose,
}

/// Some nodes of a document: a value and all that it holds, or what stands behind.
#[derive(Clone, Copy)]
pub(super) struct Run<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) nodes: &'d [Node],
}

impl Document<'_> {
    /// The names of the members of an object, as far as they were read; `object` is the place of its node.
    pub(super) fn names(&self, object: usize) -> impl Iterator<Item = &Node> {
        let mut rest = self.nodes.get(object..).and_then(|nodes| nodes.get(1..)).unwrap_or_default();
        core::iter::from_fn(move || {
            let (name, value) = rest.split_first()?;
            rest = value.first().and_then(|first| value.get(first.size..)).unwrap_or_default();
            Some(name)
        })
    }

    /// The text that a span is of.
    pub(super) fn span(&self, node: &Node) -> &str {
        let text = if matches!(node.kind, Kind::Escaped) { self.decoded.as_str() } else { self.text };
        text.get(node.start..node.end).unwrap_or_default()
    }

    /// The source of a node, where that is what this crate would write.
    pub(super) fn source(&self, node: &Node) -> Option<&str> {
        self.text.get(node.source()?)
    }
}

impl Node {
    /// Where its source stands, quotes included, if that is what this crate would write.
    fn source(&self) -> Option<Range<usize>> {
        match self.kind {
            Kind::Plain => Some(self.start.wrapping_sub(1)..self.end.wrapping_add(1)),
            Kind::Escaped | Kind::Array(Spelling::Loose) | Kind::Object(Spelling::Loose) => None,
            _ => Some(self.start..self.end),
        }
    }
}

impl<'d> Run<'d> {
    /// What the first node holds, if it is an array or object.
    pub(super) fn inside(self) -> Self {
        Self { nodes: self.nodes.get(1..).unwrap_or_default(), ..self }
    }

    /// Takes the next value.
    pub(super) fn take(&mut self) -> Option<Self> {
        let (nodes, behind) = self.nodes.split_at_checked(self.nodes.first()?.size)?;
        self.nodes = behind;
        Some(Self { nodes, ..*self })
    }

    /// Takes the next member: its name and its value.
    pub(super) fn take_member(&mut self) -> Option<(&'d Node, Self)> {
        let (name, behind) = self.nodes.split_first()?;
        self.nodes = behind;
        Some((name, self.take()?))
    }

    pub(super) fn elements(self) -> impl Iterator<Item = Self> {
        let mut rest = self.inside();
        core::iter::from_fn(move || rest.take())
    }

    pub(super) fn members(self) -> impl Iterator<Item = (&'d Node, Self)> {
        let mut rest = self.inside();
        core::iter::from_fn(move || rest.take_member())
    }

    /// The source from a name to the end of its value, where that is what this crate would write.
    pub(super) fn source_from(self, name: &Node) -> Option<&'d str> {
        let (name, value) = (name.source()?, self.nodes.first()?.source()?);
        // Nothing but the colon stands between them.
        let adjoins = value.start == name.end.wrapping_add(1);
        if adjoins { self.document.text.get(name.start..value.end) } else { None }
    }

    /// Whether it is a string that is copied as it stands.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.nodes.first().map(|node| node.kind), Some(Kind::Plain))
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.nodes.first().map(|node| node.kind), Some(Kind::Null))
    }
}
