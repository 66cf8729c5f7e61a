//! The texts that a V2 signature may have been computed over.
//!
//! The platform signs "the JSON body, top-level names sorted in natural order" (SaaS access guide V2, signature); its
//! Java sample reads the body into a `TreeMap`, drops nulls and writes it with Jackson. A verifier that does not know
//! which form the platform used tries the received bytes first, then these. Trying several does not weaken the
//! signature: each needs the key.

use alloc::collections::BinaryHeap;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::document::{Document, Kind, Node, Run, Spelling};
use super::value::{Elements, Members, Value};
use super::write::{push_plain, push_string};
use crate::wire::utf16;

/// One way to write an object again: no blanks, strings decoded and escaped as Jackson does
/// ([`push_string`]), numbers as their source text, top-level members that are null left out.
///
/// Numbers keep their text by design; what Jackson would make of `1.10` or `1e5` depends on the type that the
/// platform binds them to, and the documents' bodies hold integers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canonical {
    /// The top-level names ascending; nested objects as received, nulls included. What the official sample does with
    /// kit bodies (inferred).
    TopLevelSorted,
    /// The names of every object ascending; nested nulls stay. For a platform whose mapper sorts map entries.
    RecursivelySorted,
    /// As [`TopLevelSorted`](Self::TopLevelSorted), and top-level numbers and booleans as quoted text: what the
    /// official sample does with basic bodies, which it binds to a map of strings (inferred).
    ScalarsAsStrings,
    /// As [`TopLevelSorted`](Self::TopLevelSorted), descending. Older pages say so, taken for a documentation error:
    /// every printed body is ascending. Off unless a route asks for it.
    Descending,
}

/// Only an object has a canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnObject;

impl Canonical {
    /// All forms in the order in which a verifier tries them.
    pub const ALL: [Self; 4] =
        [Self::TopLevelSorted, Self::RecursivelySorted, Self::ScalarsAsStrings, Self::Descending];

    /// A stable code for configuration, logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TopLevelSorted => "top_level_sorted",
            Self::RecursivelySorted => "recursively_sorted",
            Self::ScalarsAsStrings => "scalars_as_strings",
            Self::Descending => "descending",
        }
    }

    /// Appends this form of an object. Names sort by UTF-16 code units ([`utf16::compare`]). Names that stand twice
    /// are written twice, in received order; such a document is refused before anything is verified.
    ///
    /// # Errors
    ///
    /// [`NotAnObject`]; nothing was appended.
    pub fn write(self, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), NotAnObject> {
        let Value::Object(Members(object)) = value else { return Err(NotAnObject) };
        let order = match self {
            Self::Descending => |left: &str, right: &str| utf16::compare(right, left),
            _ => utf16::compare,
        };
        let inside = match self {
            Self::RecursivelySorted => Inside::Sorted,
            Self::ScalarsAsStrings => Inside::Quoted,
            Self::TopLevelSorted | Self::Descending => Inside::Received,
        };
        push_ordered(out, object, order, |value| !value.is_null(), inside);
        Ok(())
    }
}

/// How the values of an object are written.
#[derive(Clone, Copy)]
enum Inside {
    /// As they were received.
    Received,
    /// The names of every object ascending.
    Sorted,
    /// Numbers and booleans as quoted text; what is nested as it was received.
    Quoted,
}

/// A value as compact text: member order and number text as they were received.
pub fn push_value(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Array(Elements(run)) | Value::Object(Members(run)) => push(out, run, Inside::Received),
        Value::String(text) => push_string(out, text),
        Value::Number(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Null => out.extend_from_slice(b"null"),
    }
}

fn push(out: &mut Vec<u8>, run: Run<'_>, inside: Inside) {
    let Some(node) = run.nodes.first() else { return };
    match (node.kind, inside) {
        (Kind::Object(_), Inside::Sorted) => push_ordered(out, run, utf16::compare, |_| true, inside),
        (Kind::Object(Spelling::Loose), _) => push_members(out, run.members(), Inside::Received),
        (Kind::Array(_), Inside::Sorted) => push_elements(out, run, inside),
        (Kind::Array(Spelling::Loose), _) => push_elements(out, run, Inside::Received),
        (Kind::Number | Kind::Bool(_), Inside::Quoted) => push_plain(out, run.document.span(node)),
        _ => push_node(out, run.document, node),
    }
}

/// What can be copied from its source, and a string that cannot.
fn push_node(out: &mut Vec<u8>, document: &Document<'_>, node: &Node) {
    match document.source(node) {
        Some(source) => out.extend_from_slice(source.as_bytes()),
        None => push_string(out, document.span(node)),
    }
}

fn push_ordered(
    out: &mut Vec<u8>,
    object: Run<'_>,
    order: Order,
    keep: fn(&Run<'_>) -> bool,
    inside: Inside,
) {
    let mut kept = Vec::with_capacity(object.nodes.len() / 2);
    for (name, value) in object.members() {
        if keep(&value) {
            let text = object.document.span(name);
            let place = kept.len();
            insert(&mut kept, Placed { text, order, place, name, value });
        }
    }
    if kept.len() > FEW {
        kept = BinaryHeap::from(kept).into_sorted_vec();
    }
    push_members(out, kept.into_iter().map(|placed| (placed.name, placed.value)), inside);
}

/// Up to so many members are put in their place as they come, and mostly they come in order. Beyond it a heap sorts them,
/// so that a hostile text costs no more than n log n: a tenth of the code that sorting a list would be.
const FEW: usize = 128;

fn insert<'d>(kept: &mut Vec<Placed<'d>>, member: Placed<'d>) {
    let follows = kept.last().is_none_or(|last| last <= &member);
    let at =
        if follows || kept.len() >= FEW { kept.len() } else { kept.partition_point(|known| known < &member) };
    kept.insert(at, member);
}

type Order = fn(&str, &str) -> Ordering;

/// A member where it stands in an order of names; of equal names the one that came first.
struct Placed<'d> {
    text: &'d str,
    order: Order,
    place: usize,
    name: &'d Node,
    value: Run<'d>,
}

impl Ord for Placed<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.order)(self.text, other.text).then(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Placed<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Placed<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Placed<'_> {}

fn push_members<'d>(out: &mut Vec<u8>, members: impl Iterator<Item = (&'d Node, Run<'d>)>, inside: Inside) {
    out.push(b'{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match value.source_from(name) {
            Some(source) if value.is_text() || matches!(inside, Inside::Received) => {
                out.extend_from_slice(source.as_bytes());
            }
            _ => {
                push_node(out, value.document, name);
                out.push(b':');
                push(out, value, inside);
            }
        }
    }
    out.push(b'}');
}

fn push_elements(out: &mut Vec<u8>, array: Run<'_>, inside: Inside) {
    out.push(b'[');
    for (index, element) in array.elements().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(out, element, inside);
    }
    out.push(b']');
}
