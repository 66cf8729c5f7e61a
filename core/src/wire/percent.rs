//! Percent-encoding: read as forms are (`application/x-www-form-urlencoded`, WHATWG URL §5.1, but strictly), written
//! as RFC 3986 says.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::percent;
//!
//! assert_eq!(percent::decode(b"a+b%2Bc").as_deref(), Ok("a b+c"));
//! assert!(percent::decode(b"50%").is_err());
//! assert_eq!(percent::encode("编".as_bytes()), "%E7%BC%96");
//! ```

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::{hex, scan};

/// Why a query string cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormError {
    /// A `%` is not followed by two hexadecimal digits.
    Percent,
    /// A decoded name or value is no UTF-8.
    Utf8,
    /// Two decoded names are equal.
    RepeatedName,
}

impl FormError {
    /// A stable code for logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Percent => "form_percent",
            Self::Utf8 => "form_utf8",
            Self::RepeatedName => "form_repeated_name",
        }
    }
}

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// One name or value: `+` becomes a blank, `%XX` (digits of any case) its byte, everything else stays.
///
/// Decoded once. The platform signs values that were decoded exactly once, and a second decoding would turn the
/// `+` of a Base64 text into a blank (SaaS access guide V1, FAQ).
///
/// # Errors
///
/// [`FormError::Percent`] for `%` without two digits, else [`FormError::Utf8`] if the result is no UTF-8.
pub fn decode(text: &[u8]) -> Result<Cow<'_, str>, FormError> {
    if scan::either(text, b'%', b'+').is_none() {
        return core::str::from_utf8(text).map(Cow::Borrowed).map_err(|_| FormError::Utf8);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        rest = behind;
        bytes.push(match first {
            b'+' => b' ',
            b'%' => {
                let (pair, behind) = rest.split_first_chunk().ok_or(FormError::Percent)?;
                rest = behind;
                hex::byte(*pair).map_err(|_| FormError::Percent)?
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| FormError::Utf8)
}

/// Everything but `A-Z a-z 0-9 - . _ ~` (RFC 3986 §2.3) as `%XX` with upper-case digits; a blank is `%20`.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    encode_to(&mut text, bytes);
    text
}

/// Appends what [`encode`] returns.
pub fn encode_to(text: &mut String, bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let plain = rest.iter().position(|byte| !is_unreserved(*byte)).unwrap_or(rest.len());
        let (plain, behind) = rest.split_at_checked(plain).unwrap_or_default();
        text.push_str(core::str::from_utf8(plain).unwrap_or_default()); // ASCII
        let Some((byte, behind)) = behind.split_first() else { return };
        text.push('%');
        for half in [byte >> 4, byte & 0x0f] {
            text.push(DIGITS.get(usize::from(half)).copied().map_or('0', char::from));
        }
        rest = behind;
    }
}

fn is_unreserved(byte: u8) -> bool {
    UNRESERVED.get(usize::from(byte)).copied().unwrap_or_default()
}

/// `A-Z a-z 0-9 - . _ ~`, one look instead of seven comparisons.
#[expect(clippy::indexing_slicing, reason = "a byte is below 256, and the compiler evaluates it")]
static UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    while let [byte, behind @ ..] = rest {
        table[*byte as usize] = true;
        rest = behind;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(text: String) {
            let encoded = encode(text.as_bytes());
            prop_assert!(encoded.is_ascii());
            prop_assert_eq!(&*decode(encoded.as_bytes()).unwrap(), &*text);
        }

        #[test]
        fn nothing_makes_the_reader_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn what_needs_no_decoding_is_borrowed() {
        assert!(matches!(decode("CS1906666666ABCDE".as_bytes()), Ok(Cow::Borrowed("CS1906666666ABCDE"))));
    }

    #[test]
    fn reserved_characters_are_written_with_upper_case_digits() {
        assert_eq!(encode("a b+c/d=é~".as_bytes()), "a%20b%2Bc%2Fd%3D%C3%A9~");
    }
}
