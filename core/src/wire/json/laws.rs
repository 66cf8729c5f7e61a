//! Laws of the reader and of the canonical forms, on generated texts.
//!
//! The second opinion is serde_json. Known differences, by design: it lets repeated names pass, goes down 128 levels
//! and refuses numbers beyond `f64`; all three are set aside here. The third is a plain reader of our own, which agrees
//! in everything, and says where it stopped.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use tree::{Stop, Tree};

#[path = "../../../../tests/fuzz/src/tree.rs"]
#[expect(unreachable_pub, reason = "the fuzz targets share it")]
mod tree;

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

fn text() -> impl Strategy<Value = String> {
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
fn damaged() -> impl Strategy<Value = Vec<u8>> {
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
fn noise() -> impl Strategy<Value = String> {
    "[\\[\\]{}:,\"\\\\u0a-fA-F1-9.eE+\\- ]{0,12}"
}

/// What serde_json would have made of it.
fn translated(value: Value<'_>) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Number(text) => serde_json::from_str(text).unwrap(),
        Value::String(text) => text.into(),
        Value::Array(elements) => elements.iter().map(translated).collect(),
        Value::Object(members) => serde_json::Value::Object(
            members.iter().map(|(name, value)| (name.to_string(), translated(value))).collect(),
        ),
    }
}

fn agree(text: &[u8]) -> Result<(), TestCaseError> {
    let other = serde_json::from_slice::<serde_json::Value>(text);
    match (read_repeated(text), other) {
        (Ok((ours, _)), Ok(other)) => prop_assert_eq!(translated(ours.value()), other),
        (Ok(_), Err(error)) => {
            prop_assert!(error.to_string().starts_with("number out of range"), "{}", error);
        }
        (Err(JsonError::TooDeep { .. }), _) | (Err(_), Err(_)) => {}
        (Err(error), Ok(_)) => return Err(TestCaseError::fail(format!("{error:?}"))),
    }
    match (read_repeated(text), tree::read(text, DEPTH_LIMIT)) {
        (Ok((ours, repeated)), Ok(tree)) => {
            prop_assert_eq!(repeated, tree.repeats_a_name());
            prop_assert_eq!(&copied(ours.value()), &tree);
            let mut compact = Vec::new();
            push_value(&mut compact, ours.value());
            prop_assert_eq!(String::from_utf8(compact).unwrap(), tree.compact());
            for form in Canonical::ALL {
                let mut out = Vec::new();
                let written =
                    form.write(ours.value(), &mut out).ok().map(|()| String::from_utf8(out).unwrap());
                prop_assert_eq!(written, tree.canonical(form.code()), "{}", form.code());
            }
        }
        (ours, tree) => {
            let expected = tree.err().map(|stop| match stop {
                Stop::Malformed(at) => JsonError::Malformed { at },
                Stop::TooDeep(at) => JsonError::TooDeep { at },
            });
            prop_assert_eq!(ours.err(), expected);
        }
    }
    Ok(())
}

fn copied(value: Value<'_>) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(value),
        Value::Number(text) => Tree::Number(text.to_string()),
        Value::String(text) => Tree::String(text.to_string()),
        Value::Array(elements) => Tree::Array(elements.iter().map(copied).collect()),
        Value::Object(members) => {
            Tree::Object(members.iter().map(|(name, value)| (name.to_string(), copied(value))).collect())
        }
    }
}

fn written(form: Canonical, text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    form.write(read_repeated(text).unwrap().0.value(), &mut out).unwrap();
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 1_000 }))]

    #[test]
    fn other_readers_understand_the_same(text in text()) {
        agree(text.as_bytes())?;
    }

    #[test]
    fn other_readers_refuse_the_same_damaged_texts(text in damaged()) {
        agree(&text)?;
    }

    #[test]
    fn other_readers_refuse_the_same_noise(text in noise()) {
        agree(text.as_bytes())?;
    }

    /// Few and many names, some of them equal, some of them written in another way.
    #[test]
    fn other_readers_find_the_same_repeated_names(
        names in proptest::collection::vec("[ab]{0,3}|(\\\\u006[1-3]){1,2}|[a-z]{8}", 0..40),
    ) {
        let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":[]")).collect();
        agree(format!("{{{}}}", members.join(",")).as_bytes())?;
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
        let mut expected = translated(document.value());
        expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        for form in [Canonical::TopLevelSorted, Canonical::RecursivelySorted, Canonical::Descending] {
            let out = written(form, text.as_bytes());
            prop_assert_eq!(&serde_json::from_slice::<serde_json::Value>(&out).unwrap(), &expected);
        }
    }

    #[test]
    fn the_received_order_of_the_top_does_not_matter(text in text(), turn in 0_usize..6) {
        prop_assume!(read(text.as_bytes()).is_ok());
        let Ok(Tree::Object(mut members)) = tree::read(text.as_bytes(), DEPTH_LIMIT) else { return Ok(()) };
        let turn = turn.min(members.len());
        members.rotate_left(turn);
        let turned = Tree::Object(members).compact();
        for form in Canonical::ALL {
            prop_assert_eq!(written(form, turned.as_bytes()), written(form, text.as_bytes()));
        }
    }
}

#[test]
fn repeated_names_pass_where_they_are_let_pass_and_the_last_one_counts() {
    let (document, repeated) = read_repeated(br#"{"instanceId":"a","x":{"y":1},"instanceId":"b"}"#).unwrap();
    assert!(repeated);
    let value = document.value();
    assert_eq!(value.get("instanceId").and_then(Value::as_str), Some("b"));
    assert_eq!(value.get("x").and_then(|x| x.get("y")).and_then(Value::as_number), Some("1"));
    assert_eq!(value.as_object().and_then(|members| members.first("instanceId")?.as_str()), Some("a"));
    assert!(!read_repeated(b"{}").unwrap().1);
}

#[test]
fn strings_without_escapes_are_borrowed() {
    let text = r#"["plain 测","es\u0063aped"]"#;
    let document = read(text.as_bytes()).unwrap();
    let strings: Vec<&str> =
        document.value().as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
    assert_eq!(strings, ["plain 测", "escaped"]);
    let source = text.as_bytes().as_ptr_range();
    assert_eq!(strings.iter().map(|text| source.contains(&text.as_ptr())).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_is_spelt_as_it_would_be_written_is_copied_from_its_source() {
    for (text, is_compact) in [
        (r#"{"a":[1,"\"\n",{}],"b":null}"#, true),
        (r#"[1.10,true,-0]"#, true),
        (r#"[1, 2]"#, false),
        (r#"[ ]"#, false),
        (r#"{"a" :1}"#, false),
        (r#"["\/"]"#, false),
        (r#"["\u0041"]"#, false),
        (r#"["\u000B"]"#, false),
    ] {
        let document = read(text.as_bytes()).unwrap();
        assert_eq!(document.value().compact(), is_compact.then_some(text), "{text}");
    }
    // A blank before and behind it is none of its own.
    let document = read(br#" {"a": [1] ,"b":[2]} "#).unwrap();
    let inner = |name: &str| document.value().get(name).and_then(Value::compact);
    assert_eq!((inner("a"), inner("b"), document.value().compact()), (Some("[1]"), Some("[2]"), None));
}

#[test]
fn a_refusal_says_where() {
    let refused = |text: &[u8]| read(text).err();
    assert_eq!(refused(br#"{"a":1,}"#), Some(JsonError::Malformed { at: 7 }));
    assert_eq!(refused(b"{\"a\":\"\xff\"}"), Some(JsonError::Malformed { at: 6 }));
    assert_eq!(refused(&[b'['; 65]), Some(JsonError::TooDeep { at: 64 }));
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
    assert_eq!(read(repeated.as_bytes()).err(), Some(JsonError::DuplicateName));
}
