//! Canonical forms, strings, orders and times as Jackson and the JDK write them.

use countersign_core::wire::json::{Canonical, JsonError, push_ascii_string, push_string, read};
use countersign_core::wire::{percent, time, utf16};
use countersign_oracle::cases::{body, generate, integer, matching, number, object, scalar, text};
use countersign_oracle::{Oracle, question};
use proptest::prelude::*;
use proptest::sample::select;

fn oracle() -> Oracle {
    Oracle::prepare(env!("CARGO_TARGET_TMPDIR"))
}

fn operation(form: Canonical) -> String {
    form.code().replace('_', "-")
}

fn ours(form: Canonical, body: &str) -> String {
    let mut out = Vec::new();
    form.write(read(body.as_bytes()).unwrap().value(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn agree(oracle: &Oracle, form: Canonical, bodies: &[String]) {
    let operation = operation(form);
    let questions: Vec<_> = bodies.iter().map(|body| question(&operation, &[body.as_bytes()])).collect();
    for (body, answer) in bodies.iter().zip(oracle.ask(&questions)) {
        let theirs = answer.map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(theirs.as_deref(), Ok(ours(form, body).as_str()), "{operation} of {body}");
    }
}

/// Doubles as the JDK writes them: those that Jackson reads and writes again unchanged.
fn doubles(oracle: &Oracle) -> Vec<String> {
    let special =
        select(vec![0.0, 0.1, 1.5, -2.25, 1e7, 1e-3, 9.99, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE]);
    let any = prop_oneof![
        special,
        -1_000_000.0..1_000_000.0,
        any::<f64>().prop_filter("finite", |d| d.is_finite())
    ];
    let questions: Vec<_> = generate(&any, 2_000)
        .iter()
        .map(|double| question("double", &[double.to_bits().to_string().as_bytes()]))
        .collect();
    oracle.ask(&questions).into_iter().map(|answer| String::from_utf8(answer.unwrap()).unwrap()).collect()
}

#[test]
fn bodies_are_written_again_as_jackson_does() {
    let oracle = oracle();
    let number = prop_oneof![integer(), select(doubles(&oracle))];
    let bodies = generate(&body(number), 3_000);
    for form in [Canonical::TopLevelSorted, Canonical::RecursivelySorted, Canonical::Descending] {
        agree(&oracle, form, &bodies);
    }
}

/// Bound to strings, every number keeps its text.
#[test]
fn scalars_are_bound_to_strings_as_jackson_does() {
    let bodies = generate(&object(scalar(number())), 5_000);
    agree(&oracle(), Canonical::ScalarsAsStrings, &bodies);
}

/// A map of strings cannot hold what is nested: the platform's sample fails there, ours goes on.
#[test]
fn jackson_binds_nothing_nested_to_a_string() {
    let bodies = [r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#];
    let questions = bodies.map(|body| question("scalars-as-strings", &[body.as_bytes()]));
    for answer in oracle().ask(&questions) {
        assert_eq!(answer, Err(String::from("MismatchedInputException")));
    }
}

/// Where Jackson, binding to objects, changes a number's text and we keep it.
#[test]
fn numbers_that_jackson_would_change_stay_known() {
    let known = [
        ("1.10", "1.1"),
        ("1e5", "100000.0"),
        ("1E+5", "100000.0"),
        ("100000000.0", "1.0E8"),
        ("0.0001", "1.0E-4"),
        ("-0", "0"),
        ("0e0", "0.0"),
        ("12345678901234567890.5", "1.2345678901234567E19"),
        ("1e400", "\"Infinity\""),
    ];
    let bodies = known.map(|(text, _)| format!("{{\"a\":{text}}}"));
    let questions: Vec<_> =
        bodies.iter().map(|body| question("top-level-sorted", &[body.as_bytes()])).collect();
    for (((text, theirs), body), answer) in known.iter().zip(&bodies).zip(oracle().ask(&questions)) {
        assert_eq!(String::from_utf8(answer.unwrap()).unwrap(), format!("{{\"a\":{theirs}}}"), "{text}");
        assert_eq!(&ours(Canonical::TopLevelSorted, body), body, "{text}");
    }
}

/// What Jackson takes and we refuse, since it hides what was said.
#[test]
fn bodies_that_only_jackson_accepts_stay_known() {
    let known = [
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, "json_duplicate_name"),
        (r#"{"a":"\ud800"}"#, r#"{"a":"?"}"#, "json_malformed"),
        ("{}x", "{}", "json_malformed"),
        ("{} {}", "{}", "json_malformed"),
        ("\u{feff}{}", "{}", "json_malformed"),
    ];
    let questions = known.map(|(body, ..)| question("top-level-sorted", &[body.as_bytes()]));
    for ((body, theirs, code), answer) in known.iter().zip(oracle().ask(&questions)) {
        assert_eq!(answer.as_deref(), Ok(theirs.as_bytes()), "{body}");
        assert_eq!(read(body.as_bytes()).err().map(JsonError::code), Some(*code), "{body}");
    }
}

#[test]
fn strings_are_escaped_as_jackson_does() {
    let mut texts = generate(&text(), 3_000);
    texts.extend((0..=0xffff_u32).filter_map(char::from_u32).map(String::from));
    let questions: Vec<_> = texts
        .iter()
        .flat_map(|text| ["string", "ascii-string"].map(|operation| question(operation, &[text.as_bytes()])))
        .collect();
    for (text, answers) in texts.iter().zip(oracle().ask(&questions).chunks(2)) {
        let (mut plain, mut ascii) = (Vec::new(), Vec::new());
        push_string(&mut plain, text);
        push_ascii_string(&mut ascii, text);
        assert_eq!(answers, [Ok(plain), Ok(ascii)], "{text:?}");
    }
}

#[test]
fn names_sort_as_in_java() {
    let name = matching("[a-cA-C_0-9\u{e000}\u{ffff}😀\u{10ffff}é]{0,4}");
    let lists = generate(&proptest::collection::vec(name, 1..30), 500);
    let questions: Vec<_> =
        lists.iter().map(|list| question("sorted", &[list.join("\n").as_bytes()])).collect();
    for (mut list, answer) in lists.into_iter().zip(oracle().ask(&questions)) {
        list.sort_by(|left, right| utf16::compare(left, right));
        let theirs = String::from_utf8(answer.unwrap()).unwrap();
        assert_eq!(theirs.trim_start_matches('\n'), list.join("\n").trim_start_matches('\n'));
    }
}

#[test]
fn values_are_decoded_as_in_java() {
    let raw = "([a-zA-Z0-9 +/=*._-]|%[2-7][0-9a-fA-F]|%E6%B5%8B|%c3%a9|%F0%9F%98%80){0,12}";
    let texts = generate(&matching(raw), 2_000);
    let written: Vec<_> =
        generate(&text(), 2_000).iter().map(|text| percent::encode(text.as_bytes())).collect();
    let all: Vec<_> = texts.into_iter().chain(written).collect();
    let questions: Vec<_> = all.iter().map(|text| question("url-decode", &[text.as_bytes()])).collect();
    for (text, answer) in all.iter().zip(oracle().ask(&questions)) {
        let theirs = String::from_utf8(answer.unwrap()).unwrap();
        assert_eq!(percent::decode(text.as_bytes()).unwrap(), theirs, "{text}");
    }
}

#[test]
fn times_are_written_as_in_java() {
    let cases = generate(&(100_000_000_u64..time::LAST - 100_000_000, -1_080_i16..=1_080), 3_000);
    let questions: Vec<_> = cases
        .iter()
        .map(|(time, zone)| question("time", &[time.to_string().as_bytes(), zone.to_string().as_bytes()]))
        .collect();
    for ((time, zone), answer) in cases.into_iter().zip(oracle().ask(&questions)) {
        assert_eq!(answer, Ok(time::format_17(time, zone).into_bytes()));
    }
}
