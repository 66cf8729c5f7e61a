//! What can be wrong with a request on purpose.
//!
//! The *harmless* faults are spellings that the platform is known or suspected to use: a gate must accept them. The
//! others are attacks and accidents: [`Fault::deserves`] says the result code.

use crate::{Dialect, Family, SignError};
use serde::{Deserialize, Serialize};

/// One deviation from a request signed in the usual way.
///
/// As JSON it is tagged with its [`name`](Self::name): `{"fault": "clock-error", "ms": -61000}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// V2, harmless: the signature in lower-case hex, as one published example has it.
    LowerCaseHex,
    /// V2, harmless: the body with blanks and line ends, the signature over the compact form.
    PrettyBody,
    /// V2, harmless: top-level members in descending order, the signature over the ascending form.
    ReversedOrder,
    /// V2, harmless: a member that is null on the wire; the signature leaves it out.
    NullMember,
    /// V2, harmless: the signature over a form whose nested members are sorted too.
    NestedSorted,
    /// V2, harmless: the signature over a form whose top-level numbers and truth values are quoted, since the
    /// platform's sample binds the body to texts.
    ScalarsSignedAsText,
    /// V1, harmless: blanks as `+`, as Java's `URLEncoder` writes them.
    PlusForBlank,
    /// V1: the token over values that are still percent-encoded.
    SignedStillEncoded,
    /// Signed under another key.
    WrongKey,
    /// No `signature` (V2), no `authToken` (V1).
    MissingSignature,
    /// One field set to another value after signing; added if it was absent.
    ChangedAfterSigning {
        /// The platform's name of the field.
        field: String,
        /// Its new value.
        value: String,
    },
    /// The platform's clock is wrong by this many milliseconds.
    ClockError {
        /// Negative: a stale request; positive: one from the future.
        ms: i64,
    },
    /// V2: after signing, the last character of the nonce (a digit) becomes the first one of the timestamp. Nonce and
    /// timestamp are joined without a separator, so the signature still fits, and the nonce looks new.
    MovedDigit,
    /// V2: a member occurs twice, signed over these very bytes.
    DuplicateName {
        /// The platform's name of a field that is there already.
        field: String,
        /// The value of the second occurrence.
        value: String,
    },
    /// V2: the closing brace is missing, signed over these very bytes.
    TruncatedBody,
    /// A query parameter occurs twice with the same value.
    RepeatedParameter {
        /// Its name: a field in V1; `signature`, `timestamp` or `nonce` in V2.
        name: String,
    },
    /// V1: a parameter hidden in the value of the one before it, so that the token still fits: `skuCode=s&testFlag=1`
    /// becomes `skuCode=s%26testFlag%3D1`, and a debugging call becomes a purchase.
    SmuggledParameter {
        /// The parameter that disappears.
        name: String,
    },
}

/// The documented window of V2: a request further away from the seller's clock is refused.
pub const FRESHNESS_WINDOW_MS: u64 = 60_000;

impl Fault {
    /// The stable name of the fault.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::LowerCaseHex => "lower-case-hex",
            Self::PrettyBody => "pretty-body",
            Self::ReversedOrder => "reversed-order",
            Self::NullMember => "null-member",
            Self::NestedSorted => "nested-sorted",
            Self::ScalarsSignedAsText => "scalars-signed-as-text",
            Self::PlusForBlank => "plus-for-blank",
            Self::SignedStillEncoded => "signed-still-encoded",
            Self::WrongKey => "wrong-key",
            Self::MissingSignature => "missing-signature",
            Self::ChangedAfterSigning { .. } => "changed-after-signing",
            Self::ClockError { .. } => "clock-error",
            Self::MovedDigit => "moved-digit",
            Self::DuplicateName { .. } => "duplicate-name",
            Self::TruncatedBody => "truncated-body",
            Self::RepeatedParameter { .. } => "repeated-parameter",
            Self::SmuggledParameter { .. } => "smuggled-parameter",
        }
    }

    /// Whether the dialect knows the fault at all.
    #[must_use]
    pub fn applies_to(&self, dialect: Dialect) -> bool {
        match self {
            Self::PlusForBlank | Self::SignedStillEncoded | Self::SmuggledParameter { .. } => {
                dialect.family() == Family::V1 && !dialect.is_kit()
            }
            Self::ScalarsSignedAsText => dialect.family() == Family::V2 && !dialect.is_kit(),
            Self::LowerCaseHex
            | Self::PrettyBody
            | Self::ReversedOrder
            | Self::NullMember
            | Self::NestedSorted
            | Self::MovedDigit
            | Self::DuplicateName { .. }
            | Self::TruncatedBody => dialect.family() == Family::V2,
            Self::WrongKey
            | Self::MissingSignature
            | Self::ChangedAfterSigning { .. }
            | Self::ClockError { .. }
            | Self::RepeatedParameter { .. } => true,
        }
    }

    /// The result code that a gate must answer; `None` for a harmless fault, which changes no answer.
    ///
    /// V1 states no window for its timestamp: a wrong clock is harmless there.
    #[must_use]
    pub fn deserves(&self, dialect: Dialect) -> Option<&'static str> {
        match self {
            Self::LowerCaseHex
            | Self::PrettyBody
            | Self::ReversedOrder
            | Self::NullMember
            | Self::NestedSorted
            | Self::ScalarsSignedAsText
            | Self::PlusForBlank => None,
            Self::ClockError { ms } => (dialect.family() == Family::V2
                && ms.unsigned_abs() > FRESHNESS_WINDOW_MS)
                .then_some("000002"),
            Self::SignedStillEncoded
            | Self::WrongKey
            | Self::MissingSignature
            | Self::ChangedAfterSigning { .. } => Some("000001"),
            Self::MovedDigit
            | Self::DuplicateName { .. }
            | Self::TruncatedBody
            | Self::RepeatedParameter { .. }
            | Self::SmuggledParameter { .. } => Some("000002"),
        }
    }

    pub(crate) fn not_applicable(&self) -> SignError {
        SignError::FaultNotApplicable { fault: self.name() }
    }
}

/// The key that a request is signed under: the route's own, or one that is certainly another.
pub(crate) fn signing_key(key: &crate::AccessKey, faults: &[Fault]) -> crate::AccessKey {
    let suffix = if faults.contains(&Fault::WrongKey) { "-of-somebody-else" } else { "" };
    crate::AccessKey::new(format!("{}{suffix}", key.reveal()))
}

/// The platform's clock with its errors.
pub(crate) fn clock(now_ms: u64, faults: &[Fault]) -> u64 {
    faults.iter().fold(now_ms, |now, fault| match fault {
        Fault::ClockError { ms } => now.saturating_add_signed(*ms),
        _ => now,
    })
}
