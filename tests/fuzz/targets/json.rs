//! JSON: the reader against serde_json, and the canonical forms against their laws.

#![no_main]

use countersign_core::wire::json::{
    Canonical, DEPTH_LIMIT, JsonError, Members, Value, push_ascii_string, push_string, push_value, read,
    read_repeated,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let other = serde_json::from_slice::<serde_json::Value>(text);
    match (read_repeated(text), &other) {
        (Ok((document, repeated)), Ok(other)) => {
            assert_eq!(&translated(document.value()).expect("numbers of f64"), other);
            understood(text, document.value(), repeated);
        }
        // It refuses numbers beyond f64; here they are texts.
        (Ok((document, repeated)), Err(error)) => {
            assert!(error.to_string().starts_with("number out of range"), "{error}");
            understood(text, document.value(), repeated);
        }
        (Err(JsonError::Malformed { at }), Err(_)) => assert!(at <= text.len()),
        // It goes deeper.
        (Err(JsonError::TooDeep { at }), _) => {
            let opened = text.iter().take(at + 1).filter(|byte| matches!(byte, b'[' | b'{')).count();
            assert!(opened > DEPTH_LIMIT);
        }
        (read, other) => panic!("{read:?} and {other:?}"),
    }
    if let Ok(text) = core::str::from_utf8(text) {
        strings(text);
    }
});

fn understood(text: &[u8], value: Value<'_>, repeated: bool) {
    assert_eq!(read(text).is_err(), repeated);
    let compact = compact(value);
    let (again, _) = read_repeated(&compact).expect("what is written is JSON");
    assert_eq!(self::compact(again.value()), compact, "written and read again");
    if repeated {
        return;
    }
    for form in Canonical::ALL {
        let mut once = Vec::new();
        let Value::Object(members) = value else {
            assert!(form.write(value, &mut once).is_err() && once.is_empty());
            continue;
        };
        form.write(value, &mut once).expect("an object has every form");
        let again = read(&once).expect("a form is JSON");
        let mut twice = Vec::new();
        form.write(again.value(), &mut twice).expect("an object");
        assert_eq!(once, twice, "{}", form.code());
        let turned = turned(members);
        twice.clear();
        form.write(read(&turned).expect("JSON").value(), &mut twice).expect("an object");
        assert_eq!(once, twice, "the received order of the top does not matter: {}", form.code());
        let kept = members.iter().filter(|(_, value)| !value.is_null()).count();
        assert_eq!(again.value().as_object().map(Members::len), Some(kept));
    }
}

fn compact(value: Value<'_>) -> Vec<u8> {
    let mut compact = Vec::new();
    push_value(&mut compact, value);
    compact
}

/// The text of an object, its last member first.
fn turned(members: Members<'_>) -> Vec<u8> {
    let members: Vec<_> = members.iter().collect();
    let mut out = Vec::from(*b"{");
    for (index, (name, value)) in members.into_iter().rev().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_string(&mut out, name);
        out.push(b':');
        push_value(&mut out, value);
    }
    out.push(b'}');
    out
}

/// What serde_json makes of it; `None` for a number beyond it.
fn translated(value: Value<'_>) -> Option<serde_json::Value> {
    Some(match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => value.into(),
        Value::Number(text) => serde_json::from_str(text).ok()?,
        Value::String(text) => text.into(),
        Value::Array(elements) => elements.iter().map(translated).collect::<Option<_>>()?,
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| Some((name.to_string(), translated(value)?)));
            serde_json::Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

fn strings(text: &str) {
    for push in [push_string, push_ascii_string] {
        let mut written = Vec::new();
        push(&mut written, text);
        assert_eq!(serde_json::from_slice::<String>(&written).as_deref().ok(), Some(text));
        assert_eq!(read(&written).expect("a string").value().as_str(), Some(text));
    }
    let mut written = Vec::new();
    push_ascii_string(&mut written, text);
    assert!(written.is_ascii());
}
