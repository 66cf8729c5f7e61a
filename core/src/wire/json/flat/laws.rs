//! Laws of the flat reader: whatever arrives, it says what the reader into a tree says.

use std::vec::Vec;

use proptest::prelude::*;

use super::{Value, push_value, read, read_repeated};
use crate::wire::json::laws::{damaged, noise, text};
use crate::wire::json::{self, Canonical};

fn agree(text: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(read(text).err(), json::read(text).err());
    match (read_repeated(text), json::read_repeated(text)) {
        (Ok((flat, repeated)), Ok((tree, expected))) => {
            prop_assert_eq!(repeated, expected);
            prop_assert!(same(flat.value(), &tree), "{:?} and {:?}", flat.value(), tree);
            prop_assert_eq!(
                written(|out| push_value(out, flat.value())),
                written(|out| json::push_value(out, &tree))
            );
            for form in Canonical::ALL {
                let (mut text, mut expected) = (Vec::new(), Vec::new());
                prop_assert_eq!(form.write_flat(flat.value(), &mut text), form.write(&tree, &mut expected));
                prop_assert_eq!(text, expected, "{}", form.code());
            }
        }
        (flat, tree) => prop_assert_eq!(flat.err(), tree.err()),
    }
    Ok(())
}

fn same(flat: Value<'_>, tree: &json::Value<'_>) -> bool {
    match (flat, tree) {
        (Value::Null, json::Value::Null) => true,
        (Value::Bool(flat), json::Value::Bool(tree)) => flat == *tree,
        (Value::Number(flat), json::Value::Number(tree)) => flat == *tree,
        (Value::String(flat), json::Value::String(tree)) => flat == tree.as_str(),
        (Value::Array(flat), json::Value::Array(tree)) => {
            flat.iter().count() == tree.len() && flat.iter().zip(tree).all(|(flat, tree)| same(flat, tree))
        }
        (Value::Object(flat), json::Value::Object(tree)) => {
            let members = flat.iter().zip(tree);
            flat.iter().count() == tree.len()
                && members
                    .clone()
                    .all(|((name, value), (known, expected))| name == known.as_str() && same(value, expected))
        }
        _ => false,
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 1_000 }))]

    #[test]
    fn both_readers_understand_the_same(text in text()) {
        agree(text.as_bytes())?;
    }

    #[test]
    fn both_readers_stop_at_the_same_byte_of_damaged_texts(text in damaged()) {
        agree(&text)?;
    }

    #[test]
    fn both_readers_stop_at_the_same_byte_of_noise(text in noise()) {
        agree(text.as_bytes())?;
    }

    /// Few and many names, some of them equal, some of them written in another way.
    #[test]
    fn both_readers_find_the_same_repeated_names(
        names in proptest::collection::vec("[ab]{0,3}|(\\\\u006[1-3]){1,2}|[a-z]{8}", 0..40),
    ) {
        let members: Vec<_> = names.iter().map(|name| std::format!("\"{name}\":[]")).collect();
        agree(std::format!("{{{}}}", members.join(",")).as_bytes())?;
    }
}
