//! Hexadecimal text, two digits per byte (RFC 4648 §8). Written in lower case, read in either.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::hex;
//!
//! assert_eq!(hex::encode(&[0x0f, 0xa0]), "0fa0");
//! assert_eq!(hex::decode(b"0FA0"), Ok(vec![0x0f, 0xa0]));
//! assert!(hex::decode(b"0fa").is_err());
//! ```

use alloc::string::String;
use alloc::vec::Vec;

/// The text holds something else than hexadecimal digits, or not as many as it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HexError;

/// Lower-case digits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    encode_to(&mut text, bytes);
    text
}

/// Appends lower-case digits.
pub fn encode_to(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in digits(*byte) {
            text.push(char::from(digit));
        }
    }
}

/// The 64 lower-case digits of a MAC, without allocation: the inner value of the V2 signature is such a text.
#[must_use]
pub fn encode_32(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = digits(*byte);
    }
    text
}

/// The bytes of a text of any even length, empty included.
///
/// # Errors
///
/// [`HexError`] for an odd length or another character.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, HexError> {
    match text.as_chunks() {
        (pairs, []) => pairs.iter().copied().map(byte).collect(),
        _ => Err(HexError),
    }
}

/// The 32 bytes of exactly 64 digits of any case, as signatures come.
///
/// # Errors
///
/// [`HexError`] for another length or another character.
pub fn decode_32(text: &[u8]) -> Result<[u8; 32], HexError> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_chunks();
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return Err(HexError);
    }
    for (slot, pair) in bytes.iter_mut().zip(pairs) {
        *slot = byte(*pair)?;
    }
    Ok(bytes)
}

/// The value of one digit of any case.
pub(super) const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(digit.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

/// The value of two digits of any case.
pub(super) fn byte([high, low]: [u8; 2]) -> Result<u8, HexError> {
    match (value(high), value(low)) {
        (Some(high), Some(low)) => Ok(high << 4 | low),
        _ => Err(HexError),
    }
}

fn digits(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 0x0f].map(digit)
}

/// Constant-time: no table and no branch. The inner value of a V2 signature is written in digits, and whoever knew which
/// would be nearer to the outer one.
const fn digit(half: u8) -> u8 {
    let is_letter = 9_u8.wrapping_sub(half) >> 7;
    half.wrapping_add(b'0').wrapping_add(is_letter.wrapping_mul(b'a' - b'9' - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_in_either_case(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(text.as_bytes()), Ok(bytes.clone()));
            prop_assert_eq!(decode(text.to_ascii_uppercase().as_bytes()), Ok(bytes));
        }

        #[test]
        fn a_mac_is_read_as_it_is_written(bytes: [u8; 32]) {
            let text = encode_32(&bytes);
            prop_assert_eq!(text.to_vec(), encode(&bytes).into_bytes());
            prop_assert_eq!(decode_32(&text), Ok(bytes));
        }

        #[test]
        fn any_other_byte_anywhere_is_refused(at in 0_usize..64, byte: u8) {
            prop_assume!(!byte.is_ascii_hexdigit());
            let mut text = [b'0'; 64];
            text[at] = byte;
            prop_assert_eq!(decode_32(&text), Err(HexError));
            prop_assert_eq!(decode(&text), Err(HexError));
        }
    }

    #[test]
    fn another_length_is_refused() {
        for length in (0..130).filter(|length| *length != 64) {
            assert_eq!(decode_32(&std::vec![b'0'; length]), Err(HexError), "{length}");
        }
        assert_eq!(decode(b"012"), Err(HexError));
        assert_eq!(decode(b""), Ok(Vec::new()));
    }
}
