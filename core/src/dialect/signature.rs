//! The signature over an answer, the same in every dialect of the production address.

use alloc::format;
use alloc::string::String;

use crate::seller::{Policy, RingKey};
use crate::wire::base64;

/// The value of `Body-Sign`: Base64 of HMAC-SHA256 under the access key alone over the exact body bytes, both values
/// in double quotes, a blank after `signature=` (KooGallery access guide V1, response signature).
pub(super) fn body_sign(key: &RingKey, policy: &Policy, body: &[u8]) -> String {
    let blank = if policy.body_sign_blank { " " } else { "" };
    format!("sign_type=\"HMAC-SHA256\", signature={blank}\"{}\"", base64::encode(&key.mac.mac(&[body])))
}
