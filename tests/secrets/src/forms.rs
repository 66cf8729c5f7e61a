//! The forms that a secret may have taken.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Each encoding with the bytes that the secret has in it, without what depends on its neighbours.
pub(crate) fn of(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = vec![
        ("raw", secret.to_vec()),
        ("hexadecimal", each(secret, |byte| format!("{byte:02x}"))),
        ("hexadecimal in upper case", each(secret, |byte| format!("{byte:02X}"))),
        ("percent-encoding", each(secret, |byte| percent(byte, "%20"))),
        ("form encoding", each(secret, |byte| percent(byte, "+"))),
        ("a list of decimal numbers", list(secret)),
    ];
    // The first and the last character of a group belong to the neighbours too, where the secret does not fill it.
    for begin in 0..3 {
        let padded = [&[0; 2][..begin], secret].concat();
        for (name, engine) in [("Base64", &STANDARD_NO_PAD), ("Base64 for URLs", &URL_SAFE_NO_PAD)] {
            let encoded = engine.encode(&padded);
            let first = (begin * 8).div_ceil(6);
            let last = padded.len() * 8 / 6;
            forms.push((name, encoded.as_bytes()[first..last].to_vec()));
        }
    }
    if let Ok(text) = std::str::from_utf8(secret) {
        forms.extend(of_text(text));
    }
    forms
}

fn of_text(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let inner = json[1..json.len() - 1].to_owned();
    let again = serde_json::to_string(&inner).unwrap_or_default();
    let units: Vec<u16> = text.encode_utf16().collect();
    let escaped = |unit: &u16| match u8::try_from(*unit) {
        Ok(byte) if byte.is_ascii_graphic() && byte != b'"' && byte != b'\\' => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    vec![
        ("a JSON string", inner.into_bytes()),
        ("a JSON string within a JSON string", again.as_bytes()[1..again.len() - 1].to_vec()),
        ("a JSON string in ASCII", units.iter().map(escaped).collect::<String>().into_bytes()),
        ("JSON escapes", units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes()),
        (
            "JSON escapes in upper case",
            units.iter().map(|unit| format!("\\u{unit:04X}")).collect::<String>().into_bytes(),
        ),
        ("UTF-16 little-endian", units.iter().flat_map(|unit| unit.to_le_bytes()).collect()),
        ("UTF-16 big-endian", units.iter().flat_map(|unit| unit.to_be_bytes()).collect()),
        ("Debug", format!("{text:?}").trim_matches('"').as_bytes().to_vec()),
    ]
}

fn each(secret: &[u8], write: impl Fn(u8) -> String) -> Vec<u8> {
    secret.iter().map(|byte| write(*byte)).collect::<String>().into_bytes()
}

fn percent(byte: u8, blank: &str) -> String {
    match byte {
        b' ' => blank.to_owned(),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    }
}

/// As `Debug` writes bytes.
fn list(secret: &[u8]) -> Vec<u8> {
    secret.iter().map(u8::to_string).collect::<Vec<_>>().join(", ").into_bytes()
}
