//! Generated cases. The same ones on every run.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// As many cases as are asked for. One seed for all, so that a failure comes again.
///
/// # Panics
///
/// If a strategy rejects too much.
pub fn generate<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[0x5e; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("the strategy yields").current()).collect()
}

/// Text that matches a regular expression, which is read once and not for every case.
///
/// # Panics
///
/// If it is no regular expression.
pub fn matching(expression: &str) -> impl Strategy<Value = String> + use<> {
    proptest::string::string_regex(expression).expect("a regular expression")
}

/// Text of any characters.
pub fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        8 => proptest::char::range(' ', '~'),
        2 => proptest::char::range('一', '龥'),
        1 => any::<char>(),
        1 => proptest::char::range('\0', '\u{1f}'),
        1 => select(vec!['\u{7f}', '\u{2028}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10000}', '\u{10ffff}']),
    ];
    proptest::collection::vec(character, 0..12).prop_map(|characters| characters.into_iter().collect())
}

/// The source text of a JSON string: any characters, some of them escaped although they need not be.
pub fn json_string() -> impl Strategy<Value = String> {
    (text(), any::<u64>()).prop_map(|(text, choices)| {
        let mut source = String::from('"');
        for (index, character) in text.chars().enumerate() {
            let choice = choices >> (index * 4 % 64) & 0xf;
            let required = matches!(character, '"' | '\\' | '\0'..='\u{1f}');
            match (character, choice) {
                ('"' | '\\' | '/', 0..=7) => source.extend(['\\', character]),
                ('\u{8}', 0..=7) => source.push_str("\\b"),
                ('\u{c}', 0..=7) => source.push_str("\\f"),
                ('\n', 0..=7) => source.push_str("\\n"),
                ('\r', 0..=7) => source.push_str("\\r"),
                ('\t', 0..=7) => source.push_str("\\t"),
                (_, 0..=3) => push_units(&mut source, character, false),
                (_, 4..=5) => push_units(&mut source, character, true),
                _ if required => push_units(&mut source, character, true),
                _ => source.push(character),
            }
        }
        source.push('"');
        source
    })
}

fn push_units(source: &mut String, character: char, upper: bool) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        source.push_str(&if upper { format!("\\u{unit:04X}") } else { format!("\\u{unit:04x}") });
    }
}

/// Integers of any size, without a negative zero.
pub fn integer() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<i8>().prop_map(|number| number.to_string()),
        matching("-?[1-9][0-9]{0,60}"),
        select(vec![
            "0",
            "2147483647",
            "2147483648",
            "-2147483649",
            "9223372036854775807",
            "9223372036854775808"
        ])
        .prop_map(str::to_string),
    ]
}

/// Every number that JSON allows.
pub fn number() -> impl Strategy<Value = String> {
    matching("-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?")
}

/// Scalars around a given choice of numbers.
pub fn scalar(number: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => json_string(),
        2 => number,
        1 => select(vec!["null", "true", "false"]).prop_map(str::to_string),
    ]
}

/// An object with these values, each name once, with blanks here and there.
pub fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let blank = select(vec!["", "", "", " ", "\t", "\r\n"]);
    let name = prop_oneof![json_string(), matching("\"[a-cA-C\u{e000}\u{ffff}😀\u{10ffff}]{0,3}\"")];
    proptest::collection::vec((name, value, blank), 0..9).prop_map(|members| {
        let mut names = BTreeSet::new();
        let members: Vec<_> = members
            .into_iter()
            .filter(|(name, _, _)| names.insert(serde_json::from_str::<String>(name).expect("a JSON string")))
            .map(|(name, value, blank)| format!("{blank}{name}{blank}:{blank}{value}{blank}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

/// A callback body of any depth, with these numbers.
pub fn body(number: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    let value = scalar(number).prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(" , "))),
            object(inner),
        ]
    });
    object(value)
}
