//! Why a call was refused or could not be carried out: one table of stable codes and numbers.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::detail::Detail;

/// What the platform is told of a reason. The reason itself is the operator's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing with a code: there is no call, or no route that could answer it.
    Nobody,
    /// The call is not genuine.
    Authentication,
    /// The call is genuine, or not far enough looked at, and wrong in itself.
    Parameter,
    /// There is nothing that the call could be about.
    Instance,
    /// Not now: the platform will call again.
    Failure,
    /// What the seller's backend said.
    Backend,
    /// The credential that the call carries is of no use.
    Credential,
}

/// One row of the table.
macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $code:literal, $told:ident, $message:literal;)*) => {
        /// A stable reason. Codes and numbers never change their meaning; new ones may come.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ReasonCode {
            $($(#[$doc])* $variant,)*
        }

        impl ReasonCode {
            /// Every reason, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code: lower case, words joined by hyphens. Scripts and tests match on it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The number: hundreds are the stage at which the call ended.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$variant => $number,)* }
            }

            /// What the platform is told of it; each dialect has a code of its own for that.
            #[must_use]
            pub const fn told(self) -> Told {
                match self { $(Self::$variant => Told::$told,)* }
            }

            /// A sentence for the operator. Holds no secret and nothing of the call.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

reasons! {
    /// No route has this path. HTTP 404 without a body.
    UnknownRoute = 101, "unknown-route", Nobody, "no route has this path";
    /// The path has routes, none for this method. HTTP 405 without a body.
    MethodNotAllowed = 102, "method-not-allowed", Nobody, "no route of this path takes this method";
    /// The request target is longer than `max_target_bytes`.
    TargetTooLong = 111, "target-too-long", Parameter, "the request target is over the limit";
    /// The header section is larger than `max_header_bytes` or has more than `max_headers` fields.
    HeadersTooLarge = 112, "headers-too-large", Parameter, "the header section is over the limit";
    /// The body is larger than the limit of its dialect.
    BodyTooLarge = 113, "body-too-large", Parameter, "the body is over the limit";

    /// A percent sign without two hex digits, or a name or value that is not UTF-8.
    MalformedQuery = 201, "malformed-query", Parameter, "the query string is malformed";
    /// A query name stands twice.
    RepeatedQueryName = 202, "repeated-query-name", Parameter, "a query name is repeated";
    /// No timestamp.
    TimestampMissing = 203, "timestamp-missing", Parameter, "the timestamp is missing";
    /// A timestamp with the wrong number of digits, other characters, or no such day or time.
    TimestampMalformed = 204, "timestamp-malformed", Parameter, "the timestamp is malformed";
    /// Signed longer ago than the window allows.
    TimestampStale = 205, "timestamp-stale", Parameter, "the timestamp is older than the window allows";
    /// Signed further in the future than the window allows.
    TimestampFuture = 206, "timestamp-future", Parameter, "the timestamp is further ahead than the window allows";
    /// No nonce.
    NonceMissing = 207, "nonce-missing", Parameter, "the nonce is missing";
    /// A nonce over 256 bytes.
    NonceTooLong = 208, "nonce-too-long", Parameter, "the nonce is over the limit";
    /// A header that the dialect reads stands twice, in whatever case.
    RepeatedHeader = 209, "repeated-header", Parameter, "a header of the signature is repeated";

    /// No signature.
    SignatureMissing = 301, "signature-missing", Authentication, "the signature is missing";
    /// A signature that is not 64 hex digits (V2; 40 of SHA-1) or not standard Base64 of 32 bytes (V1).
    SignatureMalformed = 302, "signature-malformed", Authentication, "the signature is malformed";
    /// No key of the ring gives this signature over any canonical form.
    SignatureMismatch = 303, "signature-mismatch", Authentication, "no key of the route gives this signature";
    /// The same signed call was answered before.
    Replayed = 304, "replayed", Authentication, "this signed call was received before";
    /// No `Authorization`, or none of the form `Bearer <token>`.
    BearerMissing = 305, "bearer-missing", Authentication, "the bearer token is missing";
    /// Another token than the route's.
    BearerMismatch = 306, "bearer-mismatch", Authentication, "the bearer token is another one";

    /// The body is not JSON (RFC 8259, UTF-8), or not an object.
    MalformedJson = 401, "malformed-json", Parameter, "the body is not a JSON object";
    /// A member name stands twice in one object, at any depth.
    DuplicateName = 402, "duplicate-name", Parameter, "a JSON member name is repeated";
    /// Nested deeper than the reader allows.
    TooDeep = 403, "too-deep", Parameter, "the JSON is nested too deeply";
    /// A decoded value holds `&`, a parameter name and `=`: the signed text has a second reading.
    AmbiguousText = 404, "ambiguous-text", Parameter, "a value imitates another parameter";
    /// Contact data that the key of this call does not decrypt.
    UndecryptableContact = 405, "undecryptable-contact", Parameter, "the contact data cannot be decrypted";
    /// An activity that this dialect does not have.
    UnknownActivity = 406, "unknown-activity", Parameter, "the activity is unknown";
    /// A required field is absent or empty.
    FieldMissing = 407, "field-missing", Parameter, "a required field is missing";
    /// A field of another type or form than its table says.
    FieldMalformed = 408, "field-malformed", Parameter, "a field is malformed";
    /// A field that becomes part of a ledger key has more than 128 bytes.
    FieldTooLong = 409, "field-too-long", Parameter, "a field is over the limit";
    /// `testFlag` is neither 0 nor 1.
    TestFlagInvalid = 410, "test-flag-invalid", Parameter, "the test flag is neither 0 nor 1";
    /// A status that this dialect does not have.
    UnknownStatus = 411, "unknown-status", Parameter, "the status is unknown";
    /// A query for no instance, for an empty id, or for more than 100.
    BadInstanceList = 412, "bad-instance-list", Parameter, "the list of instance ids is empty or too long";
    /// A flag that the table of its interface does not have.
    UnknownFlag = 413, "unknown-flag", Parameter, "the flag is unknown";
    /// A client secret that no private key of the route opens, however it was padded.
    UndecryptableSecret = 414, "undecryptable-secret", Credential, "the client secret cannot be decrypted";
    /// Event data that no key opens, or that are not framed as the platform frames them.
    UndecryptableData = 415, "undecryptable-data", Authentication, "the event data cannot be decrypted";
    /// More than 500 users in one call.
    TooManyMembers = 416, "too-many-members", Parameter, "the call names too many users";
    /// An event beyond those of the table: it is answered with success, and nothing happens.
    UnknownEvent = 417, "unknown-event", Nobody, "the event is unknown";
    /// A member that only other interfaces of the kit have: the path is not signed, and the call may be meant for another.
    ForeignMember = 418, "foreign-member", Parameter, "the call has a member of another interface";
    /// A `Content-Encoding` other than `identity`: what was signed is the text, and nobody says which bytes of it.
    BodyEncoded = 451, "body-encoded", Parameter, "the body has a content encoding";
    /// The body begins with a byte order mark, of UTF-8 or of another encoding; JSON has none (RFC 8259 §8.1).
    ByteOrderMark = 452, "byte-order-mark", Parameter, "the body begins with a byte order mark";
    /// A production call that names a productId which is none of its route's `product_ids`.
    ForeignProduct = 453, "foreign-product", Instance, "the call names a product of another route";

    /// The ledger knows no such instance of this product.
    UnknownInstance = 501, "unknown-instance", Instance, "the product has no such instance";
    /// The instance was released.
    InstanceReleased = 502, "instance-released", Instance, "the instance was released";
    /// The work is not finished yet.
    InProgress = 503, "in-progress", Failure, "the work is not finished yet";
    /// The seller's backend refused for a reason of its own.
    BackendRefused = 504, "backend-refused", Backend, "the seller's backend refused";
    /// The seller's backend did not answer in time, or answered with an error.
    BackendFailed = 505, "backend-failed", Failure, "the seller's backend failed";
    /// The seller's backend answered something that the platform would not take.
    BackendAnswerInvalid = 506, "backend-answer-invalid", Failure, "the seller's backend gave an answer beyond the platform's limits";
    /// The store cannot be reached.
    StoreUnavailable = 507, "store-unavailable", Failure, "the store is unavailable";
    /// Other calls kept changing the same rows.
    TooManyConflicts = 508, "too-many-conflicts", Failure, "too many concurrent changes of the same rows";
    /// The gateway is at its limit, or going down.
    Overloaded = 509, "overloaded", Failure, "the gateway cannot take the call now";
    /// A defect in the gateway or in its host.
    Internal = 510, "internal", Failure, "the call could not be carried out";

    /// A configuration with mistakes; each is named with its path.
    InvalidConfiguration = 601, "invalid-configuration", Nobody, "the configuration has mistakes";
    /// A frame or a line that cannot be read.
    MalformedFrame = 602, "malformed-frame", Nobody, "the request cannot be read";
    /// No such operation.
    UnknownOperation = 603, "unknown-operation", Nobody, "there is no such operation";
    /// No seller with this handle is open.
    UnknownSeller = 604, "unknown-seller", Nobody, "no seller with this handle is open";
    /// An admission that this configuration did not give.
    ForeignAdmission = 605, "foreign-admission", Nobody, "the admission does not belong to this configuration";
    /// A work handle that was not given by a decision.
    MalformedWork = 606, "malformed-work", Nobody, "the work handle cannot be read";
    /// A row whose bytes the core did not write.
    CorruptRow = 607, "corrupt-row", Nobody, "a row of the store cannot be read";
    /// An outcome that cannot be read.
    MalformedOutcome = 608, "malformed-outcome", Nobody, "the outcome cannot be read";
    /// No primitive has this name.
    UnknownPrimitive = 609, "unknown-primitive", Nobody, "there is no such primitive";
    /// A primitive does not take one of its inputs; the problem names it.
    InputRefused = 610, "input-refused", Nobody, "an input of the primitive is refused";
    /// A row that a later version wrote in a format of its own: it is left as it is.
    NewerRow = 611, "newer-row", Failure, "a row of the store was written by a later version";
    /// An admission that holds no secret, or none that a private key opens.
    NothingToReveal = 612, "nothing-to-reveal", Nobody, "the call holds no secret that could be shown";
    /// No directory with this handle is loaded.
    UnknownDirectory = 621, "unknown-directory", Nobody, "no directory with this handle is loaded";
    /// A check that is not exactly one.
    MalformedCheck = 622, "malformed-check", Nobody, "this is not exactly one check";
    /// A policy that cannot be used; every mistake has its path.
    InvalidPolicy = 623, "invalid-policy", Nobody, "the policy has mistakes";
    /// Records that cannot be used; every mistake has its path.
    InvalidWorld = 624, "invalid-world", Nobody, "the records have mistakes";
}

/// A reason, the field that it is about, and what else makes it plain. Holds no secret and nothing of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What is wrong.
    pub code: ReasonCode,
    /// The field as the platform, the backend's answer or the configuration spells it; a name of the tables, never a
    /// byte of the call.
    pub field: Option<Cow<'static, str>>,
    /// In JSON further members of the reason, under their own names.
    pub details: Vec<Detail>,
}

impl Reason {
    // Out of line: calls are refused seldom, and each copy of this would be a few hundred bytes of the module.
    #[cold]
    #[inline(never)]
    pub(crate) fn about(code: ReasonCode, field: &'static str) -> Self {
        Self { code, field: Some(Cow::Borrowed(field)), details: Vec::new() }
    }

    /// With one more detail.
    #[cold]
    #[inline(never)]
    pub(crate) fn with(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    /// With a detail that may not be there.
    pub(crate) fn with_any(self, detail: Option<Detail>) -> Self {
        match detail {
            Some(detail) => self.with(detail),
            None => self,
        }
    }
}

impl From<ReasonCode> for Reason {
    #[cold]
    #[inline(never)]
    fn from(code: ReasonCode) -> Self {
        Self { code, field: None, details: Vec::new() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code.message())?;
        match &self.field {
            Some(field) => write!(out, ": `{field}`"),
            None => Ok(()),
        }
    }
}

impl core::error::Error for Reason {}

#[cfg(test)]
mod tests {
    use super::ReasonCode;

    #[test]
    fn codes_and_numbers_are_unique_and_numbers_ascend() {
        for pair in ReasonCode::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number(), "{:?}", pair[1]);
        }
        for (index, one) in ReasonCode::ALL.iter().enumerate() {
            assert!(ReasonCode::ALL[index + 1..].iter().all(|other| other.code() != one.code()), "{one:?}");
        }
    }
}
