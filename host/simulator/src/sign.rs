//! Fields in, one signed HTTP request out.

use crate::fault::Fault;
use crate::http::HttpRequest;
use crate::{AccessKey, Dialect, Fields};
use std::fmt;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct SignInput<'a> {
    /// The callback protocol.
    pub dialect: Dialect,
    /// The access key of the route.
    pub key: &'a AccessKey,
    /// What the `Host` header says: `isv.example.com`, `127.0.0.1:8080`.
    pub host: &'a str,
    /// The path of the production URL, percent-encoded, without a query.
    pub path: &'a str,
    /// The fields under the platform's names. `null` members are kept out.
    pub fields: &'a Fields,
    /// The platform's clock: milliseconds since the epoch, UTC.
    pub now_ms: u64,
    /// V2: the nonce, 16 to 64 letters and digits ([`Entropy::nonce`](crate::Entropy::nonce)). V1 has none.
    pub nonce: &'a str,
}

/// Signs a request as the platform does.
///
/// # Errors
/// [`SignError::PathInvalid`], then [`SignError::FieldReserved`], then [`SignError::FieldNotText`].
pub fn sign(input: &SignInput<'_>) -> Result<HttpRequest, SignError> {
    sign_with(input, &[])
}

/// Signs a request and spoils it, fault by fault.
///
/// # Errors
/// As [`sign`]; [`SignError::FaultNotApplicable`] when a fault would change nothing: the dialect does not know it, or
/// these fields give it nothing to work on.
pub fn sign_with(input: &SignInput<'_>, faults: &[Fault]) -> Result<HttpRequest, SignError> {
    let path_is_plain = input.path.starts_with('/')
        && input.path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#');
    if !path_is_plain {
        return Err(SignError::PathInvalid);
    }
    for fault in faults {
        if !fault.applies_to(input.dialect) {
            return Err(fault.not_applicable());
        }
    }
    (input.dialect.rules().sign)(input, faults)
}

/// Why a request could not be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignError {
    /// The path does not begin with `/`, or has a query, a fragment, a blank or a character that is not ASCII.
    PathInvalid,
    /// The field is what signing itself adds.
    FieldReserved {
        /// Its name.
        field: String,
    },
    /// V1 sends texts, numbers and truth values only.
    FieldNotText {
        /// Its name.
        field: String,
    },
    /// No access key signs this dialect, an identity centre does: [`account`](crate::account).
    SignedByCentre,
    /// The fault would change nothing.
    FaultNotApplicable {
        /// The stable name of the fault.
        fault: &'static str,
    },
}

impl SignError {
    /// The stable code that tests match on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::PathInvalid => "sign-path-invalid",
            Self::FieldReserved { .. } => "sign-field-reserved",
            Self::FieldNotText { .. } => "sign-field-not-text",
            Self::SignedByCentre => "sign-by-centre",
            Self::FaultNotApplicable { .. } => "sign-fault-not-applicable",
        }
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PathInvalid => f.write_str("the path is not a plain path that begins with a slash"),
            Self::FieldReserved { field } => write!(f, "the field {field} is added by signing itself"),
            Self::FieldNotText { field } => {
                write!(f, "the field {field} is nested, which this dialect cannot send")
            }
            Self::SignedByCentre => f.write_str("an identity centre signs this dialect, no access key"),
            Self::FaultNotApplicable { fault } => write!(f, "the fault {fault} would change nothing here"),
        }
    }
}

impl std::error::Error for SignError {}
