//! Where each value of a JSON text stands.
//!
//! A [`Document`] owns what the reader found: one [`Node`] for each value and each name, in the order of the text. A
//! [`Value`] is a view of a run of nodes and costs nothing to make.

use alloc::string::String;
use alloc::vec::Vec;

use super::value::Value;

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

impl Document<'_> {
    /// The outermost value.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        Value::of(self, &self.nodes)
    }

    /// The text that a span is of.
    pub(super) fn span(&self, node: &Node) -> &str {
        let text = if matches!(node.kind, Kind::Escaped) { self.decoded.as_str() } else { self.text };
        text.get(node.start..node.end).unwrap_or_default()
    }
}
