//! JSON, query strings and times as V8 reads and writes them.

use countersign_core::wire::json::{Canonical, JsonError, read};
use countersign_core::wire::{Form, FormError, percent, time};
use countersign_oracle::Node;
use countersign_oracle::cases::{body, generate, matching, number};
use countersign_oracle::node::base64;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::{agree, compare, difference};

pub(crate) fn canonical_forms(node: Node, count: usize) -> Vec<String> {
    let bodies = generate(&body(number()), count);
    let cases: Vec<_> =
        bodies.iter().flat_map(|body| Canonical::ALL.map(|form| (body.as_str(), form))).collect();
    compare(
        node,
        &cases,
        |(body, form)| json!({"op": "canonical", "body": body, "form": form.code().replace('_', "-")}),
        |(body, form), answer| {
            let mut ours = Vec::new();
            form.write(read(body.as_bytes()).unwrap().value(), &mut ours).unwrap();
            let ours = String::from_utf8(ours).unwrap();
            difference((form, body), ours.as_str(), answer.unwrap().as_str().unwrap())
        },
    )
}

/// Bodies in which one character became another, or went, or came.
fn edited() -> impl Strategy<Value = String> {
    let characters: Vec<char> = "{}[]:,\"\\u/bnd8e+-.0129 \t\n\u{1f}tfa\u{feff}\u{a0}é".chars().collect();
    (body(number()), any::<Index>(), select(characters), 0..3_u8).prop_map(|(body, at, character, edit)| {
        let mut edited: Vec<char> = body.chars().collect();
        let at = at.index(edited.len());
        match edit {
            0 => edited[at] = character,
            1 => edited.insert(at, character),
            _ => {
                edited.remove(at);
            }
        }
        edited.into_iter().collect()
    })
}

/// The same texts are JSON; ours refuses besides what V8 takes and a signature must not cover.
pub(crate) fn accepted_json(node: Node, count: usize) -> Vec<String> {
    compare(
        node,
        &generate(&edited(), count),
        |text| json!({"op": "peculiarities", "text": text}),
        |text, answer| {
            let peculiar = answer.map(|found| found.to_string());
            let theirs = match peculiar.as_deref() {
                Err(_) => "json_malformed",
                Ok(found) if found.contains("surrogate") => "json_malformed",
                Ok(found) if found.contains("repeated") => "json_duplicate_name",
                Ok(_) => "accepted",
            };
            difference(text, read(text.as_bytes()).err().map_or("accepted", JsonError::code), theirs)
        },
    )
}

pub(crate) fn decoded_values(node: Node, count: usize) -> Vec<String> {
    let piece = "([a-z0-9 +/*._~-]|%[0-9a-f]{2}|%E6%B5%8B|%C3%a9|%F0%9F%98%80|%[0-9a-zé]?|é|😀){0,6}";
    compare(
        node,
        &generate(&matching(piece), count),
        |text| json!({"op": "decode", "text": text}),
        |text, answer| {
            let ours = percent::decode(text.as_bytes()).ok().map(String::from);
            difference(text, &ours.map(Value::String), &answer.ok())
        },
    )
}

/// Query strings of names and values that repeat, of digits that are none, and of bytes that are no text.
fn query() -> impl Strategy<Value = Vec<u8>> {
    let part = "([ab+?;]|%[67][0-9a-f]|%3D|%26|%E6%B5%8B|%e9|é){0,3}";
    let segment = prop_oneof![
        8 => (matching(part), matching(part)).prop_map(|(name, value)| format!("{name}={value}")),
        1 => matching(part),
        1 => matching(part).prop_map(|value| format!("a={value}={value}")),
    ];
    let bytes = select(b"a=&%e680\x80\xff\xe6\xb5\x8b".to_vec());
    prop_oneof![
        9 => proptest::collection::vec(segment, 0..5).prop_map(|segments| segments.join("&").into_bytes()),
        1 => proptest::collection::vec(bytes, 0..9),
    ]
}

pub(crate) fn forms(node: Node, count: usize) -> Vec<String> {
    compare(
        node,
        &generate(&query(), count),
        |query| json!({"op": "form", "query": base64(query)}),
        |query, answer| {
            let ours = match Form::parse(query) {
                Ok(form) => json!(form.iter().collect::<Vec<_>>()),
                Err(FormError::RepeatedName) => json!("repeated"),
                Err(_) => json!("malformed"),
            };
            let theirs = match answer {
                Ok(pairs) => pairs,
                Err(name) if name == "Repeated" => json!("repeated"),
                Err(_) => json!("malformed"),
            };
            difference(String::from_utf8_lossy(query), &ours, &theirs)
        },
    )
}

/// Digits that are mostly days and times of day, at the ends of months and years too.
pub(crate) fn read_times(node: Node, count: usize) -> Vec<String> {
    let year = "(19[67][0-9]|20[0-9]{2}|9999)";
    let day = "(0[0-9]|1[0-3])([0-2][0-9]|3[0-2]|2[89])";
    let clock = "([01][0-9]|2[0-4])[0-6][0-9][0-6][0-9]([0-9]{3})?";
    let zone = prop_oneof![Just(0_i16), Just(480), -720_i16..=840];
    compare(
        node,
        &generate(&(matching(&[year, day, clock].concat()), zone), count),
        |(text, zone)| json!({"op": "read-time", "text": text, "zone": zone}),
        |(text, zone), answer| {
            let parse = if text.len() == 14 { time::parse_14 } else { time::parse_17 };
            difference(
                (text, zone),
                &parse(text, *zone).ok(),
                &answer.ok().and_then(|millis| millis.as_u64()),
            )
        },
    )
}

pub(crate) fn written_times(node: Node, count: usize) -> Vec<String> {
    compare(
        node,
        &generate(&(100_000_000_u64..time::LAST - 100_000_000, -1_080_i16..=1_080), count),
        |(millis, zone)| json!({"op": "write-time", "millis": millis, "zone": zone}),
        |(millis, zone), answer| {
            difference((millis, zone), &json!(time::format_17(*millis, *zone)), &answer.unwrap())
        },
    )
}

#[test]
fn canonical_forms_are_those_of_another_writer() {
    agree(canonical_forms, 2_000);
}

#[test]
fn the_same_texts_are_json() {
    agree(accepted_json, 8_000);
    let accepted = generate(&edited(), 8_000).iter().filter(|text| read(text.as_bytes()).is_ok()).count();
    assert!((1_000..7_000).contains(&accepted), "{accepted}");
}

#[test]
fn values_are_decoded_as_decode_uri_component_does() {
    agree(decoded_values, 6_000);
}

#[test]
fn query_strings_are_read_as_url_search_params_does() {
    agree(forms, 6_000);
}

#[test]
fn the_same_digits_are_times() {
    agree(read_times, 6_000);
}

#[test]
fn times_are_written_as_a_date_is() {
    agree(written_times, 3_000);
}
