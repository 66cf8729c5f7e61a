//! How rows stand in a store: one JSON object each, its members in the order of the declaration.
//!
//! [`Row`] is a whole row with a number of its format, [`Record`] an object inside one, [`Field`] the value of a member.
//! Rows and records are declared by the macros `row!` and `record!`: the declaration is the reader and the writer.
//!
//! # What may change without a new format
//!
//! A later release may *add* a member, to a row or to an object inside it, if it marks the member `[sparse]` and if a
//! release that does not know it may go on as if it were not there. A reader keeps members that it does not know and
//! writes them back behind its own, so that an older gateway beside a newer one loses nothing. Everything else, a member
//! that goes, changes its meaning, or must be understood, is a new format: raise the number. A row of a newer format is
//! `newer-row`: it is never written, and nothing is decided from it.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::event::text_of;
use crate::reason::ReasonCode;
use crate::wire::json::{self, Value};

/// A whole row.
pub(crate) trait Row: Record {
    /// The format that this release writes, and the newest that it reads.
    const FORMAT: u32;
}

/// An object with declared members.
pub(crate) trait Record: Sized {
    /// Appends the members, each behind a comma unless it is the first of the object.
    fn write_members(&self, object: &mut ObjectWriter<'_>);
    /// `None` when a member is missing or of another type.
    fn read_members(members: &MemberReader<'_>) -> Option<Self>;
}

/// The value of a member.
pub(crate) trait Field: Sized {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);
    /// `None` for a value of another type.
    fn read(value: &Value<'_>) -> Option<Self>;
    /// What it means that a sparse member is not there; `None` for a type that cannot be sparse.
    fn absent() -> Option<Self> {
        None
    }
    /// Whether a sparse member is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

/// The bytes of a row.
pub(crate) fn encode<R: Row>(row: &R) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    let mut object = ObjectWriter::open(&mut out);
    object.member("format", &R::FORMAT);
    row.write_members(&mut object);
    object.close();
    out
}

/// Reads what [`encode`] wrote, or what a later release of the same format wrote.
///
/// # Errors
/// [`ReasonCode::NewerRow`] for a row of a newer format, whatever else it holds; [`ReasonCode::CorruptRow`] for anything
/// that no release wrote.
pub(crate) fn decode<R: Row>(bytes: &[u8]) -> Result<R, ReasonCode> {
    let document = json::read_own(bytes).map_err(|_| ReasonCode::CorruptRow)?;
    let members = MemberReader(document.as_object().ok_or(ReasonCode::CorruptRow)?);
    match members.member::<u32>("format") {
        Some(format) if format > R::FORMAT => Err(ReasonCode::NewerRow),
        Some(1..) => R::read_members(&members).ok_or(ReasonCode::CorruptRow),
        _ => Err(ReasonCode::CorruptRow),
    }
}

/// Writes one object.
pub(crate) struct ObjectWriter<'o> {
    out: &'o mut Vec<u8>,
    is_empty: bool,
}

impl<'o> ObjectWriter<'o> {
    pub(crate) fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, is_empty: true }
    }

    fn name(&mut self, name: &str) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        json::push_string(self.out, name);
        self.out.push(b':');
    }

    pub(crate) fn member(&mut self, name: &str, value: &impl Field) {
        self.name(name);
        value.write(self.out);
    }

    /// Nothing for a value that says nothing.
    pub(crate) fn sparse_member(&mut self, name: &str, value: &impl Field) {
        if !value.is_absent() {
            self.member(name, value);
        }
    }

    pub(crate) fn unknown(&mut self, unknown: &Unknown) {
        for (name, value) in unknown.0.iter().flat_map(|members| members.iter()) {
            self.name(name);
            self.out.extend_from_slice(value.as_bytes());
        }
    }

    pub(crate) fn close(self) {
        self.out.push(b'}');
    }
}

/// Reads the members of one object.
pub(crate) struct MemberReader<'v>(&'v [(json::Text<'v>, Value<'v>)]);

impl MemberReader<'_> {
    fn find(&self, name: &str) -> Option<&Value<'_>> {
        self.0.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    pub(crate) fn member<T: Field>(&self, name: &str) -> Option<T> {
        T::read(self.find(name)?)
    }

    pub(crate) fn sparse_member<T: Field>(&self, name: &str) -> Option<T> {
        self.find(name).map_or_else(T::absent, T::read)
    }

    /// Everything but these members and the format.
    pub(crate) fn unknown(&self, known: &[&str]) -> Unknown {
        let is_unknown = |name: &str| name != "format" && !known.contains(&name);
        let members: Vec<(String, String)> = self
            .0
            .iter()
            .filter(|(name, _)| is_unknown(name))
            .map(|(name, value)| (name.to_string(), text_of(value)))
            .collect();
        Unknown((!members.is_empty()).then(|| Box::new(members)))
    }
}

/// Members that a later release added: kept as they are. Nearly always none, so they take one word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unknown(Option<Box<Vec<(String, String)>>>);

impl Unknown {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// Declares an object inside a row: a struct whose members stand in JSON under its own names, in its order. A member
/// that begins with `[sparse]` is left out where it says nothing.
macro_rules! record {
    (
        $(#[$meta:meta])*
        $visibility:vis struct $name:ident {
            $($(#[$doc:meta])* $([$sparse:ident])? $member:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        $visibility struct $name {
            $($(#[$doc])* pub(crate) $member: $type,)*
            /// Members of a later release.
            pub(crate) unknown: $crate::ledger::row::codec::Unknown,
        }

        impl $crate::ledger::row::codec::Record for $name {
            fn write_members(&self, object: &mut $crate::ledger::row::codec::ObjectWriter<'_>) {
                $($crate::ledger::row::codec::record!(@write object, self.$member, $member $(, $sparse)?);)*
                object.unknown(&self.unknown);
            }

            fn read_members(members: &$crate::ledger::row::codec::MemberReader<'_>) -> Option<Self> {
                Some(Self {
                    $($member: $crate::ledger::row::codec::record!(@read members, $member $(, $sparse)?)?,)*
                    unknown: members.unknown(&[$(stringify!($member)),*]),
                })
            }
        }

        impl $crate::ledger::row::codec::Field for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                $crate::ledger::row::codec::write_record(self, out);
            }

            fn read(value: &$crate::wire::json::Value<'_>) -> Option<Self> {
                $crate::ledger::row::codec::read_record(value)
            }
        }
    };
    (@write $object:ident, $value:expr, $member:ident) => {
        $object.member(stringify!($member), &$value)
    };
    (@write $object:ident, $value:expr, $member:ident, sparse) => {
        $object.sparse_member(stringify!($member), &$value)
    };
    (@read $members:ident, $member:ident) => {
        $members.member(stringify!($member))
    };
    (@read $members:ident, $member:ident, sparse) => {
        $members.sparse_member(stringify!($member))
    };
}

/// Declares a whole row: the number of its format, and then as [`record!`].
macro_rules! row {
    (format $format:literal; $(#[$meta:meta])* $visibility:vis struct $name:ident $members:tt) => {
        $crate::ledger::row::codec::record! {
            $(#[$meta])*
            $visibility struct $name $members
        }

        impl $crate::ledger::row::codec::Row for $name {
            const FORMAT: u32 = $format;
        }
    };
}

/// Declares an enum of words.
macro_rules! words {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal),* $(,)? }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $crate::ledger::row::codec::Field for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                let word = match self { $(Self::$variant => $word,)* };
                $crate::wire::json::push_string(out, word);
            }

            fn read(value: &$crate::wire::json::Value<'_>) -> Option<Self> {
                match value.as_str()? {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {record, row, words};

pub(crate) fn write_record(record: &impl Record, out: &mut Vec<u8>) {
    let mut object = ObjectWriter::open(out);
    record.write_members(&mut object);
    object.close();
}

pub(crate) fn read_record<T: Record>(value: &Value<'_>) -> Option<T> {
    T::read_members(&MemberReader(value.as_object()?))
}

macro_rules! numbers {
    ($($number:ident),*) => {
        $(impl Field for $number {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(self.to_string().as_bytes());
            }

            fn read(value: &Value<'_>) -> Option<Self> {
                value.as_number()?.parse().ok()
            }
        })*
    };
}

numbers!(u32, u64);

impl Field for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if *self { b"true" } else { b"false" });
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        value.as_bool()
    }
}

impl Field for String {
    fn write(&self, out: &mut Vec<u8>) {
        json::push_string(out, self);
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        value.as_str().map(ToString::to_string)
    }
}

/// `null` where there is none; a sparse member is left out instead.
impl<T: Field> Field for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(out),
            None => out.extend_from_slice(b"null"),
        }
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Field> Field for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            item.write(out);
        }
        out.push(b']');
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        value.as_array()?.iter().map(T::read).collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A JSON value that a row carries on as it came: the event of a work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) String);

impl Field for Json {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        Some(Self(text_of(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, decode, encode};
    use crate::ledger::row::{EndedWork, InstanceRow, OrderRow, ReplayRow, WorkRow};
    use crate::reason::ReasonCode;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use serde_json::Value;

    /// Rows that a gateway of this format wrote with another codec.
    const KEPT: &str = include_str!("format-1.json");

    fn kept() -> Vec<(String, String)> {
        let document: Value = serde_json::from_str(KEPT).unwrap();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_string();
        document["rows"].as_array().unwrap().iter().map(|row| (text(row, "key"), text(row, "row"))).collect()
    }

    /// The row read and written again, by the kind that its key says.
    fn again(key: &str, row: &str) -> Result<String, ReasonCode> {
        fn of<R: Row>(row: &str) -> Result<String, ReasonCode> {
            decode::<R>(row.as_bytes()).map(|row| String::from_utf8(encode(&row)).unwrap())
        }
        match key.split('/').next().unwrap() {
            "instance" => of::<InstanceRow>(row),
            "work" => of::<WorkRow>(row),
            "effect" => of::<EndedWork>(row),
            "replay" => of::<ReplayRow>(row),
            "order" | "test" => of::<OrderRow>(row),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn rows_that_are_kept_come_back_as_the_same_bytes() {
        let rows = kept();
        for kind in ["instance/", "work/", "effect/", "replay/", "order/", "test/"] {
            assert!(rows.iter().any(|(key, _)| key.starts_with(kind)), "{kind}");
        }
        for (key, row) in rows {
            assert_eq!(again(&key, &row).as_deref(), Ok(row.as_str()), "{key}");
        }
    }

    #[test]
    fn what_a_later_release_added_is_written_back() {
        for (key, row) in kept() {
            let more = row.replacen("\"format\":1", "\"format\":1,\"later\":{\"a\":[1e5,null]}", 1);
            let written = again(&key, &more).unwrap();
            assert_eq!(written, row[..row.len() - 1].to_string() + ",\"later\":{\"a\":[1e5,null]}}");
        }
        let (key, row) = kept().into_iter().find(|(_, row)| row.contains("\"times\":{")).unwrap();
        let more = row.replacen("\"times\":{", "\"times\":{\"region\":7,", 1);
        assert!(
            again(&key, &more).unwrap().contains(",\"region\":7}"),
            "objects inside a row keep theirs too"
        );
    }

    #[test]
    fn a_newer_format_is_told_from_a_corrupt_row() {
        for (key, row) in kept() {
            let newer = row.replacen("\"format\":1", "\"format\":2", 1);
            assert_eq!(again(&key, &newer), Err(ReasonCode::NewerRow));
            for other in ["\"format\":0", "\"format\":\"1\"", "\"format\":-1", "\"format\":null"] {
                let corrupt = row.replacen("\"format\":1", other, 1);
                assert_eq!(again(&key, &corrupt), Err(ReasonCode::CorruptRow), "{other}");
            }
        }
        assert_eq!(again("order/x", "{\"format\":2}"), Err(ReasonCode::NewerRow), "whatever else it holds");
    }

    #[test]
    fn a_member_of_another_type_and_one_that_is_missing_are_corrupt() {
        for (key, row) in kept() {
            let members: serde_json::Map<String, Value> = serde_json::from_str(&row).unwrap();
            for name in members.keys() {
                let mut other = members.clone();
                other.insert(name.clone(), serde_json::json!([{"no": "such"}]));
                let text = serde_json::to_string(&other).unwrap();
                assert!(name == "event" || again(&key, &text).is_err(), "{key}: {name}");
            }
            for name in ["format", "instance", "id", "request", "end", "times", "owner", "queue", "token"] {
                let mut less = members.clone();
                if less.remove(name).is_some() {
                    let text = serde_json::to_string(&less).unwrap();
                    assert_eq!(again(&key, &text), Err(ReasonCode::CorruptRow), "{key}: {name}");
                }
            }
        }
        for text in ["", "[]", "null", "{", "{\"format\":1}"] {
            assert_eq!(again("instance/x", text), Err(ReasonCode::CorruptRow), "{text}");
        }
    }
}
