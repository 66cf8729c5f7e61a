//! The signed request that the platform would send.

use countersign_core::abi::CallError;
use countersign_simulator::crypto::oaep::{self, Hashes};
use countersign_simulator::{AccessKey, Dialect, Entropy, SignInput};
use serde_json::json;

use super::line::{Line, malformed};
use super::{Done, shape};
use crate::gate::fresh;

/// `{"dialect", "key", "path", "fields", "host"?, "now"?, "nonce"?}`; of a kit also `call`, the interface, `digest`
/// (`sha-256`, or `sha-1` of an OrgID), `public_key` and `oaep`: then `clientSecret` stands in plain text and goes out
/// encrypted.
pub(super) fn sign(line: &Line<'_>) -> Done {
    let name = line.text("dialect")?;
    let dialect = Dialect::from_name(&name).ok_or_else(|| malformed("dialect"))?;
    let dialect = match (dialect, line.optional_text("digest")?.as_deref()) {
        (dialect, None | Some("sha-256")) => dialect,
        (Dialect::OrgidSync, Some("sha-1")) => Dialect::OrgidSyncSha1,
        (_, Some(_)) => return Err(malformed("digest")),
    };
    let mut entropy = Entropy::from_bytes(fresh());
    let nonce = line.optional_text("nonce")?.unwrap_or_else(|| entropy.nonce());
    let mut fields = line.members("fields")?;
    if let Some(public_key) = line.optional_text("public_key")? {
        let hashes = line.optional_text("oaep")?.unwrap_or_else(|| Hashes::Sha256.name().to_owned());
        let hashes = Hashes::from_name(&hashes).ok_or_else(|| malformed("oaep"))?;
        if let Some(secret) = fields.get_mut("clientSecret").filter(|secret| secret.is_string()) {
            let plain = secret.as_str().unwrap_or_default();
            let encrypted = oaep::encrypt(&public_key, hashes, plain, &mut entropy);
            *secret = encrypted.ok_or_else(|| malformed("public_key"))?.into();
        }
    }
    let mut path = line.text("path")?;
    if let Some(call) = line.optional_text("call")? {
        path = format!("{}{}/{call}", path.trim_end_matches('/'), dialect.sub_path());
    }
    let host = line.optional_text("host")?;
    let input = SignInput {
        dialect,
        key: &AccessKey::new(line.text("key")?),
        host: host.as_deref().unwrap_or("localhost"),
        path: &path,
        fields: &fields,
        now_ms: line.now()?,
        nonce: &nonce,
    };
    let request = countersign_simulator::sign(&input)
        .map_err(|error| CallError { message: error.to_string(), ..malformed("fields") })?;
    shape(&json!({ "request": {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    } }))
}
