//! The texts that a V2 signature may have been computed over.
//!
//! The platform signs "the JSON body, top-level names sorted in natural order" (SaaS access guide V2, signature); its
//! Java sample reads the body into a `TreeMap`, drops nulls and writes it with Jackson. A verifier that does not know
//! which form the platform used tries the received bytes first, then these. Trying several does not weaken the
//! signature: each needs the key.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::value::{Members, Text, Value};
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
    pub fn write(self, document: &Value<'_>, out: &mut Vec<u8>) -> Result<(), NotAnObject> {
        let Value::Object(members) = document else { return Err(NotAnObject) };
        let order = match self {
            Self::Descending => |left: &str, right: &str| utf16::compare(right, left),
            _ => utf16::compare,
        };
        let push = match self {
            Self::RecursivelySorted => push_sorted,
            Self::ScalarsAsStrings => push_as_string,
            Self::TopLevelSorted | Self::Descending => push_value,
        };
        push_ordered(out, members, order, |value| !value.is_null(), push);
        Ok(())
    }
}

/// How a value is written inside a form.
type Push = fn(&mut Vec<u8>, &Value<'_>);

/// A value as compact text: member order and number text as they were received.
pub fn push_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Object(members) => push_members(out, members.iter(), push_value),
        Value::Array(elements) => push_elements(out, elements, push_value),
        Value::String(text) => push_text(out, text),
        Value::Number(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bool(value) => out.extend_from_slice(word(*value).as_bytes()),
        Value::Null => out.extend_from_slice(b"null"),
    }
}

fn push_sorted(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Object(members) => push_ordered(out, members, utf16::compare, |_| true, push_sorted),
        Value::Array(elements) => push_elements(out, elements, push_sorted),
        scalar => push_value(out, scalar),
    }
}

/// Scalars quoted; what is nested stays as it was received.
fn push_as_string(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Number(text) => push_plain(out, text),
        Value::Bool(value) => push_plain(out, word(*value)),
        _ => push_value(out, value),
    }
}

const fn word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Bodies mostly arrive in order; only those that do not cost an allocation.
fn push_ordered(
    out: &mut Vec<u8>,
    members: &Members<'_>,
    order: fn(&str, &str) -> Ordering,
    keep: fn(&Value<'_>) -> bool,
    push: Push,
) {
    let kept = members.iter().filter(|(_, value)| keep(value));
    if members.is_sorted_by(|(left, _), (right, _)| order(left, right).is_le()) {
        push_members(out, kept, push);
    } else {
        let mut sorted: Vec<_> = kept.collect();
        sorted.sort_by(|(left, _), (right, _)| order(left, right));
        push_members(out, sorted.into_iter(), push);
    }
}

fn push_members<'m, 'a: 'm>(
    out: &mut Vec<u8>,
    members: impl Iterator<Item = &'m (Text<'a>, Value<'a>)>,
    push: Push,
) {
    out.push(b'{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_text(out, name);
        out.push(b':');
        push(out, value);
    }
    out.push(b'}');
}

fn push_elements(out: &mut Vec<u8>, elements: &[Value<'_>], push: Push) {
    out.push(b'[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(out, element);
    }
    out.push(b']');
}

fn push_text(out: &mut Vec<u8>, text: &Text<'_>) {
    match text.as_plain() {
        Some(plain) => push_plain(out, plain),
        None => push_string(out, text),
    }
}
