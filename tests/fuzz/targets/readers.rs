//! JSON: the reader into one flat list of spans against the one into a tree, to the byte at which they stop.

#![no_main]

use countersign_core::wire::json::{
    Canonical, DEPTH_LIMIT, JsonError, Value, push_value, read, read_repeated,
};
use countersign_fuzz::tree::{self, Stop, Tree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    match (read_repeated(text), tree::read(text, DEPTH_LIMIT)) {
        (Ok((document, repeated)), Ok(tree)) => {
            assert_eq!(repeated, tree.repeats_a_name());
            assert_eq!(read(text).err(), repeated.then_some(JsonError::DuplicateName));
            understood(document.value(), &tree);
        }
        (Err(error), Err(stop)) => {
            let expected = match stop {
                Stop::Malformed(at) => JsonError::Malformed { at },
                Stop::TooDeep(at) => JsonError::TooDeep { at },
            };
            assert_eq!(error, expected);
            assert_eq!(read(text).err(), Some(expected));
        }
        (flat, tree) => panic!("{flat:?} and {tree:?}"),
    }
});

fn understood(value: Value<'_>, tree: &Tree) {
    assert_eq!(&copied(value), tree);
    let mut compact = Vec::new();
    push_value(&mut compact, value);
    assert_eq!(text(&compact), tree.compact());
    for form in Canonical::ALL {
        let mut out = Vec::new();
        let written = form.write(value, &mut out);
        let expected = tree.canonical(form.code());
        assert_eq!(
            (written.is_ok(), text(&out)),
            (expected.is_some(), expected.as_deref().unwrap_or_default())
        );
    }
}

fn copied(value: Value<'_>) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(value) => Tree::Bool(value),
        Value::Number(text) => Tree::Number(text.to_string()),
        Value::String(text) => Tree::String(text.to_string()),
        Value::Array(elements) => {
            assert_eq!(
                (elements.is_empty(), elements.len()),
                (elements.iter().next().is_none(), elements.iter().count())
            );
            Tree::Array(elements.iter().map(copied).collect())
        }
        Value::Object(members) => {
            assert_eq!(
                (members.is_empty(), members.len()),
                (members.iter().next().is_none(), members.iter().count())
            );
            for (name, _) in members.iter() {
                // Of a repeated name the last. Not the whole of it is compared: that would double with each level.
                let last = members.iter().filter(|(other, _)| *other == name).last();
                let found = members.get(name).map(Value::as_number);
                assert_eq!(found, last.map(|(_, value)| value.as_number()));
            }
            Tree::Object(members.iter().map(|(name, value)| (name.to_string(), copied(value))).collect())
        }
    }
}

fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).expect("UTF-8")
}
