//! From bytes to rows and back, whoever wrote them. A row is declared once: the declaration is its reader and its writer,
//! over the core's own JSON.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::FORMAT;
use crate::event::text_of;
use crate::reason::ReasonCode;
use crate::wire::json::{self, Members, Value};

/// Members that stand side by side in one object.
pub(crate) trait Record: Sized {
    fn write_members(&self, object: &mut ObjectWriter<'_>);

    /// `None` if a member is missing or of another type.
    fn read_members(members: &MemberReader<'_>) -> Option<Self>;

    /// Whether this version knows a member of that name.
    fn knows(name: &str) -> bool;
}

/// A record whose first member is the number of its format.
pub(crate) trait RowKind: Record {
    /// The newest format of such a row that this version reads and writes.
    const NEWEST: u8;
}

/// The value of a member.
pub(crate) trait Field: Sized {
    /// Appends the value as JSON.
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

/// A record within a record is an object of its own.
impl<R: Record> Field for R {
    fn write(&self, out: &mut Vec<u8>) {
        let mut object = ObjectWriter::open(out);
        self.write_members(&mut object);
        object.close();
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        Self::read_members(&MemberReader::of(value)?)
    }
}

/// An object with declared members, in the order of the declaration.
///
/// A member behind `[sparse]` may be missing, and is left out where it says nothing. One behind `[flat]` is a record whose
/// members stand among the others. `name as stored` is stored under its older name, which rows keep for ever.
macro_rules! record {
    ($(#[$record:meta])* $name:ident {
        $($(#[$member:meta])* $([$mode:ident])? $field:ident $(as $stored:ident)?: $kind:ty,)*
    }) => {
        $(#[$record])*
        pub(crate) struct $name {
            $($(#[$member])* pub(crate) $field: $kind,)*
        }

        impl $crate::ledger::row::codec::Record for $name {
            fn write_members(&self, object: &mut $crate::ledger::row::codec::ObjectWriter<'_>) {
                $($crate::ledger::row::codec::record!(@write object, self.$field, [$field $($stored)?] $($mode)?);)*
            }

            fn read_members(members: &$crate::ledger::row::codec::MemberReader<'_>) -> Option<Self> {
                Some(Self {
                    $($field: $crate::ledger::row::codec::record!(@read members, [$field $($stored)?] $($mode)?)?,)*
                })
            }

            fn knows(name: &str) -> bool {
                $($crate::ledger::row::codec::record!(@knows name, $kind, [$field $($stored)?] $($mode)?) ||)* false
            }
        }
    };
    (@name [$field:ident]) => { stringify!($field) };
    (@name [$field:ident $stored:ident]) => { stringify!($stored) };
    (@write $object:ident, $value:expr, $name:tt) => {
        $object.member($crate::ledger::row::codec::record!(@name $name), &$value)
    };
    (@write $object:ident, $value:expr, $name:tt sparse) => {
        $object.sparse_member($crate::ledger::row::codec::record!(@name $name), &$value)
    };
    (@write $object:ident, $value:expr, $name:tt flat) => {
        $crate::ledger::row::codec::Record::write_members(&$value, $object)
    };
    (@read $members:ident, $name:tt) => {
        $members.member($crate::ledger::row::codec::record!(@name $name))
    };
    (@read $members:ident, $name:tt sparse) => {
        $members.sparse_member($crate::ledger::row::codec::record!(@name $name))
    };
    (@read $members:ident, $name:tt flat) => {
        $crate::ledger::row::codec::Record::read_members($members)
    };
    (@knows $wanted:ident, $kind:ty, $name:tt flat) => {
        <$kind as $crate::ledger::row::codec::Record>::knows($wanted)
    };
    (@knows $wanted:ident, $kind:ty, $name:tt $($mode:ident)?) => {
        $wanted == $crate::ledger::row::codec::record!(@name $name)
    };
}

/// A row is its members; the first is its format. `up to` names the newest one where it is not the first.
macro_rules! row {
    ($(#[$row:meta])* $name:ident { $($members:tt)* }) => {
        $crate::ledger::row::codec::row! {
            $(#[$row])*
            $name up to $crate::ledger::row::FORMAT; { $($members)* }
        }
    };
    ($(#[$row:meta])* $name:ident up to $newest:expr; { $($members:tt)* }) => {
        $crate::ledger::row::codec::record! {
            $(#[$row])*
            #[derive(Debug)]
            $name {
                format: u8,
                $($members)*
            }
        }

        impl $crate::ledger::row::RowKind for $name {
            const NEWEST: u8 = $newest;
        }
    };
}

/// An enum, each variant of which is a word in rows.
macro_rules! words {
    ($(#[$words:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$words])*
        pub(crate) enum $name {
            $($(#[$doc])* $variant,)*
        }

        impl $crate::ledger::row::codec::Field for $name {
            fn write(&self, out: &mut alloc::vec::Vec<u8>) {
                $crate::wire::json::push_string(out, match self { $(Self::$variant => $word,)* });
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

/// Reads a row.
///
/// # Errors
/// [`ReasonCode::NewerRow`] for one that a later version wrote in another format, [`ReasonCode::CorruptRow`] for anything
/// else that is none.
pub(crate) fn decode<R: RowKind>(bytes: &[u8]) -> Result<R, ReasonCode> {
    let document = json::read_own(bytes).map_err(|_| ReasonCode::CorruptRow)?;
    let document = document.value();
    check_format(&document, R::NEWEST)?;
    R::read(&document).ok_or(ReasonCode::CorruptRow)
}

/// Whether a row, of whatever kind, is of the first format.
///
/// # Errors
/// As [`decode`].
pub(crate) fn is_readable(bytes: &[u8]) -> Result<(), ReasonCode> {
    check_format(&json::read_own(bytes).map_err(|_| ReasonCode::CorruptRow)?.value(), FORMAT)
}

/// The part of a row that no format changes.
fn check_format(document: &Value<'_>, newest: u8) -> Result<(), ReasonCode> {
    let format =
        document.get("format").and_then(Value::as_number).and_then(|digits| digits.parse::<u64>().ok());
    match format.ok_or(ReasonCode::CorruptRow)? {
        format if (u64::from(FORMAT)..=u64::from(newest)).contains(&format) => Ok(()),
        format if format > u64::from(newest) => Err(ReasonCode::NewerRow),
        _ => Err(ReasonCode::CorruptRow),
    }
}

/// The bytes of a row.
pub(crate) fn encode(row: &impl RowKind) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    row.write(&mut out);
    out
}

/// The bytes of a row that take the place of `old`: members there that this version does not know are kept.
pub(crate) fn keep(mut bytes: Vec<u8>, knows: fn(&str) -> bool, old: Option<&[u8]>) -> Vec<u8> {
    let old = old.and_then(|old| json::read_own(old).ok());
    if let Some(found) = old.as_ref().and_then(|old| old.value().as_object()) {
        for (name, value) in found.iter().filter(|(name, _)| !knows(name)) {
            // The object is not closed before its last member: it always has one already.
            bytes.pop();
            bytes.push(b',');
            json::push_string(&mut bytes, name);
            bytes.push(b':');
            json::push_value(&mut bytes, value);
            bytes.push(b'}');
        }
    }
    bytes
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

    pub(crate) fn member(&mut self, name: &str, value: &impl Field) {
        if !self.is_empty {
            self.out.push(b',');
        }
        self.is_empty = false;
        json::push_string(self.out, name);
        self.out.push(b':');
        value.write(self.out);
    }

    /// Nothing for a value that says nothing.
    pub(crate) fn sparse_member(&mut self, name: &str, value: &impl Field) {
        if !value.is_absent() {
            self.member(name, value);
        }
    }

    pub(crate) fn close(self) {
        self.out.push(b'}');
    }
}

/// Reads the members of one object. Those that are not asked for are passed over.
pub(crate) struct MemberReader<'v>(Members<'v>);

impl<'v> MemberReader<'v> {
    pub(crate) fn of(value: &Value<'v>) -> Option<Self> {
        value.as_object().map(Self)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Value<'v>> {
        self.0.first(name)
    }

    pub(crate) fn member<T: Field>(&self, name: &str) -> Option<T> {
        T::read(&self.find(name)?)
    }

    pub(crate) fn sparse_member<T: Field>(&self, name: &str) -> Option<T> {
        self.find(name).map_or_else(T::absent, |value| T::read(&value))
    }
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

            fn absent() -> Option<Self> {
                Some(0)
            }
        })*
    };
}

numbers!(u8, u32, u64);

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
        value.as_array()?.iter().map(|item| T::read(&item)).collect()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A JSON value that a row carries on as it came: the event of a work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Json(pub(crate) String);

impl Field for Json {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.0.as_bytes());
    }

    fn read(value: &Value<'_>) -> Option<Self> {
        Some(Self(text_of(*value)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EndedWork, InstanceRow, OrderRow, ReplayRow, TokenRow, WorkRow};
    use super::{Record, RowKind, decode, encode, keep};
    use crate::reason::ReasonCode;
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    #[test]
    fn a_row_is_read_in_its_own_format_only() {
        for (bytes, expected) in [
            (r#"{"format":1,"token":7}"#, None),
            (r#"{"format":1,"token":7,"later":{"a":[1]}}"#, None),
            (r#"{"format":2,"token":7}"#, Some(ReasonCode::NewerRow)),
            (r#"{"format":2}"#, Some(ReasonCode::NewerRow)),
            (r#"{"token":{"of":"another type"},"format":300}"#, Some(ReasonCode::NewerRow)),
            (r#"{"format":0,"token":7}"#, Some(ReasonCode::CorruptRow)),
            (r#"{"format":1}"#, Some(ReasonCode::CorruptRow)),
            (r#"{"format":"2","token":7}"#, Some(ReasonCode::CorruptRow)),
            (r#"{"token":7}"#, Some(ReasonCode::CorruptRow)),
            ("[]", Some(ReasonCode::CorruptRow)),
            ("", Some(ReasonCode::CorruptRow)),
        ] {
            assert_eq!(decode::<TokenRow>(bytes.as_bytes()).err(), expected, "{bytes}");
        }
    }

    #[test]
    fn what_a_later_version_added_is_kept() {
        let old =
            br#"{"later":"\u6570 \"","format":1,"token":7,"figures":[1.10,1e5,{"token":null}],"gone":null}"#;
        let mut row: TokenRow = decode(old).unwrap();
        row.token = 8;
        let expected =
            r#"{"format":1,"token":8,"later":"\u6570 \"","figures":[1.10,1e5,{"token":null}],"gone":null}"#;
        let over = |old: &[u8]| keep(encode(&row), TokenRow::knows, Some(old));
        let written = over(old);
        let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&written), value(expected.as_bytes()));
        assert_eq!(over(&written), written, "and kept again");
        assert_eq!(keep(encode(&row), TokenRow::knows, None), br#"{"format":1,"token":8}"#);
    }

    /// Rows that a gateway of this format wrote with another codec.
    const KEPT: &str = include_str!("format-1.json");

    fn kept() -> Vec<(String, String)> {
        let document: serde_json::Value = serde_json::from_str(KEPT).unwrap();
        let text = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap().to_string();
        document["rows"].as_array().unwrap().iter().map(|row| (text(row, "key"), text(row, "row"))).collect()
    }

    /// The row read and written again, by the kind that its key says.
    fn again(key: &str, row: &str) -> Result<String, ReasonCode> {
        fn of<R: RowKind>(row: &str) -> Result<String, ReasonCode> {
            decode::<R>(row.as_bytes()).map(|row| String::from_utf8(encode(&row)).unwrap())
        }
        match key.split('/').next().unwrap() {
            "instance" => of::<InstanceRow>(row),
            "work" => of::<WorkRow>(row),
            "effect" => of::<EndedWork>(row),
            "replay" => of::<ReplayRow>(row),
            "order" | "test" => of::<OrderRow>(row),
            _ => Err(ReasonCode::Internal),
        }
    }

    /// What the event of a work says of its kind.
    fn kind_of_event(row: &str) -> Option<String> {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        row["event"]["type"].as_str().map(ToString::to_string)
    }

    #[test]
    fn rows_that_are_kept_come_back_as_the_same_bytes() {
        let rows = kept();
        for kind in ["instance/", "work/", "effect/", "replay/", "order/", "test/"] {
            assert!(rows.iter().any(|(key, _)| key.starts_with(kind)), "{kind}");
        }
        for (key, row) in rows {
            // What a later version adds in the same format comes with its default.
            let written = again(&key, &row).unwrap();
            let expected = match kind_of_event(&row) {
                Some(kind) => row.replace(r#","signed_at""#, &format!(r#","kind":"{kind}","signed_at""#)),
                None => row,
            };
            assert_eq!(written.replace(r#","recorded_at":0"#, ""), expected, "{key}");
            assert_eq!(again(&key, &expected).as_ref(), Ok(&written), "{key}: and again");
        }
    }

    #[test]
    fn a_member_of_another_type_and_one_that_is_missing_are_corrupt() {
        for (key, row) in kept() {
            let members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&row).unwrap();
            for name in members.keys().filter(|name| *name != "event") {
                let mut other = members.clone();
                other.insert(name.clone(), serde_json::json!([{"no": "such"}]));
                let text = serde_json::to_string(&other).unwrap();
                assert_eq!(again(&key, &text), Err(ReasonCode::CorruptRow), "{key}: {name}");
            }
            for name in ["format", "instance", "id", "request", "end", "times", "owner", "queue", "token"] {
                let mut less = members.clone();
                if less.remove(name).is_some() {
                    let text = serde_json::to_string(&less).unwrap();
                    assert_eq!(again(&key, &text), Err(ReasonCode::CorruptRow), "{key}: {name}");
                }
            }
        }
    }

    #[test]
    fn a_work_whose_kind_nobody_knows_is_corrupt() {
        let (key, row) = kept().into_iter().find(|(key, _)| key.starts_with("work/")).unwrap();
        for (old, new) in [
            (r#""type":"subscribe""#, r#""type":"later""#),
            (r#""signed_at""#, r#""kind":"later","signed_at""#),
        ] {
            assert_eq!(again(&key, &row.replace(old, new)), Err(ReasonCode::CorruptRow), "{new}");
        }
    }

    #[test]
    fn an_optional_member_that_is_known_does_not_come_back() {
        let old = br#"{"format":1,"instance":"a"}"#;
        let row = OrderRow { format: 1, instance: "b".into() };
        let written = keep(encode(&row), OrderRow::knows, Some(old));
        assert_eq!(written, br#"{"format":1,"instance":"b"}"#);
        assert!(InstanceRow::knows("frozen") && WorkRow::knows("leased_until"));
    }
}
