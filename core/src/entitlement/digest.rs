//! The digest of everything that a decision read.

use alloc::string::String;

use sha2::{Digest as _, Sha256};

use super::json::Json;
use crate::wire::hex;
use crate::wire::json::Value;

/// Lower-case hexadecimal SHA-256 of the canonical form.
pub(super) fn of(json: &Json) -> String {
    hex::encode(&Sha256::digest(json.canonical()))
}

pub(super) fn of_value(value: Value<'_>) -> String {
    of(&Json::of(value))
}
