//! The secret that a call carries, in plain text: for whoever checks that it can be decrypted.

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use crate::crypto::Secret;
use crate::ledger::Admission;
use crate::reason::ReasonCode;
use crate::seller::Seller;
use crate::wire::json;

/// A secret under its name.
pub struct RevealedSecret {
    /// The name in JSON: `client_secret`.
    pub name: &'static str,
    /// The secret itself, UTF-8.
    pub secret: Secret,
}

impl fmt::Debug for RevealedSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RevealedSecret({}, redacted)", self.name)
    }
}

impl RevealedSecret {
    /// One JSON object with one member. Holds the secret.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Vec::from(*b"{");
        json::push_string(&mut out, self.name);
        out.push(b':');
        json::push_string(&mut out, core::str::from_utf8(self.secret.expose()).unwrap_or_default());
        out.push(b'}');
        String::from_utf8(out).unwrap_or_default()
    }
}

impl Seller {
    /// The secret that an admitted call carries under the seller's public key, decrypted once more.
    ///
    /// # Errors
    /// [`ReasonCode::ForeignAdmission`], [`ReasonCode::NothingToReveal`].
    pub fn reveal(&self, admission: &[u8]) -> Result<RevealedSecret, ReasonCode> {
        let admission = Admission::decode(self, admission)?;
        let revealed = admission.route.endpoint.reveal(&admission.call.event);
        let revealed = revealed.ok_or(ReasonCode::NothingToReveal)?;
        Ok(RevealedSecret { name: revealed.name, secret: revealed.secret })
    }
}
