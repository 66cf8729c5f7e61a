//! Whether the `Body-Sign` of an answer is over its bytes, however it is spelt.

use alloc::format;

use crate::crypto::compare;
use crate::dialect::AccessKey;
use crate::wire::base64;

/// What a `Body-Sign` header is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodySignCheck {
    /// The documented text, over these bytes.
    Right,
    /// The MAC is right, the text around it is another than the documents print: a blank less or more, no quotes, another
    /// case. What of it the platform takes is UNKNOWN.
    Misspelt,
    Wrong,
}

/// Holds a header against the body that it came with.
pub(super) fn check<'k>(
    text: &str,
    mut keys: impl Iterator<Item = &'k AccessKey>,
    body: &[u8],
) -> BodySignCheck {
    let Some(written) = signature_text(text) else { return BodySignCheck::Wrong };
    let Ok(signature) = base64::decode_32(written.as_bytes()) else { return BodySignCheck::Wrong };
    if !keys.any(|key| bool::from(compare::equal(&signature, &key.mac.mac(&[body])))) {
        return BodySignCheck::Wrong;
    }
    let documented = format!("sign_type=\"HMAC-SHA256\", signature= \"{written}\"");
    if text == documented { BodySignCheck::Right } else { BodySignCheck::Misspelt }
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
