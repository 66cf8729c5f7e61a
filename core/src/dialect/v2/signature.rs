//! Whether the signature of a call was made with a key of the route.

use alloc::vec::Vec;

use super::V2Endpoint;
use super::stamp::Stamp;
use crate::crypto::compare;
use crate::dialect::refusals;
use crate::reason::{Reason, ReasonCode};
use crate::wire::hex;
use crate::wire::json::{self, Canonical, Document};

/// A body that some key of the ring signed.
pub(super) struct Verified<'a> {
    pub(super) key: usize,
    /// The document that arrived, parsed from the very bytes; or why it is none.
    pub(super) document: Result<Document<'a>, Reason>,
    /// What was signed has texts in the place of the numbers and truth values at the top.
    pub(super) scalars_are_texts: bool,
}

/// The forms that may have been signed, in the order in which they are tried; the raw bytes come first.
fn forms(descending: bool) -> impl Iterator<Item = Canonical> {
    let always = [Canonical::TopLevelSorted, Canonical::RecursivelySorted, Canonical::ScalarsAsStrings];
    always.into_iter().chain(descending.then_some(Canonical::Descending))
}

impl V2Endpoint {
    /// Raw bytes first, then every form that may have been signed.
    pub(super) fn verify<'a>(
        &self,
        stamp: &Stamp<'_>,
        signature: &[u8; 32],
        body: &'a [u8],
    ) -> Result<Verified<'a>, Reason> {
        if let Some(key) = self.matching_key(stamp, signature, body) {
            let document = json::read(body).map_err(refusals::json);
            return Ok(Verified { key, document, scalars_are_texts: false });
        }
        let mismatch = || Reason::from(ReasonCode::SignatureMismatch).with(self.base.keys.tried());
        let document = json::read(body).map_err(|_| mismatch())?;
        let mut tried: Vec<Vec<u8>> = Vec::new();
        for form in forms(self.descending_order) {
            let mut text = Vec::with_capacity(body.len());
            form.write(document.value(), &mut text).map_err(|_| mismatch())?;
            // Most bodies are one of the forms as they are, and have nothing that tells the others apart. What has been
            // tried once is signed by none of the keys.
            if text == body || tried.contains(&text) {
                continue;
            }
            if let Some(key) = self.matching_key(stamp, signature, &text) {
                let scalars_are_texts = form == Canonical::ScalarsAsStrings;
                return Ok(Verified { key, document: Ok(document), scalars_are_texts });
            }
            tried.push(text);
        }
        Err(mismatch())
    }

    /// `hex(HMAC(key, key + nonce + timestamp + hex(HMAC(key, payload))))`; every key is tried, whichever matches.
    fn matching_key(&self, stamp: &Stamp<'_>, signature: &[u8; 32], payload: &[u8]) -> Option<usize> {
        self.base.keys.find(|key| {
            let inner = hex::encode_32(&key.mac.mac(&[payload]));
            let outer = [key.secret.expose(), stamp.nonce.as_bytes(), stamp.timestamp.as_bytes(), &inner];
            compare::equal(signature, &key.mac.mac(&outer))
        })
    }
}
