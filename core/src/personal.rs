//! What must not be seen where a call is shown to people: names that say so, and values that look like it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::wire::json::{Members, Value, push_string, push_value};

/// Parts of member names behind which data of a person or a secret stand, in lower case without separators. A part is
/// enough: platforms write `mobilePhone`, `buyerMobile` and `mobile_phone_number`.
const NAMES: [&str; 10] = [
    "mobile",
    "phone",
    "email",
    "extendparam",
    "extension",
    "password",
    "secret",
    "token",
    "accesskey",
    "idnum",
];

/// Whether a member of this name is hidden whatever it holds. Case, `_`, `-`, blanks and dots do not count.
pub(crate) fn is_personal_name(name: &str) -> bool {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ' | '.'));
    let plain: String = letters.map(|letter| narrow(letter).to_ascii_lowercase()).collect();
    let has = |part: &str| plain.as_bytes().windows(part.len()).any(|letters| letters == part.as_bytes());
    NAMES.iter().any(|part| has(part)) || matches!(plain.as_str(), "tel" | "mail" | "fax")
}

/// Whether a text holds something that looks like an e-mail address or a telephone number. Rather one too many: what is
/// hidden here is shown in full to the seller's application.
pub(crate) fn looks_personal(text: &str) -> bool {
    has_address(text) || has_number(text)
}

/// Stands in the place of what is hidden.
pub const REDACTED: &str = "[redacted]";

/// Writes a value as JSON text; what is hidden by its name or by how it looks stands as [`REDACTED`].
pub(crate) fn push_redacted(out: &mut Vec<u8>, value: Value<'_>) {
    match value {
        Value::Number(text) if looks_personal(text) => push_string(out, REDACTED),
        Value::String(text) if looks_personal(text) || names_something_personal(text) => {
            push_string(out, REDACTED);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => push_value(out, value),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                push_comma(out, index);
                push_redacted(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => push_redacted_members(out, members),
    }
}

fn push_redacted_members(out: &mut Vec<u8>, members: Members<'_>) {
    // `{"name": "custEmail", "value": …}`, as the platform writes what a buyer filled in.
    let names_itself = |(name, value): (&str, Value<'_>)| {
        matches!(name, "name" | "key" | "code") && value.as_str().is_some_and(is_personal_name)
    };
    let all = members.iter().any(names_itself);
    out.push(b'{');
    for (index, (name, value)) in members.iter().enumerate() {
        push_comma(out, index);
        push_redacted_member(out, name, value, all);
    }
    out.push(b'}');
}

/// One member, hidden by its name, by its value, or since `all` are.
pub(crate) fn push_redacted_member(out: &mut Vec<u8>, name: &str, value: Value<'_>, all: bool) {
    push_string(out, if looks_personal(name) { REDACTED } else { name });
    out.push(b':');
    if all || is_personal_name(name) || looks_personal(name) {
        push_string(out, REDACTED);
    } else {
        push_redacted(out, value);
    }
}

fn push_comma(out: &mut Vec<u8>, index: usize) {
    if index > 0 {
        out.push(b',');
    }
}

/// A nested document in a text: `{"mobilePhone":"…"}`.
fn names_something_personal(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && is_personal_name(text)
}

/// `@` between a name and a host with a dot in it.
fn has_address(text: &str) -> bool {
    let is_at = |letter: char| narrow(letter) == '@';
    let mut from = text;
    while let Some((before, behind)) = from.split_once(is_at) {
        let host: String = behind.chars().map(narrow).take_while(|letter| is_of_host(*letter)).collect();
        let named = before.chars().next_back().is_some_and(|letter| !letter.is_whitespace());
        if named && host.trim_matches('.').contains('.') {
            return true;
        }
        from = behind;
    }
    false
}

fn is_of_host(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || !letter.is_ascii() || matches!(letter, '.' | '-' | '_')
}

/// A run of digits, perhaps with blanks, dots, dashes or brackets between them, that stands for itself.
fn has_number(text: &str) -> bool {
    let letters: Vec<char> = text.chars().map(narrow).collect();
    let mut rest = letters.as_slice();
    let mut before = Neighbour::default();
    while let [first, behind @ ..] = rest {
        if !first.is_ascii_digit() {
            before = before.then(*first);
            rest = behind;
            continue;
        }
        let joined = rest.iter().take_while(|letter| is_of_number(**letter)).count();
        let length =
            rest.iter().take(joined).rposition(char::is_ascii_digit).unwrap_or_default().saturating_add(1);
        let (number, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        let glued = after.iter().find(|letter| !is_dash(**letter)).is_some_and(char::is_ascii_alphabetic);
        if !glued && !before.letter && is_number(number, before.plus) {
            return true;
        }
        before = Neighbour::default();
        rest = after;
    }
    false
}

/// What stands before a number. A Latin letter, dashes between them set aside, makes it a part of an id; Chinese words are
/// not set apart from numbers.
#[derive(Default)]
struct Neighbour {
    letter: bool,
    plus: bool,
}

impl Neighbour {
    fn then(&self, letter: char) -> Self {
        Self { letter: letter.is_ascii_alphabetic() || self.letter && is_dash(letter), plus: letter == '+' }
    }
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '_')
}

fn is_of_number(letter: char) -> bool {
    letter.is_ascii_digit() || matches!(letter, ' ' | '-' | '.' | '(' | ')' | '/')
}

/// A mobile number of China, with or without its country; any number with a plus sign or with something between its
/// digits; seven to twelve digits that stand alone. The platform's times have 13, 14 and 17 and stay readable.
fn is_number(run: &[char], plus: bool) -> bool {
    let all: String = run.iter().filter(|letter| letter.is_ascii_digit()).collect();
    let digits = all.strip_prefix("00").unwrap_or(&all);
    let mobile = digits.strip_prefix("86").unwrap_or(digits);
    let is_mobile = mobile.len() == 11 && mobile.starts_with('1') && !mobile.starts_with("10");
    let grouped = (plus || run.len() > all.len()) && (7..=15).contains(&digits.len());
    is_mobile || grouped || (7..=12).contains(&all.len())
}

/// The narrow form of a full-width character.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => {
            u32::from(letter).checked_sub(0xfee0).and_then(char::from_u32).unwrap_or(letter)
        }
        '\u{3000}' => ' ',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_personal_name, looks_personal, push_redacted};
    use crate::wire::json;
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn names_in_any_spelling() {
        for name in [
            "mobilePhone",
            "mobile_phone",
            "MOBILE-PHONE",
            "MobilePhone",
            "mobile",
            "buyerMobile",
            "contactPhoneNumber",
            "e_mail",
            "E-Mail",
            "email",
            "custEmail",
            "EMAIL_ADDRESS",
            "saasExtendParams",
            "saas_extend_params",
            "SAAS-EXTEND-PARAMS",
            "extendParams",
            "extension",
            "password",
            "clientSecret",
            "client_secret",
            "authToken",
            "tel",
            "mail",
            "ｍｏｂｉｌｅ",
            "idNum",
            "accessKey",
        ] {
            assert!(is_personal_name(name), "{name}");
        }
        for name in
            ["orderId", "instanceId", "productId", "amount", "scene", "hotel", "mailbox", "intel", "name"]
        {
            assert!(!is_personal_name(name), "{name}");
        }
    }

    #[test]
    fn values_that_look_like_a_number_or_an_address() {
        for text in [
            "18699999999",
            "13800138000",
            "8613800138000",
            "008613800138000",
            "+86 138 0013 8000",
            "138-0013-8000",
            "138 0013 8000",
            "+1 (555) 010-9999",
            "010-88886666",
            "88886666",
            "tel: 13800138000.",
            "电话13800138000",
            "１３８００１３８０００",
            "call +49.30.123456 now",
            "a@b.cn",
            "someone.else+tag@mail.example.com",
            "write to <a@example.com>",
            "名字@example.com",
            "a＠example.com",
            "mailto:a@example.com?x",
        ] {
            assert!(looks_personal(text), "{text}");
        }
        for text in [
            "",
            "CS2211181819B4LVS",
            "CS2211181819B4LVS-000001",
            "68cbc86abc2018ab880d92f36422fa0e",
            "61e834ba-7b97-4418-b8f7-e5345137278c",
            "61e834ba-1234-4418-b8f7-e5345137278c",
            "id_1234567_x",
            "1700000000000",
            "20251124023618",
            "20251124023618256",
            "12",
            "123456",
            "1.5",
            "a@b",
            "@x.y",
            "user @ home",
            "true",
            "https://a.example.com/b",
        ] {
            assert!(!looks_personal(text), "{text}");
        }
    }

    #[test]
    fn nested_values_are_hidden_and_the_rest_stays() {
        let shown = |text: &str| {
            let mut out = Vec::new();
            push_redacted(&mut out, json::read(text.as_bytes()).unwrap().value());
            String::from_utf8(out).unwrap()
        };
        for (text, expected) in [
            (r#"{"a":[{"b":"13800138000","c":1.10}]}"#, r#"{"a":[{"b":"[redacted]","c":1.10}]}"#),
            (r#"{"a":{"Mobile_Phone":{"x":1},"b":null}}"#, r#"{"a":{"Mobile_Phone":"[redacted]","b":null}}"#),
            (r#"[[13800138000,12]]"#, r#"[["[redacted]",12]]"#),
            (r#"{"a@example.com":1}"#, r#"{"[redacted]":"[redacted]"}"#),
            (r#"{"a":"{\"mobilePhone\":\"x\"}"}"#, r#"{"a":"[redacted]"}"#),
            (r#"" [{\"name\":\"e-mail\"}]""#, r#""[redacted]""#),
            (r#"[{"name":"custEmail","value":"x"}]"#, r#"[{"name":"[redacted]","value":"[redacted]"}]"#),
            (r#"[{"name":"seats","value":"5"}]"#, r#"[{"name":"seats","value":"5"}]"#),
            (
                r#"{"orderId":"CS1","amount":1e999999,"y":[true]}"#,
                r#"{"orderId":"CS1","amount":1e999999,"y":[true]}"#,
            ),
            (r#""{\"orderId\":\"CS1\"}""#, r#""{\"orderId\":\"CS1\"}""#),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
