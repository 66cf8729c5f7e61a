//! The texts that a V2 signature may have been computed over.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::value::{Elements, Member, Members, Text, Value};
use crate::wire::json::write::{push_plain, push_string};
use crate::wire::json::{Canonical, NotAnObject};
use crate::wire::utf16;

impl Canonical {
    /// Appends this form of an object. Names sort by UTF-16 code units ([`utf16::compare`]). Names that stand twice
    /// are written twice, in received order; such a document is refused before anything is verified.
    ///
    /// # Errors
    ///
    /// [`NotAnObject`]; nothing was appended.
    pub fn write_flat(self, value: Value<'_>, out: &mut Vec<u8>) -> Result<(), NotAnObject> {
        let Value::Object(members) = value else { return Err(NotAnObject) };
        let order = match self {
            Self::Descending => |left: &str, right: &str| utf16::compare(right, left),
            _ => utf16::compare,
        };
        let inside = match self {
            Self::RecursivelySorted => Inside::Sorted,
            Self::ScalarsAsStrings => Inside::Quoted,
            Self::TopLevelSorted | Self::Descending => Inside::Received,
        };
        push_ordered(out, members, order, |member| !member.is_null(), inside);
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
    push(out, value, Inside::Received);
}

fn push(out: &mut Vec<u8>, value: Value<'_>, inside: Inside) {
    match (value, inside) {
        (Value::Object(members), Inside::Sorted) => {
            push_ordered(out, members, utf16::compare, |_| true, inside);
        }
        (Value::Array(elements), Inside::Sorted) => push_elements(out, elements, inside),
        (Value::Object(members), _) => match members.compact() {
            Some(source) => out.extend_from_slice(source.as_bytes()),
            None => push_members(out, members.members(), Inside::Received),
        },
        (Value::Array(elements), _) => match elements.compact() {
            Some(source) => out.extend_from_slice(source.as_bytes()),
            None => push_elements(out, elements, Inside::Received),
        },
        (Value::String(text), _) => push_text(out, text),
        (Value::Number(text), Inside::Quoted) => push_plain(out, text),
        (Value::Number(text), _) => out.extend_from_slice(text.as_bytes()),
        (Value::Bool(value), Inside::Quoted) => push_plain(out, word(value)),
        (Value::Bool(value), _) => out.extend_from_slice(word(value).as_bytes()),
        (Value::Null, _) => out.extend_from_slice(b"null"),
    }
}

const fn word(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Bodies mostly arrive in order; only those that do not cost an allocation.
fn push_ordered(
    out: &mut Vec<u8>,
    members: Members<'_>,
    order: fn(&str, &str) -> Ordering,
    keep: fn(&Member<'_>) -> bool,
    inside: Inside,
) {
    let kept = members.members().filter(keep);
    let names = members.members().map(|member| member.name().as_str());
    if names.is_sorted_by(|left, right| order(left, right).is_le()) {
        push_members(out, kept, inside);
    } else {
        let mut sorted = Vec::with_capacity(members.at_most());
        sorted.extend(kept.map(|member| (member.name().as_str(), member)));
        sorted.sort_by(|(left, _), (right, _)| order(left, right));
        push_members(out, sorted.into_iter().map(|(_, member)| member), inside);
    }
}

fn push_members<'d>(out: &mut Vec<u8>, members: impl Iterator<Item = Member<'d>>, inside: Inside) {
    out.push(b'{');
    for (index, member) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_member(out, member, inside);
    }
    out.push(b'}');
}

fn push_member(out: &mut Vec<u8>, member: Member<'_>, inside: Inside) {
    let is_as_received = match inside {
        Inside::Received => true,
        Inside::Sorted => !member.is_nested(),
        Inside::Quoted => !member.is_unquoted(),
    };
    match member.compact() {
        Some(source) if is_as_received => out.extend_from_slice(source.as_bytes()),
        _ => {
            push_text(out, member.name());
            out.push(b':');
            push(out, member.value(), inside);
        }
    }
}

fn push_elements(out: &mut Vec<u8>, elements: Elements<'_>, inside: Inside) {
    out.push(b'[');
    for (index, element) in elements.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push(out, element, inside);
    }
    out.push(b']');
}

fn push_text(out: &mut Vec<u8>, text: Text<'_>) {
    if text.is_plain() { push_plain(out, &text) } else { push_string(out, &text) }
}
