//! The signed request that the platform would send.

use countersign_core::abi::CallError;
use countersign_simulator::account::{Centre, Layout, Notice};
use countersign_simulator::crypto::oaep::{self, Hashes};
use countersign_simulator::{AccessKey, Dialect, Entropy, HttpRequest, SignInput};
use serde_json::{Value, json};

use super::line::{Line, malformed};
use super::{Done, shape};
use crate::gate::fresh;

/// `{"dialect", "key", "path", "fields", "host"?, "now"?, "nonce"?}`; of a kit also `call`, the interface, `digest`
/// (`sha-256`, or `sha-1` of an OrgID), `public_key` and `oaep`: then `clientSecret` stands in plain text and goes out
/// encrypted. An account event is signed by [`account_event`].
pub(super) fn sign(line: &Line<'_>) -> Done {
    let name = line.text("dialect")?;
    if name == "account-events" {
        return account_event(line);
    }
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
    written(&request)
}

/// `{"token", "signature_key"?, "encryption_key"?, "algorithm"?, "layout"?, "path", "fields": {"eventType", "message"}, "host"?,
/// "now"?, "nonce"?}`. Without a key nothing is signed, or nothing encrypted; a message that is no text goes out as JSON.
fn account_event(line: &Line<'_>) -> Done {
    let token = line.text("token")?;
    let signature_key = line.optional_text("signature_key")?;
    let encryption_key = line.optional_text("encryption_key")?;
    let algorithm = line.optional_text("algorithm")?;
    let layout = line.optional_text("layout")?;
    let layout = match (algorithm.as_deref(), layout) {
        _ if encryption_key.is_none() => Layout::Plain,
        (Some("none"), _) => Layout::Plain,
        (Some("AES/ECB/PKCS5Padding"), _) => Layout::Ecb,
        (None | Some("AES/GCM/NoPadding"), None) => Layout::L1,
        (None | Some("AES/GCM/NoPadding"), Some(layout)) => {
            Layout::from_name(&layout).ok_or_else(|| malformed("layout"))?
        }
        (Some(_), _) => return Err(malformed("algorithm")),
    };
    let unused = [0; 16];
    let encryption_key = match &encryption_key {
        Some(key) => key.as_bytes().try_into().map_err(|_| malformed("encryption_key"))?,
        None => &unused,
    };
    let fields = line.members("fields")?;
    let event_type = fields.get("eventType").and_then(Value::as_str).ok_or_else(|| malformed("fields"))?;
    let message = match fields.get("message").ok_or_else(|| malformed("fields"))? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut entropy = Entropy::from_bytes(fresh());
    let nonce = line.optional_text("nonce")?.unwrap_or_else(|| entropy.nonce());
    let signature_key = signature_key.as_deref().map(str::as_bytes);
    let centre = Centre { token: &token, signature_key, encryption_key, layout };
    let (host, path, now_ms) = (line.optional_text("host")?, line.text("path")?, line.now()?);
    let host = host.as_deref().unwrap_or("localhost");
    let notice = Notice { host, path: &path, event_type, message: &message, now_ms, nonce: &nonce };
    let request = centre.request(&notice, &mut entropy).ok_or_else(|| malformed("fields"))?;
    written(&request)
}

fn written(request: &HttpRequest) -> Done {
    shape(&json!({ "request": {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": String::from_utf8_lossy(&request.body),
    } }))
}
