//! Hexadecimal text: what is read is what a second reader reads, and nothing else is.

#![no_main]

use countersign_core::wire::hex::{self, HexError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let expected = second_reader(text);
    assert_eq!(hex::decode(text).ok(), expected);
    let expected_32 = expected.clone().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    assert_eq!(hex::decode_32(text), expected_32.ok_or(HexError));
    if let Some(bytes) = expected_32 {
        assert!(hex::encode_32(&bytes).eq_ignore_ascii_case(text));
    }
    if let Some(bytes) = expected {
        assert!(hex::encode(&bytes).as_bytes().eq_ignore_ascii_case(text));
    }
    let written = hex::encode(text);
    assert!(written.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
    assert_eq!(hex::decode(written.as_bytes()).as_deref(), Ok(text));
});

fn second_reader(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.chunks(2).map(pair).collect()
}
