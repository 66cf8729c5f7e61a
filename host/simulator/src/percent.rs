//! Percent-encoding of query names and values.

/// How a blank is written; both spellings mean the same to a form decoder.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blank {
    Escaped,
    Plus,
}

/// Keeps the unreserved characters of RFC 3986 (section 2.3), escapes every other byte in upper-case hex.
pub(crate) fn encode(text: &str, blank: Blank) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' if blank == Blank::Plus => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
