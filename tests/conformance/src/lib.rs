//! The vectors of `tests/vectors` through every driver.
//!
//! A driver is a program that answers one JSON object per line ([`driver`]); a case is lines and what must come back
//! ([`case`]), read from the files ([`cases`]); the [`matrix`] is all cases through all drivers. The files are data:
//! [`scenes`] and [`wycheproof`] write theirs, the others are kept by hand.

pub mod case;
pub mod cases;
pub mod driver;
pub mod matrix;
pub mod scenes;
pub mod wycheproof;

use std::path::PathBuf;

/// The folder of the vectors.
#[must_use]
pub fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// The files that are written by a program: name and text. CI writes them anew and compares.
#[must_use]
pub fn generated() -> [(&'static str, String); 5] {
    [
        ("scenes.json", scenes::text()),
        (wycheproof::HMAC_SHA256, wycheproof::hmac_sha256_text()),
        (wycheproof::AES_CBC_PKCS5, wycheproof::aes_cbc_pkcs5_text()),
        (wycheproof::AES_GCM, wycheproof::aes_gcm_text()),
        (wycheproof::RSA_OAEP, wycheproof::rsa_oaep_text()),
    ]
}
