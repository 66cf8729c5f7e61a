//! What can be wrong with an answer.

use crate::crypto::contact::ContactError;
use std::fmt;

/// One thing that the platform would not accept. `field` is the full path, `info[0].appInfo.frontEndUrl`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields of each variant say what was met and what was allowed")]
pub enum Complaint {
    /// The HTTP status is not 200.
    Status { got: u16 },
    /// The HTTP status is not that of the code.
    StatusOfCode { got: u16, code: String },
    /// The body is not announced as JSON.
    ContentType { got: Option<String> },
    /// No `Body-Sign` header.
    BodySignMissing,
    /// The header is there in another case, which the platform does not see.
    BodySignName { got: String },
    /// The header is not written as documented, quotes included.
    BodySignForm { got: String },
    /// The signature does not fit the body under the access key.
    BodySignWrong,
    /// The body is not JSON.
    NotJson,
    /// Something that must be an object is not.
    NotAnObject { field: String },
    /// Something that must be an array is not.
    NotAnArray { field: String },
    /// Something that must be a text is not.
    NotAText { field: String },
    /// A mandatory member is absent, null or empty.
    Missing { field: String },
    /// A member that this answer must not have.
    Needless { field: String },
    /// The data of an answer to an identity centre do not open in its own layout, or are no id.
    DataUnreadable,
    /// A text is longer than its column, in characters.
    TooLong { field: String, limit: usize, got: usize },
    /// The result code is not in the dialect's table.
    UnknownResultCode { got: String },
    /// While debugging only 000000 counts.
    NoSuccessWhileDebugging { got: String },
    /// `encryptType` is neither 1 nor 2.
    UnknownEncryptType { got: String },
    /// A credential does not decrypt.
    CredentialUnreadable { field: String, reason: ContactError },
    /// A V1 memo with characters beyond ASCII that are not escaped.
    MemoNotEscaped { field: String },
    /// Not a number of at most 12 digits, 4 of them decimals.
    UsageValue { field: String, got: String },
    /// Not 17 digits.
    StatisticalTime { field: String, got: String },
}

impl Complaint {
    /// The stable code that tests match on.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::StatusOfCode { .. } => "status-of-code",
            Self::ContentType { .. } => "content-type",
            Self::BodySignMissing => "body-sign-missing",
            Self::BodySignName { .. } => "body-sign-name",
            Self::BodySignForm { .. } => "body-sign-form",
            Self::BodySignWrong => "body-sign-wrong",
            Self::NotJson => "not-json",
            Self::NotAnObject { .. } => "not-an-object",
            Self::NotAnArray { .. } => "not-an-array",
            Self::NotAText { .. } => "not-a-text",
            Self::Missing { .. } => "missing",
            Self::Needless { .. } => "needless",
            Self::DataUnreadable => "data-unreadable",
            Self::TooLong { .. } => "too-long",
            Self::UnknownResultCode { .. } => "unknown-result-code",
            Self::NoSuccessWhileDebugging { .. } => "no-success-while-debugging",
            Self::UnknownEncryptType { .. } => "unknown-encrypt-type",
            Self::CredentialUnreadable { .. } => "credential-unreadable",
            Self::MemoNotEscaped { .. } => "memo-not-escaped",
            Self::UsageValue { .. } => "usage-value",
            Self::StatisticalTime { .. } => "statistical-time",
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { got } => write!(f, "the HTTP status is {got}, not 200"),
            Self::StatusOfCode { got, code } => write!(f, "the HTTP status is {got}, the code {code}"),
            Self::ContentType { got: None } => f.write_str("there is no Content-Type"),
            Self::ContentType { got: Some(got) } => {
                write!(f, "the Content-Type is {got}, not application/json")
            }
            Self::BodySignMissing => f.write_str("there is no Body-Sign header"),
            Self::BodySignName { got } => {
                write!(f, "the header is spelt {got}; the platform sees only Body-Sign")
            }
            Self::BodySignForm { got } => write!(f, "Body-Sign is not written as documented: {got}"),
            Self::BodySignWrong => f.write_str("Body-Sign does not fit the body under the access key"),
            Self::NotJson => f.write_str("the body is not JSON"),
            Self::NotAnObject { field } => write!(f, "{} is not an object", or_body(field)),
            Self::NotAnArray { field } => write!(f, "{field} is not an array"),
            Self::NotAText { field } => write!(f, "{field} is not a text"),
            Self::Missing { field } => write!(f, "{field} is missing or empty"),
            Self::Needless { field } => write!(f, "{field} does not belong into this answer"),
            Self::DataUnreadable => f.write_str("the data do not open as they were sealed, or are no id"),
            Self::TooLong { field, limit, got } => {
                write!(f, "{field} has {got} characters, allowed are {limit}")
            }
            Self::UnknownResultCode { got } => write!(f, "the result code {got} is not in the table"),
            Self::NoSuccessWhileDebugging { got } => {
                write!(f, "a debugging call was answered {got}, not 000000")
            }
            Self::UnknownEncryptType { got } => write!(f, "the encryptType {got} is neither 1 nor 2"),
            Self::CredentialUnreadable { field, reason } => write!(f, "{field} is unreadable: {reason}"),
            Self::MemoNotEscaped { field } => {
                write!(f, "{field} has characters beyond ASCII that are not escaped")
            }
            Self::UsageValue { field, got } => {
                write!(f, "{field} is {got:?}, not a number of at most 12 digits with 4 decimals")
            }
            Self::StatisticalTime { field, got } => write!(f, "{field} is {got:?}, not 17 digits"),
        }
    }
}

fn or_body(field: &str) -> &str {
    if field.is_empty() { "the body" } else { field }
}
