//! Query strings: targets, percent-encoding and pairs.

#![no_main]

use std::collections::BTreeSet;

use countersign_core::wire::form::pairs;
use countersign_core::wire::{Form, FormError, Target, percent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|target: &[u8]| {
    let read = Target::parse(target);
    let (path, query) = (read.path(), read.query());
    assert!(!path.contains(&b'?') && ![path, query].concat().contains(&b'#'));
    assert_eq!(Target::parse(&[b"https://h", path, b"?", query].concat()).query(), query);
    one_text(target);
    whole_query(query);
});

fn one_text(text: &[u8]) {
    let expected = second_reader(text);
    match percent::decode(text) {
        Ok(decoded) => {
            assert_eq!(Some(decoded.as_bytes()), expected.as_deref());
            let written = percent::encode(decoded.as_bytes());
            assert!(written.bytes().all(|byte| byte.is_ascii_graphic() && !b"&=+#?/".contains(&byte)));
            assert_eq!(percent::decode(written.as_bytes()).as_deref(), Ok(&*decoded));
        }
        Err(FormError::Percent) => assert_eq!(expected, None),
        Err(FormError::Utf8) => assert!(core::str::from_utf8(&expected.expect("decoded bytes")).is_err()),
        Err(FormError::RepeatedName) => panic!("one text has no names"),
    }
}

/// By way of a text of digits, so that it shares nothing with the first.
fn second_reader(text: &[u8]) -> Option<Vec<u8>> {
    let mut parts = text.split(|byte| *byte == b'%');
    let plain =
        |part: &[u8]| part.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect::<Vec<_>>();
    let mut bytes = plain(parts.next()?);
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        let digits = core::str::from_utf8(digits).ok().filter(|digits| !digits.contains('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(plain(rest));
    }
    Some(bytes)
}

fn whole_query(query: &[u8]) {
    let all: Result<Vec<_>, _> = pairs(query).collect();
    let names = |pairs: &[(_, _)]| {
        pairs
            .iter()
            .map(|(name, _): &(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| name.to_string())
            .collect::<BTreeSet<_>>()
    };
    match (Form::parse(query), all) {
        (Ok(form), Ok(all)) => {
            assert_eq!(names(&all).len(), all.len());
            again(&form);
            taken(form);
        }
        (Err(FormError::RepeatedName), Ok(all)) => assert!(names(&all).len() < all.len()),
        (Err(error), Err(first)) => assert_eq!(error, first),
        (form, all) => panic!("{form:?} and {all:?}"),
    }
}

/// Written and read, it is the same form.
fn again(form: &Form<'_>) {
    let written: Vec<String> = form
        .iter()
        .map(|(name, value)| {
            format!("{}={}", percent::encode(name.as_bytes()), percent::encode(value.as_bytes()))
        })
        .collect();
    assert_eq!(Form::parse(written.join("&").as_bytes()).as_ref(), Ok(form));
}

/// Every name can be taken once.
fn taken(mut form: Form<'_>) {
    let pairs: Vec<_> = form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (name, value) in pairs {
        assert_eq!(form.get(&name), Some(&*value));
        assert_eq!(form.take(&name).as_deref(), Some(&*value));
        assert_eq!(form.take(&name), None);
    }
    assert!(form.into_pairs().is_empty());
}
