//! A call that a dialect took in, or did not.

use crate::event::Event;
use crate::reason::{Reason, ReasonCode};

/// A call that is genuine and understood.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) event: Event,
    /// Test traffic lives in its own namespace.
    pub(crate) test: bool,
    /// When the platform signed it, milliseconds.
    pub(crate) signed_at: u64,
    /// What makes a second arrival of the same bytes a replay; `None` where the protocol has no such rule.
    pub(crate) replay: Option<Replay>,
    /// What the answer needs of the call.
    pub(crate) context: Context,
}

/// A signature that is taken once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Replay {
    /// The signature, or a digest of what stands for it.
    pub(crate) signature: [u8; 32],
    /// Until then the same bytes would pass for fresh, milliseconds.
    pub(crate) fresh_until: u64,
}

/// What an endpoint remembers of a call until it is answered: the key that authenticated it, the layout of its
/// ciphertext. Nobody else reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Context(pub(crate) u32);

impl Context {
    /// A call of which nothing matters but the key of the ring that authenticated it.
    pub(super) fn of_key(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The index of that key.
    pub(super) fn key(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A refusal, and what the answer needs of the call if a key authenticated it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) reason: Reason,
    pub(crate) context: Option<Context>,
}

impl Refused {
    /// What the platform is told. Whatever is wrong with the document of a call that no key signed is a wrong signature
    /// outside: only who holds a key learns more.
    pub(crate) fn outward(&self) -> ReasonCode {
        let unsigned = self.context.is_none() && (400..500).contains(&self.reason.code.number());
        if unsigned { ReasonCode::SignatureMismatch } else { self.reason.code }
    }
}

impl<R: Into<Reason>> From<R> for Refused {
    fn from(reason: R) -> Self {
        Self { reason: reason.into(), context: None }
    }
}
