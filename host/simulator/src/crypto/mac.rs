//! HMAC-SHA256 and its two spellings, hex and standard Base64 with padding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    started(key).chain_update(text).finalize().into_bytes().into()
}

/// HMAC-SHA1.
#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104, section 2)")]
pub(crate) fn hmac_sha1(key: &[u8], text: &[u8]) -> [u8; 20] {
    let mac = Hmac::<sha1::Sha1>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.chain_update(text).finalize().into_bytes().into()
}

/// Whether standard Base64 names the MAC of a text. Constant-time in the MAC.
pub(crate) fn verify_base64(key: &[u8], text: &[u8], signature: &str) -> bool {
    STANDARD
        .decode(signature)
        .is_ok_and(|signature| started(key).chain_update(text).verify_slice(&signature).is_ok())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length (RFC 2104, section 2)")]
fn started(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn hex_lower(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn hex_upper(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}
