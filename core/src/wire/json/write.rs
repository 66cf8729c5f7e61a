//! JSON strings, escaped.

use alloc::vec::Vec;

use crate::wire::scan;

/// Upper case, as Jackson writes them.
const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Appends a string between quotes, escaped as Jackson's generator does without features, so that a re-written body
/// has the bytes which the platform signed: `\"`, `\\`, `\b`, `\t`, `\n`, `\f`, `\r`, other characters below U+0020
/// as `\u00XX` with upper-case digits. `/`, U+007F, U+2028 and everything beyond ASCII stay, in UTF-8.
pub fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text.as_bytes());
    out.push(b'"');
}

/// Appends a string between quotes in ASCII: what [`push_string`] escapes, and everything beyond ASCII as `\uXXXX`,
/// beyond U+FFFF as a pair of surrogates.
///
/// The platform wants Chinese text in answers of V1 in this form (SaaS access guide V1, newInstance, `memo`).
pub fn push_ascii_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for character in text.chars() {
        if character.is_ascii() {
            push_escaped(out, character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                push_unit(out, *unit);
            }
        }
    }
    out.push(b'"');
}

/// Appends a string between quotes that is known to need no escape.
pub(super) fn push_plain(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    let mut rest = text;
    while let Some(position) = scan::json_special(rest) {
        let (plain, behind) = rest.split_at_checked(position).unwrap_or((rest, &[]));
        out.extend_from_slice(plain);
        let Some((special, behind)) = behind.split_first() else { return };
        match special {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *special]),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            other => push_unit(out, u16::from(*other)),
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
}

fn push_unit(out: &mut Vec<u8>, unit: u16) {
    let digits =
        [12, 8, 4, 0].map(|shift| DIGITS.get(usize::from(unit >> shift & 0x0f)).copied().unwrap_or(b'0'));
    out.extend_from_slice(b"\\u");
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::{String, ToString};

    fn written(push: fn(&mut Vec<u8>, &str), text: &str) -> String {
        let mut out = Vec::new();
        push(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn another_reader_understands_what_is_written(text: String) {
            let plain = written(push_string, &text);
            prop_assert_eq!(&serde_json::from_str::<String>(&plain).unwrap(), &text);
            let ascii = written(push_ascii_string, &text);
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(&serde_json::from_str::<String>(&ascii).unwrap(), &text);
        }
    }

    #[test]
    fn every_control_character_has_jacksons_escape() {
        let all: String = (0..0x20).map(char::from).collect();
        assert_eq!(
            written(push_string, &all),
            concat!(
                r#""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000B\f\r\u000E\u000F"#,
                r#"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F""#
            )
        );
    }

    #[test]
    fn what_needs_no_escape_stays() {
        let text = "/\u{7f}\u{2028}\u{2029}测试\u{1f600}'<>&";
        assert_eq!(written(push_string, text), std::format!("\"{text}\""));
    }

    #[test]
    fn answers_are_written_in_ascii() {
        assert_eq!(
            written(push_ascii_string, "测\u{1f600}\"é\u{7f}"),
            r#""\u6D4B\uD83D\uDE00\"\u00E9"#.to_string() + "\u{7f}\""
        );
    }
}
