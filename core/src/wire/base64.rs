//! Standard Base64 with padding (RFC 4648 §4), read strictly: one text per byte string, no other accepted.
//!
//! # Examples
//!
//! ```
//! use countersign_core::wire::base64;
//!
//! assert_eq!(base64::encode(b"one"), "b25l");
//! assert_eq!(base64::decode(b"b25lIQ=="), Ok(b"one!".to_vec()));
//! assert!(base64::decode(b"b25lIQ").is_err(), "without its padding");
//! assert!(base64::decode(b"b25lIR==").is_err(), "with bits that say nothing");
//! ```

use alloc::string::String;
use alloc::vec::Vec;

use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;

/// The text is no standard Base64: another alphabet, blanks or line breaks, missing or surplus padding, bits left
/// over behind the last byte, or another number of bytes than there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base64Error;

/// `A-Z a-z 0-9 + /` with `=` to a multiple of four.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Appends what [`encode`] returns.
pub fn encode_to(text: &mut String, bytes: &[u8]) {
    STANDARD.encode_string(bytes, text);
}

/// The bytes of a text of any length, empty included.
///
/// # Errors
///
/// [`Base64Error`].
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Base64Error> {
    STANDARD.decode(text).map_err(|_| Base64Error)
}

/// The 32 bytes of exactly 44 characters, as an `authToken` comes. Allocates nothing.
///
/// # Errors
///
/// [`Base64Error`], also for another number of bytes.
pub fn decode_32(text: &[u8]) -> Result<[u8; 32], Base64Error> {
    // The reader wants room for whole groups of three.
    let mut room = [0; 33];
    let length = STANDARD.decode_slice(text, &mut room).map_err(|_| Base64Error)?;
    match room.split_first_chunk() {
        Some((bytes, _)) if length == bytes.len() => Ok(*bytes),
        _ => Err(Base64Error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: Vec<u8>) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Ok(bytes));
        }

        #[test]
        fn a_token_is_read_as_it_is_written(bytes: [u8; 32]) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), 44);
            prop_assert_eq!(decode_32(text.as_bytes()), Ok(bytes));
        }

        #[test]
        fn another_number_of_bytes_is_no_token(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assume!(bytes.len() != 32);
            prop_assert_eq!(decode_32(encode(&bytes).as_bytes()), Err(Base64Error));
        }

        #[test]
        fn an_accepted_text_is_the_one_that_would_be_written(text in "[A-Za-z0-9+/=]{0,12}") {
            if let Ok(bytes) = decode(text.as_bytes()) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }

    #[test]
    fn other_forms_of_base64_are_refused() {
        for text in ["QQ", "QQ=", "QQ===", "QR==", "Q Q=", "QQ==\n", "\nQQ==", "-_==", "=", "QQ==QQ=="] {
            assert_eq!(decode(text.as_bytes()), Err(Base64Error), "{text:?}");
        }
        assert_eq!(decode(b""), Ok(Vec::new()));
    }
}
