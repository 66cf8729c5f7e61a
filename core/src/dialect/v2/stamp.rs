//! What the query string of a call says about its signature.

use alloc::borrow::Cow;

use crate::detail::Detail;
use crate::dialect::freshness::Window;
use crate::dialect::refusals;
use crate::reason::{Reason, ReasonCode};
use crate::wire::{Form, hex, time};

/// Parameters of the query string.
const SIGNATURE: &str = "signature";
const TIMESTAMP: &str = "timestamp";
const NONCE: &str = "nonce";

/// Longer than any that was seen: examples have 16 to 64 characters.
const MAX_NONCE_BYTES: usize = 256;

/// What the query string says about the signature.
pub(super) struct Stamp<'a> {
    signature: Option<Cow<'a, str>>,
    pub(super) timestamp: Cow<'a, str>,
    pub(super) nonce: Cow<'a, str>,
    pub(super) signed_at: u64,
}

impl<'a> Stamp<'a> {
    /// Timestamp and nonce are judged before any key is used.
    pub(super) fn read(query: &'a [u8], in_seconds: bool, window: &Window, now: u64) -> Result<Self, Reason> {
        let own = |name: &str| [SIGNATURE, TIMESTAMP, NONCE].into_iter().find(|own| *own == name);
        let mut form = Form::parse(query).map_err(|error| refusals::query(error, query, &own))?;
        let mut take = |wanted: &str| form.take(wanted).filter(|text| !text.is_empty());
        let (signature, timestamp, nonce) = (take(SIGNATURE), take(TIMESTAMP), take(NONCE));
        let timestamp = timestamp.ok_or_else(|| Reason::about(ReasonCode::TimestampMissing, TIMESTAMP))?;
        let signed_at = signed_at(&timestamp, in_seconds)?;
        window.check(signed_at, now, TIMESTAMP)?;
        let nonce = nonce.ok_or_else(|| Reason::about(ReasonCode::NonceMissing, NONCE))?;
        if nonce.len() > MAX_NONCE_BYTES {
            let reason = Reason::about(ReasonCode::NonceTooLong, NONCE);
            return Err(reason.with(Detail::limit(MAX_NONCE_BYTES)));
        }
        Ok(Self { signature, timestamp, nonce, signed_at })
    }

    pub(super) fn signature(&self) -> Result<[u8; 32], Reason> {
        let reason = |code| Reason::about(code, SIGNATURE);
        let text = self.signature.as_deref().ok_or_else(|| reason(ReasonCode::SignatureMissing))?;
        let text = refusals::decode_again(text).ok_or_else(|| reason(ReasonCode::SignatureMalformed))?;
        hex::decode_32(text.as_bytes()).map_err(|_| reason(ReasonCode::SignatureMalformed))
    }
}

fn signed_at(timestamp: &str, in_seconds: bool) -> Result<u64, Reason> {
    let malformed = || Reason::about(ReasonCode::TimestampMalformed, TIMESTAMP);
    if in_seconds && timestamp.len() == 10 && timestamp.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: u64 = timestamp.parse().map_err(|_| malformed())?;
        return Ok(seconds.saturating_mul(1_000));
    }
    time::parse_13(timestamp).map_err(|_| malformed())
}
