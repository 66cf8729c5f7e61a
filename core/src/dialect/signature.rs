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

/// Whether a header is the `Body-Sign` of these bytes under this key. The blank after `signature=` may be missing.
pub(super) fn is_body_sign(text: &str, key: &RingKey, body: &[u8]) -> bool {
    let quoted = text.strip_prefix("sign_type=\"HMAC-SHA256\", signature=").map(str::trim_start);
    let signature = quoted.and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    let signature = signature.and_then(|text| base64::decode_32(text.as_bytes()).ok());
    signature.is_some_and(|signature| bool::from(compare::equal(&signature, &key.mac.mac(&[body]))))
}
