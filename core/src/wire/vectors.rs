//! The vectors of `tests/vectors/wire.json` and `tests/vectors/canonical.json`.

use std::string::String;
use std::vec::Vec;

use serde::Deserialize;

use super::json::{Canonical, NotAnObject, read};
use super::*;

#[derive(Deserialize)]
struct Wire {
    targets: Vec<Target>,
    forms: Vec<FormCase>,
    percent: Vec<Percent>,
    base64: Vec<Base64>,
    times: Vec<Time>,
    rfc3339: Vec<Rfc3339>,
    json: Vec<Json>,
}

#[derive(Deserialize)]
struct Target {
    id: String,
    target: String,
    path: String,
    query: String,
}

#[derive(Deserialize)]
struct FormCase {
    id: String,
    query: Option<String>,
    query_hex: Option<String>,
    pairs: Option<Vec<(String, String)>>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Percent {
    id: String,
    text: String,
    encoded: String,
}

#[derive(Deserialize)]
struct Base64 {
    id: String,
    plain: String,
    text: String,
}

#[derive(Deserialize)]
struct Time {
    id: String,
    form: String,
    text: String,
    zone: i16,
    millis: Option<u64>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Rfc3339 {
    id: String,
    millis: u64,
    text: String,
}

#[derive(Deserialize)]
struct Json {
    id: String,
    text: Option<String>,
    text_hex: Option<String>,
    repeat: Option<(String, usize)>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct CanonicalFile {
    forms: Vec<CanonicalCase>,
    refused: Vec<RefusedCase>,
}

#[derive(Deserialize)]
struct CanonicalCase {
    id: String,
    text: String,
    top_level_sorted: String,
    recursively_sorted: String,
    scalars_as_strings: String,
    descending: String,
}

#[derive(Deserialize)]
struct RefusedCase {
    id: String,
    text: String,
}

fn vectors() -> Wire {
    serde_json::from_str(include_str!("../../../tests/vectors/wire.json")).unwrap()
}

fn canonical_vectors() -> CanonicalFile {
    serde_json::from_str(include_str!("../../../tests/vectors/canonical.json")).unwrap()
}

/// The bytes of a case that stands in the file as text or as digits.
fn bytes(text: Option<String>, digits: Option<String>) -> Vec<u8> {
    text.map_or_else(|| hex::decode(digits.unwrap().as_bytes()).unwrap(), String::into_bytes)
}

#[test]
fn targets_are_read_in_every_form() {
    for case in vectors().targets {
        let target = target::Target::parse(case.target.as_bytes());
        assert_eq!(
            (target.path(), target.query()),
            (case.path.as_bytes(), case.query.as_bytes()),
            "{}",
            case.id
        );
    }
}

#[test]
fn forms_are_read_in_order_or_refused() {
    for case in vectors().forms {
        let query = bytes(case.query, case.query_hex);
        match (Form::parse(&query), case.pairs) {
            (Ok(form), Some(pairs)) => {
                let expected: Vec<_> =
                    pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                assert_eq!(form.iter().collect::<Vec<_>>(), expected, "{}", case.id);
                for (name, value) in expected {
                    assert_eq!(form.get(name), Some(value), "{}", case.id);
                }
                assert_eq!(form.get("no such name"), None, "{}", case.id);
            }
            (Err(error), None) => assert_eq!(Some(error.code()), case.error.as_deref(), "{}", case.id),
            (other, _) => panic!("{}: {other:?}", case.id),
        }
    }
}

#[test]
fn percent_encoding_keeps_the_unreserved_alone() {
    for case in vectors().percent {
        assert_eq!(percent::encode(case.text.as_bytes()), case.encoded, "{}", case.id);
        assert_eq!(percent::decode(case.encoded.as_bytes()).unwrap(), case.text, "{}", case.id);
    }
}

#[test]
fn base64_agrees_with_the_rfc() {
    for case in vectors().base64 {
        assert_eq!(base64::encode(case.plain.as_bytes()), case.text, "{}", case.id);
        assert_eq!(base64::decode(case.text.as_bytes()), Ok(case.plain.into_bytes()), "{}", case.id);
    }
}

#[test]
fn times_are_read_or_refused() {
    for case in vectors().times {
        assert_eq!(case.millis.is_none(), case.error.is_some(), "{}", case.id);
        let time = match case.form.as_str() {
            "13" => time::parse_13(&case.text),
            "14" => time::parse_14(&case.text, case.zone),
            "17" => time::parse_17(&case.text, case.zone),
            "expiry" => time::parse_expiry(&case.text, case.zone),
            other => panic!("no such form: {other}"),
        };
        assert_eq!(time.ok(), case.millis, "{}", case.id);
        match (time, case.form.as_str()) {
            (Ok(time), "14") => assert_eq!(time::format_14(time, case.zone), case.text, "{}", case.id),
            (Ok(time), "17") => assert_eq!(time::format_17(time, case.zone), case.text, "{}", case.id),
            _ => {}
        }
    }
}

#[test]
fn times_are_written_for_cloud_events() {
    for case in vectors().rfc3339 {
        assert_eq!(time::format_rfc3339(case.millis), case.text, "{}", case.id);
    }
}

#[test]
fn json_is_accepted_or_refused() {
    for case in vectors().json {
        let text = match case.repeat {
            Some((text, count)) => text.repeat(count).into_bytes(),
            None => bytes(case.text, case.text_hex),
        };
        assert_eq!(read(&text).err().map(json::JsonError::code), case.error.as_deref(), "{}", case.id);
    }
}

#[test]
fn canonical_forms_are_what_the_platform_may_have_signed() {
    for case in canonical_vectors().forms {
        let document = read(case.text.as_bytes()).unwrap();
        let expected = [
            (Canonical::TopLevelSorted, &case.top_level_sorted),
            (Canonical::RecursivelySorted, &case.recursively_sorted),
            (Canonical::ScalarsAsStrings, &case.scalars_as_strings),
            (Canonical::Descending, &case.descending),
        ];
        assert_eq!(expected.map(|(form, _)| form), Canonical::ALL);
        for (form, expected) in expected {
            let mut out = Vec::new();
            assert_eq!(form.write(document.value(), &mut out), Ok(()));
            assert_eq!(core::str::from_utf8(&out), Ok(expected.as_str()), "{} {}", case.id, form.code());
        }
    }
}

#[test]
fn only_objects_have_a_canonical_form() {
    for case in canonical_vectors().refused {
        let document = read(case.text.as_bytes()).unwrap();
        for form in Canonical::ALL {
            let mut out = Vec::new();
            assert_eq!(form.write(document.value(), &mut out), Err(NotAnObject), "{}", case.id);
            assert!(out.is_empty());
        }
    }
}
