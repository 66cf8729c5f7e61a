//! What a story can find.

use crate::check::Complaint;
use crate::sign::SignError;
use crate::transport::TransportError;
use std::fmt;

/// One thing that went wrong in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields of each variant say what was met and what was right")]
pub enum Finding {
    /// An answer that the platform would not accept.
    Answer(Complaint),
    /// No answer.
    NoAnswer(TransportError),
    /// An answer after the platform's time limit.
    TooSlow { limit_ms: u64, took_ms: u64 },
    /// A result code that is wrong here.
    ResultCode { expected: Vec<&'static str>, got: String },
    /// The repeats did not end.
    NeverSettled { code: &'static str, tries: u32 },
    /// An order got a second instance id.
    InstanceChanged { order: &'static str, first: String, got: String },
    /// An account or organization got a second id.
    AccountChanged { name: &'static str, first: String, got: String },
    /// Two orders got one instance id.
    InstanceShared { order: &'static str, other: &'static str, got: String },
    /// An order got another licence than before.
    LicenseChanged { order: &'static str },
    /// A query listed other instances than it was asked for.
    Listed { asked: Vec<String>, got: Vec<String> },
    /// An earlier step left no instance id to go on with.
    NoInstance { order: &'static str },
    /// The request could not be signed.
    Unsigned(SignError),
    /// The story asks for something that its dialect or its orders do not have.
    Unsendable { call: &'static str },
}

impl Finding {
    /// The stable code that tests match on; for an answer that of the complaint.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Answer(complaint) => complaint.code(),
            Self::NoAnswer(error) => error.code(),
            Self::TooSlow { .. } => "too-slow",
            Self::ResultCode { .. } => "result-code",
            Self::NeverSettled { .. } => "never-settled",
            Self::InstanceChanged { .. } => "instance-changed",
            Self::AccountChanged { .. } => "account-changed",
            Self::InstanceShared { .. } => "instance-shared",
            Self::LicenseChanged { .. } => "license-changed",
            Self::Listed { .. } => "listed",
            Self::NoInstance { .. } => "no-instance",
            Self::Unsigned(error) => error.code(),
            Self::Unsendable { .. } => "unsendable",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(complaint) => complaint.fmt(f),
            Self::NoAnswer(error) => error.fmt(f),
            Self::TooSlow { limit_ms, took_ms } => {
                write!(f, "answered after {took_ms} ms, allowed are {limit_ms} ms")
            }
            Self::ResultCode { expected, got } => {
                write!(f, "answered {got}, right is {}", expected.join(" or "))
            }
            Self::NeverSettled { code, tries } => write!(f, "not answered {code} in {tries} tries"),
            Self::InstanceChanged { order, first, got } => {
                write!(f, "the order {order} had the instance {first} and now got {got}")
            }
            Self::AccountChanged { name, first, got } => {
                write!(f, "{name} had the id {first} and now got {got}")
            }
            Self::InstanceShared { order, other, got } => {
                write!(f, "the order {order} got the instance {got}, which belongs to the order {other}")
            }
            Self::LicenseChanged { order } => write!(f, "the order {order} got another licence than before"),
            Self::Listed { asked, got } => {
                write!(f, "asked for [{}], the answer lists [{}]", asked.join(", "), got.join(", "))
            }
            Self::NoInstance { order } => write!(f, "the order {order} has no instance to go on with"),
            Self::Unsigned(error) => error.fmt(f),
            Self::Unsendable { call } => write!(f, "this dialect or order has no call {call}"),
        }
    }
}
