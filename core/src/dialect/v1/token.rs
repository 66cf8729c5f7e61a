//! Whether the token of a call was made with a key of the route.

use alloc::borrow::Cow;
use alloc::string::String;

use super::{BASE64_NAMES, TOKEN, V1Endpoint};
use crate::crypto::{compare, hmac_sha256};
use crate::dialect::refusals;
use crate::reason::{Reason, ReasonCode};
use crate::wire::{base64, utf16};

impl V1Endpoint {
    /// The key whose token stands in the call; all parameters take part, then all but the empty ones. If neither fits, the
    /// same with the plus signs that Base64 values lost on their way, which the pairs have from then on.
    pub(super) fn verify(
        &self,
        pairs: &mut [(Cow<'_, str>, Cow<'_, str>)],
        token: Option<&str>,
        stamp: &str,
    ) -> Result<usize, Reason> {
        let reason = |code| Reason::about(code, TOKEN);
        let token =
            token.filter(|text| !text.is_empty()).ok_or_else(|| reason(ReasonCode::SignatureMissing))?;
        let token = refusals::decode_again(token).ok_or_else(|| reason(ReasonCode::SignatureMalformed))?;
        // A plus sign that arrives unescaped reads as a blank.
        let token = token.replace(' ', "+");
        let signature =
            base64::decode_32(token.as_bytes()).map_err(|_| reason(ReasonCode::SignatureMalformed))?;
        pairs.sort_by(|(left, _), (right, _)| utf16::compare(left, right));
        let matching = |text: &str| {
            self.base.keys.find(|key| {
                let made = hmac_sha256(&[key.secret.expose(), stamp.as_bytes()], &[text.as_bytes()]);
                compare::equal(&signature, &made)
            })
        };
        loop {
            if let Some(key) = matching(&signed_text(pairs, |_| true)) {
                return Ok(key);
            }
            if self.retry_without_empty
                && pairs.iter().any(|(_, value)| value.is_empty())
                && let Some(key) = matching(&signed_text(pairs, |value| !value.is_empty()))
            {
                return Ok(key);
            }
            if !restore_plus(pairs) {
                return Err(Reason::from(ReasonCode::SignatureMismatch).with(self.base.keys.tried()));
            }
        }
    }
}

/// Whether there was anything to restore.
fn restore_plus(pairs: &mut [(Cow<'_, str>, Cow<'_, str>)]) -> bool {
    let mut restored = false;
    for (name, value) in pairs {
        if value.contains(' ') && BASE64_NAMES.contains(&&**name) {
            *value = Cow::Owned(value.replace(' ', "+"));
            restored = true;
        }
    }
    restored
}

/// `name=value&name=value…`, values decoded once, names ascending.
fn signed_text(pairs: &[(Cow<'_, str>, Cow<'_, str>)], take: impl Fn(&str) -> bool) -> String {
    let mut text = String::with_capacity(512);
    for (name, value) in pairs.iter().filter(|(_, value)| take(value)) {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text
}
