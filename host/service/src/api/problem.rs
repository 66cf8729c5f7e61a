//! What goes wrong, as `application/problem+json` (RFC 9457). Its member `error` is what this api said before it knew of
//! that form, and stays.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use countersign_core::ReasonCode;
use countersign_runtime::{EngineError, SellerError};
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, response};

use crate::gate::LedgerError;

/// The media type of RFC 9457.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// What all problems of one code have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
}

pub(super) const UNKNOWN_PATH: Kind =
    Kind { status: StatusCode::NOT_FOUND, code: "not-found", title: "there is nothing under this path" };
pub(super) const METHOD_NOT_ALLOWED: Kind = Kind {
    status: StatusCode::METHOD_NOT_ALLOWED,
    code: ReasonCode::MethodNotAllowed.code(),
    title: ReasonCode::MethodNotAllowed.message(),
};
pub(super) const UNAUTHORIZED: Kind =
    Kind { status: StatusCode::UNAUTHORIZED, code: "unauthorized", title: "no token, or an unknown one" };
pub(super) const FORBIDDEN: Kind =
    Kind { status: StatusCode::FORBIDDEN, code: "forbidden", title: "the token does not allow it" };
pub(super) const MALFORMED: Kind =
    Kind { status: StatusCode::BAD_REQUEST, code: "malformed-request", title: "the request cannot be read" };
pub(super) const BODY_TOO_LARGE: Kind = of_core(StatusCode::BAD_REQUEST, ReasonCode::BodyTooLarge);
pub(super) const BODY_INCOMPLETE: Kind =
    Kind { status: StatusCode::REQUEST_TIMEOUT, code: "body-incomplete", title: "the body did not arrive" };
pub(super) const TOO_MANY_REQUESTS: Kind = Kind {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: "too-many-requests",
    title: "the bodies under way leave no room for this one",
};
pub(super) const UNKNOWN_INSTANCE: Kind = of_core(StatusCode::NOT_FOUND, ReasonCode::UnknownInstance);
pub(super) const UNKNOWN_TENANT: Kind =
    Kind { status: StatusCode::NOT_FOUND, code: "unknown-tenant", title: "nothing is known of this tenant" };
pub(super) const UNKNOWN_EFFECT: Kind =
    Kind { status: StatusCode::NOT_FOUND, code: "unknown-effect", title: "there is no such effect" };
pub(super) const SUPERSEDED: Kind = Kind {
    status: StatusCode::CONFLICT,
    code: "superseded",
    title: "the effect ended otherwise, or its work is void",
};

/// All of them: what this api refuses by itself.
const OWN: [Kind; 12] = [
    UNKNOWN_PATH,
    METHOD_NOT_ALLOWED,
    UNAUTHORIZED,
    FORBIDDEN,
    MALFORMED,
    BODY_TOO_LARGE,
    BODY_INCOMPLETE,
    TOO_MANY_REQUESTS,
    UNKNOWN_INSTANCE,
    UNKNOWN_TENANT,
    UNKNOWN_EFFECT,
    SUPERSEDED,
];

const fn of_core(status: StatusCode, reason: ReasonCode) -> Kind {
    Kind { status, code: reason.code(), title: reason.message() }
}

/// What the core says of a request that the caller has to change.
const REQUEST_AT_FAULT: [ReasonCode; 4] = [
    ReasonCode::BackendAnswerInvalid,
    ReasonCode::BackendFailed,
    ReasonCode::MalformedOutcome,
    ReasonCode::MalformedFrame,
];

/// The store is away, or others were faster: the same request may succeed later.
const LATER: [ReasonCode; 2] = [ReasonCode::StoreUnavailable, ReasonCode::TooManyConflicts];

/// What the core says of itself, or of the ledger.
const DEFECTS: [ReasonCode; 3] = [ReasonCode::Internal, ReasonCode::CorruptRow, ReasonCode::NewerRow];

/// What an engine says instead of the core's answer.
const ENGINE: &str = "the engine did not carry out the call";

/// What may go wrong wherever the ledger is read.
pub(super) fn of_reads() -> Vec<Kind> {
    let engine = [
        EngineError::Busy,
        EngineError::Deadline,
        EngineError::OutOfMemory,
        EngineError::Trap(String::new()),
        EngineError::Panic,
        EngineError::Malformed,
    ];
    let defects = DEFECTS.map(|reason| of_core(StatusCode::INTERNAL_SERVER_ERROR, reason));
    let engine = engine.map(|error| Kind {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        code: error.code(),
        title: ENGINE,
    });
    let later = LATER.map(|reason| of_core(StatusCode::SERVICE_UNAVAILABLE, reason));
    defects.into_iter().chain(engine).chain(later).collect()
}

/// What may go wrong wherever the ledger is changed by what a caller said.
pub(super) fn of_changes() -> Vec<Kind> {
    let at_fault = REQUEST_AT_FAULT.map(|reason| of_core(StatusCode::BAD_REQUEST, reason));
    at_fault.into_iter().chain(of_reads()).collect()
}

/// Why a request was not carried out (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// What kind of problem it is: `urn:problem-type:countersign:` and the code.
    #[schema(format = "uri")]
    r#type: String,
    /// What all problems of this kind have in common.
    title: Cow<'static, str>,
    /// The HTTP status, once more.
    status: u16,
    /// What is wrong with this request: a sentence, without secrets.
    detail: String,
    error: ProblemError,
}

/// The same for programs that match on codes.
#[derive(Debug, Serialize, ToSchema)]
struct ProblemError {
    /// Stable: a row of `core/REASONS.md` or `host/CODES.md`.
    code: String,
    /// As `detail`.
    message: String,
    /// Every mistake of the body, where it is the body that the core refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Mistake>>, nullable = false)]
    problems: Option<serde_json::Value>,
}

/// One mistake of a body.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the core writes it; this says how")]
struct Mistake {
    /// Where it stands.
    path: String,
    /// What kind of mistake it is.
    code: String,
    /// A sentence, without secrets.
    message: String,
}

impl Problem {
    fn new(status: StatusCode, code: &str, title: Cow<'static, str>, detail: String) -> Self {
        let error = ProblemError { code: code.to_owned(), message: detail.clone(), problems: None };
        let r#type = format!("urn:problem-type:countersign:{code}");
        Self { r#type, title, status: status.as_u16(), detail, error }
    }
}

/// A request that is not carried out, and what it is answered.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
    problem: Box<Problem>,
}

impl Kind {
    /// A request that is refused for this, with what is wrong with it.
    pub(super) fn because(self, detail: impl Into<String>) -> Refusal {
        let problem = Problem::new(self.status, self.code, self.title.into(), detail.into());
        Refusal { status: self.status, header: None, problem: Box::new(problem) }
    }
}

/// The request cannot be read.
pub(super) fn malformed(detail: impl Into<String>) -> Refusal {
    MALFORMED.because(detail)
}

impl Refusal {
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Texts and numbers: nothing that JSON could not hold.
        let body = serde_json::to_vec(&self.problem).unwrap_or_default();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        response.headers_mut().extend(self.header);
        response
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        let at_fault = |code: &str| REQUEST_AT_FAULT.iter().any(|reason| reason.code() == code);
        let status = match &error {
            LedgerError::Seller(SellerError::Call(call)) if at_fault(&call.code) => StatusCode::BAD_REQUEST,
            LedgerError::Seller(_) | LedgerError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
            LedgerError::Store(_) | LedgerError::Conflicts | LedgerError::Late => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        if status != StatusCode::BAD_REQUEST {
            tracing::error!(code = error.code(), "api request failed");
        }
        let mut problem = Problem::new(status, error.code(), title(&error, status), error.to_string());
        if let LedgerError::Seller(SellerError::Call(call)) = &error {
            problem.error.problems = serde_json::from_str(&call.problems).ok();
        }
        Self { status, header: None, problem: Box::new(problem) }
    }
}

/// The same for each error of one code.
fn title(error: &LedgerError, status: StatusCode) -> Cow<'static, str> {
    let reason = ReasonCode::ALL.iter().find(|reason| reason.code() == error.code());
    match (reason, error) {
        (Some(reason), _) => reason.message().into(),
        (None, LedgerError::Seller(SellerError::Engine(_))) => ENGINE.into(),
        (None, _) => status.canonical_reason().unwrap_or_default().into(),
    }
}

/// An example of each kind, by its code.
pub(super) fn examples() -> impl Iterator<Item = (String, RefOr<Example>)> {
    OWN.into_iter().chain(of_changes()).map(|kind| (kind.code.to_owned(), kind.example().into()))
}

impl Kind {
    fn example(self) -> Example {
        let problem = Problem::new(self.status, self.code, self.title.into(), self.title.to_owned());
        let mut value = serde_json::to_value(problem).ok();
        // One order, whether or not another crate of the build has serde_json keep that of insertion.
        value.iter_mut().for_each(serde_json::Value::sort_all_objects);
        ExampleBuilder::new().summary(self.title).value(value).build()
    }
}

/// The responses of an operation that can end with these problems: one for each status, with an example of each kind.
pub(super) fn responses(
    kinds: impl IntoIterator<Item = Kind>,
) -> BTreeMap<String, RefOr<response::Response>> {
    let mut by_status: BTreeMap<u16, Vec<Kind>> = BTreeMap::new();
    for kind in kinds {
        by_status.entry(kind.status.as_u16()).or_default().push(kind);
    }
    let responses = by_status.into_iter();
    responses.map(|(status, kinds)| (status.to_string(), response(&kinds).into())).collect()
}

fn response(kinds: &[Kind]) -> response::Response {
    let meanings: Vec<String> = kinds.iter().map(|kind| format!("`{}`: {}", kind.code, kind.title)).collect();
    let examples = kinds.iter().map(|kind| {
        let example = Ref::new(format!("#/components/examples/{}", kind.code));
        (kind.code, RefOr::Ref(example))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new().description(meanings.join("; ")).content(MEDIA_TYPE, content);
    if kinds.iter().any(|kind| kind.status == StatusCode::UNAUTHORIZED) {
        let challenge =
            HeaderBuilder::new().description(Some("A challenge of the scheme Bearer (RFC 6750)."));
        response = response.header(hyper::header::WWW_AUTHENTICATE.as_str(), challenge.build());
    }
    response.build()
}
