//! Base64: one text per byte string, and credentials whose plus signs became blanks.

#![no_main]

use countersign_core::crypto::{CbcKey, CredentialError, KeyLength, credential};
use countersign_core::wire::base64::{self, Base64Error};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let read = base64::decode(text);
    if let Ok(bytes) = &read {
        assert_eq!(base64::encode(bytes).as_bytes(), text, "one text per byte string");
    } else {
        assert_eq!(read, Err(Base64Error));
    }
    let token = read.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    assert_eq!(base64::decode_32(text), token.ok_or(Base64Error));
    assert_eq!(base64::decode(base64::encode(text).as_bytes()).as_deref(), Ok(text));
    if let Ok(text) = core::str::from_utf8(text) {
        encrypted_text(text);
    }
});

/// Encrypted or not, a text is read or refused, and a lost plus sign changes nothing.
fn encrypted_text(text: &str) {
    let key = CbcKey::derive(b"test-access-key-0001", KeyLength::Aes128);
    let read = credential::decrypt(&key, text);
    assert_eq!(credential::decrypt(&key, &text.replace('+', " ")), read);
    let body = text.as_bytes().get(16..).map(|body| base64::decode(&blanks_filled(body)));
    match read {
        Ok(plain) => assert!(plain.len() < text.len()),
        Err(CredentialError::Undecryptable) => assert!(matches!(body, Some(Ok(_)))),
        Err(CredentialError::Malformed) => {
            let iv_is_text = text.as_bytes().iter().take(16).all(u8::is_ascii);
            assert!(!iv_is_text || !matches!(body, Some(Ok(_))));
        }
    }
}

fn blanks_filled(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect()
}
