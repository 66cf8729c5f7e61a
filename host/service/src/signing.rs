//! Calls as the platform signs them, out of what somebody wants to be called with: a line of `drive`, or a command line.

use countersign_simulator::account::{Centre, Layout, Notice};
use countersign_simulator::crypto::oaep::{self, Hashes};
use countersign_simulator::{AccessKey, Dialect, Entropy, Fields, HttpRequest, SignInput, sign};
use serde_json::Value;

use crate::gate::fresh;

/// The dialect whose calls no access key signs.
pub(crate) const ACCOUNT_EVENTS: &str = "account-events";

/// What is wanted. What a dialect has no use for is not looked at.
pub(crate) struct Wanted {
    pub(crate) dialect: String,
    pub(crate) host: Option<String>,
    pub(crate) path: String,
    pub(crate) fields: Fields,
    pub(crate) now_ms: u64,
    /// Random where there is none.
    pub(crate) nonce: Option<String>,
    /// The access key; every dialect but account events needs it.
    pub(crate) key: Option<String>,
    /// The interface of a kit, which is appended to the path.
    pub(crate) call: Option<String>,
    /// `sha-256`, or `sha-1` of an OrgID.
    pub(crate) digest: Option<String>,
    /// PEM: `clientSecret` stands in plain text and goes out encrypted for it.
    pub(crate) public_key: Option<String>,
    /// The digests of that encryption: `sha-256/sha-256` where there are none.
    pub(crate) oaep: Option<String>,
    /// The bearer token of account events.
    pub(crate) token: Option<String>,
    /// Without one nothing is signed.
    pub(crate) signature_key: Option<String>,
    /// Without one nothing is encrypted.
    pub(crate) encryption_key: Option<String>,
    /// As in the configuration of a route.
    pub(crate) algorithm: Option<String>,
    /// `L1` where there is none.
    pub(crate) layout: Option<String>,
}

/// Why nothing was signed: a member that is missing or unusable, and what is wrong with it if that is not plain.
#[derive(Debug)]
pub(crate) struct Unusable {
    pub(crate) member: &'static str,
    pub(crate) why: Option<String>,
}

const fn unusable(member: &'static str) -> Unusable {
    Unusable { member, why: None }
}

impl Wanted {
    pub(crate) fn request(self) -> Result<HttpRequest, Unusable> {
        if self.dialect == ACCOUNT_EVENTS { self.account_event() } else { self.callback() }
    }

    fn callback(mut self) -> Result<HttpRequest, Unusable> {
        let dialect = Dialect::from_name(&self.dialect).ok_or(unusable("dialect"))?;
        let dialect = match (dialect, self.digest.as_deref()) {
            (dialect, None | Some("sha-256")) => dialect,
            (Dialect::OrgidSync, Some("sha-1")) => Dialect::OrgidSyncSha1,
            (_, Some(_)) => return Err(unusable("digest")),
        };
        let mut entropy = Entropy::from_bytes(fresh());
        let nonce = self.nonce.unwrap_or_else(|| entropy.nonce());
        if let Some(public_key) = &self.public_key {
            let hashes = self.oaep.as_deref().unwrap_or(Hashes::Sha256.name());
            let hashes = Hashes::from_name(hashes).ok_or(unusable("oaep"))?;
            if let Some(secret) = self.fields.get_mut("clientSecret").filter(|secret| secret.is_string()) {
                let plain = secret.as_str().unwrap_or_default();
                let encrypted = oaep::encrypt(public_key, hashes, plain, &mut entropy);
                *secret = encrypted.ok_or(unusable("public_key"))?.into();
            }
        }
        if let Some(call) = self.call {
            self.path = format!("{}{}/{call}", self.path.trim_end_matches('/'), dialect.sub_path());
        }
        let input = SignInput {
            dialect,
            key: &AccessKey::new(self.key.ok_or(unusable("key"))?),
            host: self.host.as_deref().unwrap_or("localhost"),
            path: &self.path,
            fields: &self.fields,
            now_ms: self.now_ms,
            nonce: &nonce,
        };
        sign(&input).map_err(|error| Unusable { member: "fields", why: Some(error.to_string()) })
    }

    /// The fields are `eventType` and `message`; a message that is no text goes out as JSON.
    fn account_event(self) -> Result<HttpRequest, Unusable> {
        let token = self.token.as_deref().ok_or(unusable("token"))?;
        let layout = match (self.algorithm.as_deref(), self.layout.as_deref()) {
            _ if self.encryption_key.is_none() => Layout::Plain,
            (Some("none"), _) => Layout::Plain,
            (Some("AES/ECB/PKCS5Padding"), _) => Layout::Ecb,
            (None | Some("AES/GCM/NoPadding"), layout) => {
                Layout::from_name(layout.unwrap_or(Layout::L1.name())).ok_or(unusable("layout"))?
            }
            (Some(_), _) => return Err(unusable("algorithm")),
        };
        let unused = [0; 16];
        let encryption_key = match &self.encryption_key {
            Some(key) => key.as_bytes().try_into().map_err(|_| unusable("encryption_key"))?,
            None => &unused,
        };
        let event_type = self.fields.get("eventType").and_then(Value::as_str).ok_or(unusable("fields"))?;
        let message = match self.fields.get("message").ok_or(unusable("fields"))? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let mut entropy = Entropy::from_bytes(fresh());
        let nonce = self.nonce.unwrap_or_else(|| entropy.nonce());
        let signature_key = self.signature_key.as_deref().map(str::as_bytes);
        let notice = Notice {
            host: self.host.as_deref().unwrap_or("localhost"),
            path: &self.path,
            event_type,
            message: &message,
            now_ms: self.now_ms,
            nonce: &nonce,
        };
        let centre = Centre { token, signature_key, encryption_key, layout };
        centre.request(&notice, &mut entropy).ok_or(unusable("fields"))
    }
}
