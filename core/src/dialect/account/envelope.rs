//! What stands around the data of an event, and what of it is signed.

use sha2::{Digest, Sha256};

use alloc::string::String;

use super::route::AccountEndpoint;
use crate::crypto::compare;
use crate::detail::Detail;
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;
use crate::wire::json::Value;
use crate::wire::{base64, time};

const AUTHORIZATION: &str = "authorization";
const SIGNATURE: &str = "signature";
pub(super) const TIMESTAMP: &str = "timestamp";
pub(super) const DATA: &str = "data";

/// The members, as they stand on the wire.
pub(super) struct Envelope<'a> {
    nonce: &'a str,
    timestamp: &'a str,
    pub(super) event_type: &'a str,
    pub(super) data: &'a str,
    signature: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    pub(super) fn read(value: Value<'a>) -> Result<Self, Reason> {
        let members = value.as_object().ok_or(ReasonCode::MalformedJson)?;
        let text = |name: &'static str| match members.get(name) {
            Some(Value::String(text) | Value::Number(text)) if !text.is_empty() => Ok(text),
            Some(Value::String(_) | Value::Null) | None => Err(Reason::about(ReasonCode::FieldMissing, name)),
            Some(_) if name == TIMESTAMP => Err(Reason::about(ReasonCode::TimestampMalformed, name)),
            Some(_) => Err(Reason::about(ReasonCode::FieldMalformed, name)),
        };
        let nonce = text("nonce")?;
        let timestamp = text(TIMESTAMP);
        // What is there and malformed is told after what is missing.
        let timestamp = match timestamp {
            Err(reason) if reason.code == ReasonCode::TimestampMalformed => Err(reason),
            other => Ok(other?),
        };
        let (event_type, data) = (text("eventType")?, text(DATA)?);
        Ok(Self { nonce, timestamp: timestamp?, event_type, data, signature: text(SIGNATURE).ok() })
    }

    /// `nonce&timestamp&eventType&data`, values as they came (CONFIRMED, workbench C.3).
    fn text(&self) -> String {
        [self.nonce, self.timestamp, self.event_type, self.data].join("&")
    }

    /// What makes a second arrival a replay: signatures may be off.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text().as_bytes()).into()
    }

    /// Milliseconds where there are thirteen digits; other lengths are not judged (CONFIRMED, workbench C.2).
    pub(super) fn signed_at(&self) -> Result<Option<u64>, Reason> {
        let digits = self.timestamp.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || self.timestamp.len() > 20 {
            return Err(Reason::about(ReasonCode::TimestampMalformed, TIMESTAMP));
        }
        Ok(time::parse_13(self.timestamp).ok())
    }
}

impl AccountEndpoint {
    /// `Authorization: Bearer <token>`, the scheme in any case, one blank. Compared as digests: neither the length nor a
    /// prefix of the token shows in the time.
    pub(super) fn check_bearer(&self, request: &Arrived<'_>) -> Result<(), Reason> {
        let about = |code| Reason::about(code, "Authorization");
        let mut values = request.header(AUTHORIZATION);
        let value = values.next();
        if values.next().is_some() {
            return Err(about(ReasonCode::RepeatedHeader));
        }
        let parts = value.and_then(|value| value.split_at_checked("bearer ".len()));
        let is_bearer = |scheme: &[u8]| scheme.eq_ignore_ascii_case(b"bearer ");
        let (_, token) = parts
            .filter(|(scheme, token)| is_bearer(scheme) && !token.is_empty() && token.first() != Some(&b' '))
            .ok_or_else(|| about(ReasonCode::BearerMissing))?;
        let digest = |bytes: &[u8]| -> [u8; 32] { Sha256::digest(bytes).into() };
        let is_same = compare::equal(&digest(token), &digest(self.token.expose()));
        if is_same.to_bool() { Ok(()) } else { Err(about(ReasonCode::BearerMismatch)) }
    }

    /// `Base64(HMAC-SHA256(key, text))`; every key is tried, whichever matches.
    pub(super) fn verify(&self, envelope: &Envelope<'_>) -> Result<(), Reason> {
        if self.signature_keys.is_empty() {
            return Ok(());
        }
        let about = |code| Reason::about(code, SIGNATURE);
        let signature = envelope.signature.ok_or_else(|| about(ReasonCode::SignatureMissing))?;
        let signature = base64::decode_32(signature.as_bytes());
        let signature = signature.map_err(|_| about(ReasonCode::SignatureMalformed))?;
        let text = envelope.text();
        let keys = self.signature_keys.iter();
        let made = keys.map(|(_, key)| compare::equal(&signature, &key.mac(&[text.as_bytes()])));
        match compare::lowest_match(made).reveal() {
            Some(_) => Ok(()),
            None => {
                let tried = i64::try_from(self.signature_keys.len()).unwrap_or(i64::MAX);
                Err(Reason::from(ReasonCode::SignatureMismatch).with(Detail::KeysTried(tried)))
            }
        }
    }
}
