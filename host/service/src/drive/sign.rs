//! The signed request that the platform would send.

use countersign_core::abi::CallError;
use serde_json::json;

use super::line::{Line, malformed};
use super::{Done, shape};
use crate::signing::Wanted;

/// `{"dialect", "key", "path", "fields", "host"?, "now"?, "nonce"?}`; of a kit also `call`, the interface, `digest`
/// (`sha-256`, or `sha-1` of an OrgID), `public_key` and `oaep`: then `clientSecret` stands in plain text and goes out
/// encrypted. Of account events `token`, `signature_key`?, `encryption_key`?, `algorithm`? and `layout`? in place of `key`;
/// the fields are `eventType` and `message`.
pub(super) fn sign(line: &Line<'_>) -> Done {
    let wanted = Wanted {
        dialect: line.text("dialect")?,
        host: line.optional_text("host")?,
        path: line.text("path")?,
        fields: line.members("fields")?,
        now_ms: line.now()?,
        nonce: line.optional_text("nonce")?,
        key: line.optional_text("key")?,
        call: line.optional_text("call")?,
        digest: line.optional_text("digest")?,
        public_key: line.optional_text("public_key")?,
        oaep: line.optional_text("oaep")?,
        token: line.optional_text("token")?,
        signature_key: line.optional_text("signature_key")?,
        encryption_key: line.optional_text("encryption_key")?,
        algorithm: line.optional_text("algorithm")?,
        layout: line.optional_text("layout")?,
    };
    let request = wanted.request().map_err(|unusable| {
        let error = malformed(unusable.member);
        CallError { message: unusable.why.unwrap_or(error.message), ..error }
    })?;
    shape(&json!({ "request": {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    } }))
}
