//! JSON as the platform's Java writes it: no blanks, `/` and characters beyond ASCII as they are, control characters in
//! upper-case hex.

use crate::Fields;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io;

pub(crate) fn compact(members: &Fields) -> String {
    written(members, Jackson(CompactFormatter))
}

pub(crate) fn pretty(members: &Fields) -> String {
    written(members, PrettyFormatter::new())
}

pub(crate) fn text(text: &str) -> String {
    written(text, Jackson(CompactFormatter))
}

pub(crate) fn value(value: &Value) -> String {
    written(value, Jackson(CompactFormatter))
}

/// The value with the members of every object in ascending order of UTF-16 code units.
pub(crate) fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            members.into_iter().map(|(name, value)| (name.clone(), sorted(value))).collect()
        }
        scalar => scalar.clone(),
    }
}

#[expect(clippy::expect_used, reason = "a JSON value written to memory fails nowhere and is UTF-8")]
fn written<F: Formatter>(value: &(impl Serialize + ?Sized), formatter: F) -> String {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter)).expect("memory takes every byte");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// The compact form with Jackson's spelling of control characters, `\u001F`.
struct Jackson(CompactFormatter);

impl Formatter for Jackson {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(byte) => write!(writer, "\\u{byte:04X}"),
            other => self.0.write_char_escape(writer, other),
        }
    }
}
