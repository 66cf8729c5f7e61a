//! Laws of the reader and of the canonical forms, on generated texts.
//!
//! The second opinion is serde_json. Known differences, by design: it lets repeated names pass, goes down 128 levels
//! and refuses numbers beyond `f64`; all three are set aside here.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// The source text of a string, escaped in ways that no writer would choose.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-f]{0,3}",
        2 => select(std::vec!["测", "é", "\u{7f}", "\u{2028}", "\u{e000}", "\u{ffff}", "😀"]).prop_map(str::to_string),
        2 => select(std::vec![r#"\""#, r"\\", r"\/", r"\b", r"\f", r"\n", r"\r", r"\t"]).prop_map(str::to_string),
        2 => any::<char>().prop_map(|character| {
            character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>()
        }),
        1 => (0_u8..0x20).prop_map(|unit| format!("\\u{unit:04X}")),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,19})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?"
}

pub(super) fn text() -> impl Strategy<Value = String> {
    let scalar =
        prop_oneof![string(), number(), select(std::vec!["null", "true", "false"]).prop_map(str::to_string),];
    let value = scalar.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(|items| format!("[{}]", items.join(","))),
            members(inner),
        ]
    });
    members(value)
}

fn members(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let blank = select(std::vec!["", "", "", " ", "\t", "\r\n"]);
    proptest::collection::vec((string(), value, blank), 0..6).prop_map(|members| {
        let members: Vec<_> = members
            .into_iter()
            .map(|(name, value, blank)| format!("{blank}{name}{blank}:{blank}{value}{blank}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

/// A text with a few bytes taken out and a few others put in.
pub(super) fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let inserted = prop_oneof![
        "[\\[\\]{}:,\"\\\\ut0-9eE.+\\- \n]{0,2}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..2),
    ];
    (text(), any::<prop::sample::Index>(), 0_usize..3, inserted).prop_map(|(text, at, removed, inserted)| {
        let mut bytes = text.into_bytes();
        let start = at.index(bytes.len());
        let end = bytes.len().min(start + removed);
        bytes.splice(start..end, inserted);
        bytes
    })
}

/// Tokens in any order.
pub(super) fn noise() -> impl Strategy<Value = String> {
    "[\\[\\]{}:,\"\\\\u0a-fA-F1-9.eE+\\- ]{0,12}"
}

/// What serde_json would have made of it.
fn translated(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) => text.as_str().into(),
        Value::Array(elements) => elements.iter().map(translated).collect(),
        Value::Object(members) => serde_json::Value::Object(
            members.iter().map(|(name, value)| (name.to_string(), translated(value))).collect(),
        ),
    }
}

fn agree(text: &[u8]) -> Result<(), TestCaseError> {
    let other = serde_json::from_slice::<serde_json::Value>(text);
    match (read_repeated(text), other) {
        (Ok((ours, _)), Ok(other)) => prop_assert_eq!(translated(&ours), other),
        (Ok(_), Err(error)) => {
            prop_assert!(error.to_string().starts_with("number out of range"), "{}", error);
        }
        (Err(JsonError::TooDeep { .. }), _) | (Err(_), Err(_)) => {}
        (Err(error), Ok(_)) => return Err(TestCaseError::fail(format!("{error:?}"))),
    }
    Ok(())
}

fn written(form: Canonical, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    form.write(&read_repeated(text).unwrap().0, &mut out).unwrap();
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 1_000 }))]

    #[test]
    fn another_reader_understands_the_same(text in text()) {
        agree(text.as_bytes())?;
    }

    #[test]
    fn another_reader_refuses_the_same_damaged_texts(text in damaged()) {
        agree(&text)?;
    }

    #[test]
    fn another_reader_refuses_the_same_noise(text in noise()) {
        agree(text.as_bytes())?;
    }

    #[test]
    fn a_canonical_form_of_a_canonical_form_is_itself(text in text()) {
        prop_assume!(read(text.as_bytes()).is_ok());
        for form in Canonical::ALL {
            let once = written(form, text.as_bytes());
            prop_assert_eq!(&written(form, &once), &once);
        }
    }

    #[test]
    fn a_canonical_form_says_what_the_body_said(text in text()) {
        let Ok(document) = read(text.as_bytes()) else { return Ok(()) };
        let mut expected = translated(&document);
        expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        for form in [Canonical::TopLevelSorted, Canonical::RecursivelySorted, Canonical::Descending] {
            let out = written(form, text.as_bytes());
            prop_assert_eq!(&serde_json::from_slice::<serde_json::Value>(&out).unwrap(), &expected);
        }
    }

    #[test]
    fn the_received_order_of_the_top_does_not_matter(text in text(), turn in 0_usize..6) {
        let Ok(Value::Object(mut members)) = read(text.as_bytes()) else { return Ok(()) };
        let before = Canonical::ALL.map(|form| written(form, text.as_bytes()));
        let turn = turn.min(members.len());
        members.rotate_left(turn);
        let turned = Value::Object(members);
        for (form, before) in Canonical::ALL.into_iter().zip(before) {
            let mut after = Vec::new();
            form.write(&turned, &mut after).unwrap();
            prop_assert_eq!(after, before);
        }
    }
}

#[test]
fn repeated_names_pass_where_they_are_let_pass_and_the_last_one_counts() {
    let (value, repeated) = read_repeated(br#"{"instanceId":"a","x":{"y":1},"instanceId":"b"}"#).unwrap();
    assert!(repeated);
    assert_eq!(value.get("instanceId").and_then(Value::as_str), Some("b"));
    assert_eq!(value.get("x").and_then(|x| x.get("y")).and_then(Value::as_number), Some("1"));
    assert!(!read_repeated(b"{}").unwrap().1);
}

#[test]
fn strings_without_escapes_are_borrowed() {
    let text = r#"["plain 测","es\u0063aped"]"#;
    let Ok(Value::Array(elements)) = read(text.as_bytes()) else { panic!("an array") };
    let [Value::String(plain), Value::String(escaped)] = &elements[..] else { panic!("two strings") };
    assert!(matches!(plain.clone().into_cow(), std::borrow::Cow::Borrowed("plain 测")));
    assert_eq!(escaped, "escaped");
}

#[test]
fn a_refusal_says_where() {
    assert_eq!(read(br#"{"a":1,}"#), Err(JsonError::Malformed { at: 7 }));
    assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(JsonError::Malformed { at: 6 }));
    assert_eq!(read(&[b'['; 65]), Err(JsonError::TooDeep { at: 64 }));
}

/// A hundred thousand names, then the first one again: with comparison in pairs this would take minutes.
#[test]
fn very_many_names_are_read_in_reasonable_time() {
    let names: Vec<_> = (0..if cfg!(miri) { 100 } else { 100_000 })
        .map(|number| format!("\"a rather long common beginning {number}\":0"))
        .collect();
    let distinct = format!("{{{}}}", names.join(","));
    assert!(read(distinct.as_bytes()).is_ok());
    let repeated = format!("{{{},{}}}", names.join(","), names[0]);
    assert_eq!(read(repeated.as_bytes()), Err(JsonError::DuplicateName));
}
