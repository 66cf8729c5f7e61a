//! What can be wrong with an event on purpose.

use super::{Centre, LETTERS, Layout, Notice};
use crate::{Entropy, HttpRequest};

/// One deviation from an event that is signed and sealed in the usual way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// No bearer token.
    NoToken,
    /// A bearer token of somebody else.
    WrongToken,
    /// No `signature`.
    NoSignature,
    /// Signed under another key.
    WrongSignatureKey,
    /// Another event behind the same signature.
    EventChanged(&'static str),
    /// Sealed under another key, signed as usual.
    WrongEncryptionKey,
    /// Sealed in another way: among the layouts of GCM harmless, and an attack where it changes the algorithm.
    SealedAs(Layout),
    /// The ciphertext was touched before it was signed.
    Touched,
    /// Fifteen letters in front of the ampersand: the message begins one character too early.
    FrameMoved,
    /// `timestamp` is wrong by this many milliseconds.
    ClockError(i64),
    /// `eventType` stands twice in the body.
    NameTwice,
    /// The body has no end.
    CutShort,
}

impl Flaw {
    /// The stable name, as a report shows it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::WrongToken => "wrong-token",
            Self::NoSignature => "no-signature",
            Self::WrongSignatureKey => "wrong-signature-key",
            Self::EventChanged(_) => "event-changed",
            Self::WrongEncryptionKey => "wrong-encryption-key",
            Self::SealedAs(_) => "sealed-as",
            Self::Touched => "touched",
            Self::FrameMoved => "frame-moved",
            Self::ClockError(_) => "clock-error",
            Self::NameTwice => "name-twice",
            Self::CutShort => "cut-short",
        }
    }

    /// The code that a gate must answer; `None` for a harmless one.
    #[must_use]
    pub fn deserves(self, usual: Layout) -> Option<&'static str> {
        let is_gcm = |layout| !matches!(layout, Layout::Ecb | Layout::Plain);
        match self {
            Self::SealedAs(layout) if is_gcm(layout) && is_gcm(usual) => None,
            Self::ClockError(ms) if ms.unsigned_abs() <= crate::fault::FRESHNESS_WINDOW_MS => None,
            Self::ClockError(_) | Self::NameTwice | Self::CutShort => Some("400"),
            Self::NoToken
            | Self::WrongToken
            | Self::NoSignature
            | Self::WrongSignatureKey
            | Self::EventChanged(_)
            | Self::WrongEncryptionKey
            | Self::SealedAs(_)
            | Self::Touched
            | Self::FrameMoved => Some("401"),
        }
    }
}

impl<'a> Centre<'a> {
    /// The centre as the flaw has it; the layout is that in which the answer will come.
    #[must_use]
    pub fn flawed(self, flaw: Option<Flaw>) -> Self {
        match flaw {
            Some(Flaw::SealedAs(layout)) => Self { layout, ..self },
            _ => self,
        }
    }

    /// The request, spoilt.
    #[must_use]
    pub fn request_with(
        &self,
        notice: &Notice<'_>,
        flaw: Option<Flaw>,
        entropy: &mut Entropy,
    ) -> Option<HttpRequest> {
        let (mut centre, mut notice) = (self.flawed(flaw), *notice);
        let wrong = entropy.nonce();
        let letters = entropy.text(LETTERS, if flaw == Some(Flaw::FrameMoved) { 15 } else { 16 });
        if let Some(Flaw::ClockError(ms)) = flaw {
            notice.now_ms = notice.now_ms.saturating_add_signed(ms);
        }
        let sealing = match flaw {
            Some(Flaw::WrongEncryptionKey) => {
                Centre { encryption_key: wrong.as_bytes().first_chunk()?, ..centre }
            }
            _ => centre,
        };
        let mut data = sealing.seal(&format!("{letters}&"), notice.message, entropy)?;
        if flaw == Some(Flaw::Touched) {
            let at = data.len().checked_sub(8)?;
            let other = if data.get(at..)?.starts_with('A') { "B" } else { "A" };
            data.replace_range(at..at.checked_add(1)?, other);
        }
        match flaw {
            Some(Flaw::WrongToken) => centre.token = &wrong,
            Some(Flaw::NoSignature) => centre.signature_key = None,
            Some(Flaw::WrongSignatureKey) => centre.signature_key = Some(wrong.as_bytes()),
            _ => {}
        }
        let mut request = centre.request_of(&notice, &data)?;
        match flaw {
            Some(Flaw::NoToken) => request.headers.retain(|(name, _)| name != "Authorization"),
            Some(Flaw::EventChanged(to)) => request.replace_body(notice.event_type, to)?,
            Some(Flaw::NameTwice) => request.replace_body("{", r#"{"eventType":"DELETE_USER","#)?,
            Some(Flaw::CutShort) => request.body.truncate(request.body.len().checked_sub(1)?),
            _ => {}
        }
        Some(request)
    }
}

impl HttpRequest {
    /// Replaces the first such text of the body.
    fn replace_body(&mut self, from: &str, to: &str) -> Option<()> {
        let body = std::str::from_utf8(&self.body).ok()?;
        self.body = body.replacen(from, to, 1).into_bytes();
        Some(())
    }
}
