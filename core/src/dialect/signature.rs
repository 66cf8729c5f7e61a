//! The signature over an answer, the same in every dialect of the production address.

use alloc::format;
use alloc::string::String;

use crate::crypto::compare;
use crate::seller::{Policy, RingKey};
use crate::wire::base64;

/// The value of `Body-Sign`: Base64 of HMAC-SHA256 under the access key alone over the exact body bytes, both values
/// in double quotes, a blank after `signature=` (KooGallery access guide V1, response signature).
pub(super) fn body_sign(key: &RingKey, policy: &Policy, body: &[u8]) -> String {
    let blank = if policy.body_sign_blank { " " } else { "" };
    format!("sign_type=\"HMAC-SHA256\", signature={blank}\"{}\"", base64::encode(&key.mac.mac(&[body])))
}

/// What a `Body-Sign` header is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// The documented text, over these bytes.
    Right,
    /// The MAC is right, the text around it is another than the documents print: a blank less or more, no quotes, another
    /// case. What of it the platform takes is UNKNOWN.
    Misspelt,
    Wrong,
}

/// Holds a header against the body that it came with.
pub(super) fn hear_body_sign<'k>(
    text: &str,
    mut keys: impl Iterator<Item = &'k RingKey>,
    body: &[u8],
) -> Heard {
    let Some(written) = signature_text(text) else { return Heard::Wrong };
    let Ok(signature) = base64::decode_32(written.as_bytes()) else { return Heard::Wrong };
    if !keys.any(|key| bool::from(compare::equal(&signature, &key.mac.mac(&[body])))) {
        return Heard::Wrong;
    }
    let documented = format!("sign_type=\"HMAC-SHA256\", signature= \"{written}\"");
    if text == documented { Heard::Right } else { Heard::Misspelt }
}

/// What stands behind `signature=`, or the whole text, without blanks and quotes around it.
fn signature_text(text: &str) -> Option<&str> {
    let lower = text.to_ascii_lowercase();
    let behind = match lower.find("signature") {
        Some(at) => text.get(at..)?.split_once('=')?.1,
        None => text,
    };
    let end = behind.find([',', ';']).unwrap_or(behind.len());
    Some(behind.get(..end)?.trim_matches([' ', '\t', '"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::signature_text;

    #[test]
    fn the_signature_is_found_in_every_spelling() {
        for text in [
            "sign_type=\"HMAC-SHA256\", signature= \"a+/=\"",
            "sign_type=\"HMAC-SHA256\", signature=\"a+/=\"",
            "sign_type=\"HMAC-SHA256\",signature=\"a+/=\"",
            "sign_type=HMAC-SHA256, signature=a+/=",
            "SIGN_TYPE='hmac-sha256', Signature = 'a+/='",
            "signature= \"a+/=\", sign_type=\"HMAC-SHA256\"",
            " a+/= ",
            "\"a+/=\"",
        ] {
            assert_eq!(signature_text(text), Some("a+/="), "{text}");
        }
    }
}
