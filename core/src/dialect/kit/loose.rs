//! JSON whose names stand without quotes, as the platform's own sample of `allOrgSync` prints it (workbench, A.6). Nothing
//! else is forgiven: what comes out is read as JSON.

use alloc::vec::Vec;

/// The same text with quotes around every name `[A-Za-z_][A-Za-z0-9_]*` that has none.
pub(super) fn quote_names(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len().saturating_mul(2));
    let mut rest = text.as_bytes();
    // The last byte that was no blank, outside of texts.
    let mut before = b' ';
    while let Some((&byte, behind)) = rest.split_first() {
        let length = match byte {
            b'"' => length_of_text(rest),
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => rest.iter().take_while(|byte| is_of_name(**byte)).count(),
            _ => 1,
        };
        let (part, behind) = rest.split_at_checked(length).unwrap_or((rest, behind));
        let is_name =
            byte != b'"' && length_of_name(part) && matches!(before, b'{' | b',') && is_named(behind);
        if is_name {
            out.push(b'"');
        }
        out.extend_from_slice(part);
        if is_name {
            out.push(b'"');
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        rest = behind;
    }
    out
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn length_of_name(part: &[u8]) -> bool {
    part.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
}

/// Whether a colon comes next.
fn is_named(behind: &[u8]) -> bool {
    behind.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) == Some(&b':')
}

/// The bytes of a text in quotes; of one that does not end, all that are left.
fn length_of_text(rest: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in rest.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index.saturating_add(1),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::quote_names;
    use proptest::prelude::*;
    use std::string::{String, ToString};

    fn quoted(text: &str) -> String {
        String::from_utf8(quote_names(text)).unwrap()
    }

    #[test]
    fn names_get_quotes_and_nothing_else_does() {
        for (text, expected) in [
            (r#"[{orgCode:"1", _a9 : 2,"b":3}]"#, r#"[{"orgCode":"1", "_a9" : 2,"b":3}]"#),
            (r#"[{a:{b:null},c:[true,{d:1}]}]"#, r#"[{"a":{"b":null},"c":[true,{"d":1}]}]"#),
            (r#"[{"x":"{a:1,b:2}","y":"\",c:1"}]"#, r#"[{"x":"{a:1,b:2}","y":"\",c:1"}]"#),
            ("[{true:1}]", r#"[{"true":1}]"#),
            // All of these stay what JSON refuses.
            ("[{'a':1}]", "[{'a':1}]"),
            ("[{9a:1}]", "[{9a:1}]"),
            ("[{a-b:1}]", "[{a-b:1}]"),
            ("[{a.b:1}]", "[{a.b:1}]"),
            ("[{名:1}]", "[{名:1}]"),
            ("[{a:b}]", r#"[{"a":b}]"#),
            ("[{a}]", "[{a}]"),
            ("[{/*x*/a:1}]", "[{/*x*/a:1}]"),
            ("[{a:1,}]", r#"[{"a":1,}]"#),
            ("[{\"a", "[{\"a"),
            ("", ""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    proptest! {
        #[test]
        fn what_is_json_already_stays_as_it_is(texts in proptest::collection::vec(".{0,12}", 0..6)) {
            let object: serde_json::Map<String, serde_json::Value> =
                texts.iter().map(|text| (text.clone(), serde_json::json!([{"a:": text}, {text.clone(): null}]))).collect();
            let text = serde_json::Value::from(object).to_string();
            prop_assert_eq!(quoted(&text), text);
        }

        #[test]
        fn any_text_is_taken(text in ".{0,64}") {
            let without: String = quoted(&text).chars().filter(|letter| *letter != '"').collect();
            prop_assert_eq!(without, text.chars().filter(|letter| *letter != '"').collect::<String>().to_string());
        }
    }
}
