//! From bytes to rows and back, whoever wrote them.

use alloc::vec::Vec;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::reason::ReasonCode;
use crate::wire::json::{self, Value};

/// What every kind of row has.
pub(crate) trait RowKind: Serialize + DeserializeOwned {
    /// The members that this version knows.
    const MEMBERS: &'static [&'static str];

    fn format(&self) -> u8;
}

/// A row is its members; the first is its format.
macro_rules! row {
    ($(#[$row:meta])* $name:ident { $($(#[$member:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$row])*
        #[derive(Debug, serde::Serialize, serde::Deserialize)]
        pub(crate) struct $name {
            pub(crate) format: u8,
            $($(#[$member])* pub(crate) $field: $kind,)*
        }

        impl $crate::ledger::row::RowKind for $name {
            const MEMBERS: &'static [&'static str] = &["format", $(stringify!($field)),*];

            fn format(&self) -> u8 {
                self.format
            }
        }
    };
}
pub(super) use row;

/// The part of a row that no format changes.
#[derive(Deserialize)]
struct Head {
    format: u64,
}

/// Reads a row.
///
/// # Errors
/// [`ReasonCode::NewerRow`] for one that a later version wrote in another format, [`ReasonCode::CorruptRow`] for anything
/// else that is none.
pub(crate) fn decode<R: RowKind>(bytes: &[u8]) -> Result<R, ReasonCode> {
    match serde_json::from_slice::<R>(bytes) {
        Ok(row) if row.format() == FORMAT => Ok(row),
        _ => Err(is_readable(bytes).err().unwrap_or(ReasonCode::CorruptRow)),
    }
}

/// Whether a row is of the format that this version reads.
///
/// # Errors
/// As [`decode`].
pub(crate) fn is_readable(bytes: &[u8]) -> Result<(), ReasonCode> {
    match serde_json::from_slice::<Head>(bytes) {
        Ok(head) if head.format == u64::from(FORMAT) => Ok(()),
        Ok(head) if head.format > u64::from(FORMAT) => Err(ReasonCode::NewerRow),
        _ => Err(ReasonCode::CorruptRow),
    }
}

/// The bytes of a row.
pub(crate) fn encode(row: &impl RowKind) -> Vec<u8> {
    // Rows are structs of texts and numbers: there is nothing in them that JSON cannot say.
    serde_json::to_vec(row).unwrap_or_default()
}

/// The bytes of a row that take the place of `old`: members there that this version does not know are kept.
pub(crate) fn keep(mut bytes: Vec<u8>, members: &[&str], old: Option<&[u8]>) -> Vec<u8> {
    if let Some(Ok(Value::Object(found))) = old.map(json::read_own) {
        for (name, value) in found.iter().filter(|(name, _)| !members.contains(&name.as_str())) {
            // The object is not closed before its last member: it always has one already.
            bytes.pop();
            bytes.push(b',');
            json::push_string(&mut bytes, name.as_str());
            bytes.push(b':');
            json::push_value(&mut bytes, value);
            bytes.push(b'}');
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::{InstanceRow, OrderRow, TokenRow, WorkRow};
    use super::{RowKind, decode, encode, keep};
    use crate::reason::ReasonCode;

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
        let over = |old: &[u8]| keep(encode(&row), TokenRow::MEMBERS, Some(old));
        let written = over(old);
        let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&written), value(expected.as_bytes()));
        assert_eq!(over(&written), written, "and kept again");
        assert_eq!(keep(encode(&row), TokenRow::MEMBERS, None), br#"{"format":1,"token":8}"#);
    }

    #[test]
    fn an_optional_member_that_is_known_does_not_come_back() {
        let old = br#"{"format":1,"instance":"a"}"#;
        let row = OrderRow { format: 1, instance: "b".into() };
        let written = keep(encode(&row), OrderRow::MEMBERS, Some(old));
        assert_eq!(written, br#"{"format":1,"instance":"b"}"#);
        assert!(InstanceRow::MEMBERS.contains(&"frozen") && WorkRow::MEMBERS.contains(&"leased_until"));
    }
}
