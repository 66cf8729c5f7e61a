//! JSON: the reader into one flat list of spans against the reader into a tree, to the byte at which they stop.

#![no_main]

use countersign_core::wire::json::flat::{self, Value, push_value};
use countersign_core::wire::json::{self, Canonical, JsonError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let flat = flat::read_repeated(text);
    let tree = json::read_repeated(text);
    assert_eq!(flat::read(text).err(), json::read(text).err());
    match (flat, tree) {
        (Ok((flat, repeated)), Ok((tree, expected))) => {
            assert_eq!(repeated, expected, "repeated names");
            understood(flat.value(), &tree);
            assert_eq!(flat::read(text).is_err(), repeated);
        }
        (flat, tree) => assert_eq!(flat.err(), tree.err()),
    }
});

fn understood(flat: Value<'_>, tree: &json::Value<'_>) {
    same(flat, tree);
    let mut compact = Vec::new();
    push_value(&mut compact, flat);
    let mut expected = Vec::new();
    json::push_value(&mut expected, tree);
    assert_eq!(compact, expected, "compact text");
    for form in Canonical::ALL {
        let (mut text, mut expected) = (Vec::new(), Vec::new());
        let written = form.write_flat(flat, &mut text);
        assert_eq!(written, form.write(tree, &mut expected));
        assert_eq!(text, expected, "{}", form.code());
    }
    let again = flat::read_repeated(&compact).map(|(document, _)| same(document.value(), tree));
    assert_eq!(again, Ok::<_, JsonError>(()), "written and read again");
}

fn same(flat: Value<'_>, tree: &json::Value<'_>) {
    match (flat, tree) {
        (Value::Null, json::Value::Null) => {}
        (Value::Bool(flat), json::Value::Bool(tree)) => assert_eq!(flat, *tree),
        (Value::Number(flat), json::Value::Number(tree)) => assert_eq!(flat, *tree),
        (Value::String(flat), json::Value::String(tree)) => assert_eq!(flat.as_str(), tree.as_str()),
        (Value::Array(flat), json::Value::Array(tree)) => {
            assert_eq!((flat.iter().count(), flat.is_empty()), (tree.len(), tree.is_empty()));
            flat.iter().zip(tree).for_each(|(flat, tree)| same(flat, tree));
        }
        (Value::Object(members), json::Value::Object(expected)) => {
            assert_eq!((members.iter().count(), members.is_empty()), (expected.len(), expected.is_empty()));
            for ((name, value), (expected_name, expected_value)) in members.iter().zip(expected) {
                assert_eq!(name.as_str(), expected_name.as_str());
                same(value, expected_value);
                // Of a repeated name both find the same one. Not the whole of it: nested, that would double with each level.
                let (found, expected) = (members.get(&name).and_then(Value::as_number), tree.get(&name));
                assert_eq!(found, expected.and_then(json::Value::as_number));
            }
        }
        (flat, tree) => panic!("{flat:?} and {tree:?}"),
    }
}
