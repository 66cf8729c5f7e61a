//! The kit, version 2: POST JSON, signed in the headers `x-sign`, `x-timestamp` and `x-nonce` (KooGallery §C.1; workbench
//! §A.1).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::base::Base;
use super::fields::Activity;
use super::freshness::Window;
use super::kit::{self, PrivateKeys, tables};
use super::members::Members;
use super::{
    AccessKey, Call, Context, Dialect, Endpoint, Expectations, InstanceRules, Interface, Refused, Replay,
    Reply, Revealed, Ring, Target, content, refusals,
};
use crate::answer::Answer;
use crate::config::{Problems, Table};
use crate::crypto::{Entropy, compare, hmac_sha1};
use crate::detail::Detail;
use crate::event::Event;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::wire::json::{self, Canonical, Document};
use crate::wire::{hex, time};

/// With the key of the kit, and SHA-256 always.
pub(super) static KIT_V2: KitV2 = KitV2 { name: "kit-v2", interface: Interface::Kit, digests: &[SHA_256] };

/// The dialects that sign in this way.
#[derive(Debug)]
pub(super) struct KitV2 {
    pub(super) name: &'static str,
    pub(super) interface: Interface,
    /// What `digest` chooses from; where there is no choice it is no setting.
    pub(super) digests: &'static [(&'static str, Digest)],
}

/// The hash function under the HMAC of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digest {
    Sha256,
    Sha1,
}

pub(super) const SHA_256: (&str, Digest) = ("sha-256", Digest::Sha256);

/// A route of the family.
#[derive(Debug)]
struct KitV2Endpoint {
    base: Base,
    private_keys: PrivateKeys,
    digest: Digest,
    /// Reads a 10-digit timestamp as seconds. UNKNOWN (older pages say seconds, examples have 13 digits); off.
    timestamp_in_seconds: bool,
    /// Also tries names in descending order. UNKNOWN (older pages say z to a); off.
    descending_order: bool,
}

impl Dialect for KitV2 {
    fn name(&self) -> &'static str {
        self.name
    }

    fn interface(&self) -> Interface {
        self.interface
    }

    fn targets(&self) -> &'static [Target] {
        tables::V2_TARGETS
    }

    /// The platform waits 5 s.
    fn longest_answer_ms(&self) -> u64 {
        4_900
    }

    fn is_timeless(&self) -> bool {
        false
    }

    fn activities(&self) -> &'static [Activity] {
        tables::V2
    }

    fn instances(&self) -> Option<&'static dyn InstanceRules> {
        None
    }

    /// `keys`, `private_keys`, `window_ms` (60 000, CONFIRMED), `clock_allowance_ms`, `sign_answers`, `body_sign_blank`,
    /// `replayed_code` (`000001`), `timestamp_in_seconds` (off), `descending_order` (off), and `digest` where there is a
    /// choice.
    fn open(&'static self, table: &mut Table<'_>, problems: &mut Problems) -> Option<Box<dyn Endpoint>> {
        let replayed = [("000001", "000001"), ("000002", "000002"), ("000005", "000005")];
        let replayed = table.choice("replayed_code", &replayed, problems);
        let window = Window::read(table, Some(60_000), problems);
        let base = kit::base(table, window, replayed.unwrap_or_default(), problems);
        let private_keys = PrivateKeys::read(table, problems);
        let digest = match self.digests {
            [(_, only)] => Some(*only),
            digests => table.choice("digest", digests, problems),
        };
        let timestamp_in_seconds = table.flag("timestamp_in_seconds", false, problems);
        let descending_order = table.flag("descending_order", false, problems);
        // Every setting was asked for before the first that is wrong ends it, so that none counts as unknown.
        replayed?;
        Some(Box::new(KitV2Endpoint {
            base,
            private_keys,
            digest: digest?,
            timestamp_in_seconds,
            descending_order,
        }))
    }
}

const SIGN: &str = "x-sign";
const TIMESTAMP: &str = "x-timestamp";
const NONCE: &str = "x-nonce";

/// Longer than any that was seen: examples have 32 to 64 characters.
const MAX_NONCE_BYTES: usize = 256;

/// What the headers say, before any key is used.
struct Stamp<'a> {
    signature: Option<&'a [u8]>,
    timestamp: &'a [u8],
    nonce: &'a [u8],
    signed_at: u64,
}

impl<'a> Stamp<'a> {
    fn read(request: &Arrived<'a>, endpoint: &KitV2Endpoint, now: u64) -> Result<Self, Reason> {
        let take = |name| kit::header(request, name);
        let (signature, timestamp, nonce) = (take(SIGN)?, take(TIMESTAMP)?, take(NONCE)?);
        let timestamp = timestamp.ok_or_else(|| Reason::about(ReasonCode::TimestampMissing, TIMESTAMP))?;
        let signed_at = signed_at(timestamp, endpoint.timestamp_in_seconds);
        let signed_at = signed_at.ok_or_else(|| Reason::about(ReasonCode::TimestampMalformed, TIMESTAMP))?;
        endpoint.base.window.check(signed_at, now, TIMESTAMP)?;
        let nonce = nonce.ok_or_else(|| Reason::about(ReasonCode::NonceMissing, NONCE))?;
        if nonce.len() > MAX_NONCE_BYTES {
            let reason = Reason::about(ReasonCode::NonceTooLong, NONCE);
            return Err(reason.with(Detail::limit(MAX_NONCE_BYTES)));
        }
        Ok(Self { signature, timestamp, nonce, signed_at })
    }
}

fn signed_at(timestamp: &[u8], in_seconds: bool) -> Option<u64> {
    let text = core::str::from_utf8(timestamp).ok()?;
    if in_seconds && text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse::<u64>().ok().map(|seconds| seconds.saturating_mul(1_000));
    }
    time::parse_13(text).ok()
}

impl Digest {
    /// The signature in the place of one of 32 bytes: a shorter one has zeros behind it, in the replay row too.
    fn decode(self, text: &[u8]) -> Option<[u8; 32]> {
        match self {
            Self::Sha256 => hex::decode_32(text).ok(),
            Self::Sha1 => hex::decode(text).ok().and_then(|bytes| bytes.try_into().ok()).map(padded),
        }
    }

    fn mac(self, key: &AccessKey, parts: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::Sha256 => key.mac.mac(parts),
            Self::Sha1 => padded(hmac_sha1(key.secret.expose(), parts)),
        }
    }
}

fn padded(short: [u8; 20]) -> [u8; 32] {
    let mut long = [0; 32];
    for (slot, byte) in long.iter_mut().zip(short) {
        *slot = byte;
    }
    long
}

impl KitV2Endpoint {
    /// The key for which one of the forms gives this signature: raw bytes first, then what may have been signed. Kit
    /// bodies have numbers, and keep them: scalars as texts are not tried (INFERRED).
    fn verify(
        &self,
        stamp: &Stamp<'_>,
        signature: &[u8; 32],
        body: &[u8],
        document: Option<json::Value<'_>>,
    ) -> Result<usize, Reason> {
        if let Some(key) = self.matching_key(stamp, signature, body) {
            return Ok(key);
        }
        let forms = [Canonical::TopLevelSorted, Canonical::RecursivelySorted];
        let forms = forms.into_iter().chain(self.descending_order.then_some(Canonical::Descending));
        let mut text = Vec::with_capacity(body.len());
        for form in forms.filter(|_| document.is_some()) {
            text.clear();
            if document.is_some_and(|document| form.write(document, &mut text).is_ok())
                && let Some(key) = self.matching_key(stamp, signature, &text)
            {
                return Ok(key);
            }
        }
        Err(Reason::from(ReasonCode::SignatureMismatch).with(self.base.keys.tried()))
    }

    /// `hex(HMAC(key, key + nonce + timestamp + payload))`; every key is tried, whichever matches.
    fn matching_key(&self, stamp: &Stamp<'_>, signature: &[u8; 32], payload: &[u8]) -> Option<usize> {
        self.base.keys.find(|key| {
            let parts = [key.secret.expose(), stamp.nonce, stamp.timestamp, payload];
            compare::equal(signature, &self.digest.mac(key, &parts))
        })
    }
}

impl Endpoint for KitV2Endpoint {
    fn admit(&self, target: &Target, request: &Arrived<'_>, now: u64) -> Result<Call, Refused> {
        let Body::Bytes(body) = request.body else { return Err(ReasonCode::BodyTooLarge.into()) };
        let activity = kit::interface(tables::V2, tables::V2_TARGETS, target)?;
        let stamp = Stamp::read(request, self, now)?;
        let about = |code| Reason::about(code, SIGN);
        let signature = stamp.signature.ok_or_else(|| about(ReasonCode::SignatureMissing))?;
        let signature = self.digest.decode(signature).ok_or_else(|| about(ReasonCode::SignatureMalformed))?;
        let unreadable = content::unreadable(request, body);
        let cleaned = kit::without_repeats(activity, body);
        let document = json::read(cleaned.as_deref().unwrap_or(body)).map_err(refusals::json);
        let key = match (
            self.verify(&stamp, &signature, body, document.as_ref().ok().map(Document::value)),
            &unreadable,
        ) {
            (Err(_), Some(why)) => return Err(why.clone().with(self.base.keys.tried()).into()),
            (verified, _) => verified?,
        };
        let context = Context::of_key(key);
        let refuse = |reason: Reason| Refused { reason, context: Some(context) };
        if let Some(why) = unreadable {
            return Err(refuse(why));
        }
        let document = document.map_err(refuse)?;
        let members = document.value().as_object();
        let members = members.ok_or_else(|| refuse(ReasonCode::MalformedJson.into()))?;
        let members = Members::Json { members, scalars_are_texts: false, drops_empty: false };
        let ring = self.base.keys.of(context).ok_or(refuse(ReasonCode::Internal.into()))?;
        let (event, test) =
            kit::read(activity, &members, &self.private_keys, &ring.cipher).map_err(refuse)?;
        let replay = Some(Replay { signature, fresh_until: self.base.window.end(stamp.signed_at) });
        Ok(Call { event, test, signed_at: stamp.signed_at, replay, context })
    }

    fn answer(&self, context: Context, reply: &Reply, _entropy: &Entropy) -> Answer {
        self.base.answer(Some(context), reply)
    }

    fn refuse(&self, context: Option<Context>, reason: ReasonCode) -> Answer {
        self.base.answer(context, &Reply::failure(reason))
    }

    fn result_code<'r>(&self, reply: &'r Reply) -> &'r str {
        self.base.form.table.of_reply(reply)
    }

    fn encrypts_credentials(&self) -> bool {
        false
    }

    fn reveal(&self, event: &Event) -> Option<Revealed> {
        self.private_keys.reveal(event)
    }

    fn rings(&self) -> Vec<Ring<'_>> {
        self.base.rings()
    }

    /// The patience: CONFIRMED (general rules of V2).
    fn expectations(&self) -> Option<Expectations<'_>> {
        Some(kit::expectations(&self.base, false, 5_000))
    }
}
