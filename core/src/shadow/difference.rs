//! Where an old handler's answer differs from ours: one table of stable codes.

use alloc::borrow::Cow;
use alloc::string::String;

/// One row of the table.
macro_rules! differences {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $benign:literal;)*) => {
        /// A stable code. Codes never change their meaning; new ones may come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DifferenceCode {
            $($(#[$doc])* $variant,)*
        }

        impl DifferenceCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Lower case, words joined by hyphens. Scripts and tests match on it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// Whether the platform would not mind: counted, but no reason to look.
            #[must_use]
            pub const fn is_benign(self) -> bool {
                match self { $(Self::$variant => $benign,)* }
            }
        }
    };
}

differences! {
    /// Another result code than ours; `reason` says why ours is what it is.
    ResultCode = "result-code", false;
    /// The order has an instance already, and the old handler answered another one.
    SecondInstance = "second-instance", false;
    /// The old handler answered an instance that belongs to another order.
    InstanceReused = "instance-reused", false;
    /// A query lists other instances than ours would.
    Instances = "instances", false;
    /// No answer in time, or none at all.
    NoAnswer = "no-answer", false;
    /// An answer later than the platform waits: 5 s in V2, 20 s in V1.
    Late = "late", false;
    /// Another HTTP status than 200: the platform counts it as an outage.
    HttpStatus = "http-status", false;
    /// Not `application/json`.
    ContentType = "content-type", false;
    /// A body that is not a JSON object, or repeats a name.
    NotJson = "not-json", false;
    /// No result code of six digits.
    ResultCodeInvalid = "result-code-invalid", false;
    /// A result code that no table of the dialect has: the platform's documents do not say what it does with it.
    ResultCodeUnknown = "result-code-unknown", false;
    /// A member that the platform needs is absent.
    FieldMissing = "field-missing", false;
    /// A member of another type than its table says.
    WrongType = "wrong-type", false;
    /// A member beyond the platform's limit.
    OverLimit = "over-limit", false;
    /// An address that is neither http nor https, or has no host.
    NotAnAddress = "not-an-address", false;
    /// A memo whose text beyond ASCII is not written as `\u` escapes, where the dialect asks for them.
    NotEscaped = "not-escaped", false;
    /// No `Body-Sign` where the dialect demands it.
    SignatureMissing = "signature-missing", false;
    /// A `Body-Sign` that is not over these bytes.
    SignatureWrong = "signature-wrong", false;
    /// A `Body-Sign` over these bytes whose text is not the documented one: a blank is missing for instance.
    Spelling = "spelling", false;
    /// Credentials that the key of the call does not decrypt.
    Undecryptable = "undecryptable", false;
    /// No `Body-Sign` where the documents contradict each other.
    Unsigned = "unsigned", true;
    /// Other access data than before: the ledger takes them over.
    AccessChanged = "access-changed", true;
}

/// One difference. Holds no secret, no contact data and no byte of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind.
    pub code: DifferenceCode,
    /// The member as the platform spells it, where it is about one.
    pub field: Option<Cow<'static, str>>,
    /// Ours: a result code, an instance id.
    pub own: Option<String>,
    /// The old handler's.
    pub theirs: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::DifferenceCode;

    #[test]
    fn codes_are_unique() {
        for (index, one) in DifferenceCode::ALL.iter().enumerate() {
            assert!(
                DifferenceCode::ALL[index + 1..].iter().all(|other| other.code() != one.code()),
                "{one:?}"
            );
        }
    }
}
