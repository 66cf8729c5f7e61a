//! Answers as JSON.

use bytes::Bytes;
use countersign_runtime::SellerError;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::json;

use crate::gate::LedgerError;
use crate::listen::HttpAnswer;

/// A JSON document, or text of another type.
pub(super) fn text(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> HttpAnswer {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn json(body: impl Into<Bytes>) -> HttpAnswer {
    text(StatusCode::OK, "application/json", body)
}

/// A request that is not carried out, and what it is answered.
#[derive(Debug)]
pub(super) struct Refusal(Box<HttpAnswer>);

/// `code` is stable, `message` a sentence.
pub(super) fn problem(status: StatusCode, code: &str, message: impl Into<String>) -> Refusal {
    refused(status, &json!({"error": {"code": code, "message": message.into()}}))
}

fn refused(status: StatusCode, body: &serde_json::Value) -> Refusal {
    Refusal(Box::new(text(status, "application/json", body.to_string())))
}

/// The request cannot be read.
pub(super) fn malformed(message: &str) -> Refusal {
    problem(StatusCode::BAD_REQUEST, "malformed-request", message)
}

pub(super) fn not_found(message: &str) -> Refusal {
    problem(StatusCode::NOT_FOUND, "not-found", message)
}

impl Refusal {
    pub(super) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }

    pub(super) fn into_answer(self) -> HttpAnswer {
        *self.0
    }
}

/// Codes of the core that blame the request.
const REQUEST_AT_FAULT: [&str; 4] =
    ["backend-answer-invalid", "backend-failed", "malformed-outcome", "malformed-frame"];

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        let status = match &error {
            LedgerError::Seller(SellerError::Call(call))
                if REQUEST_AT_FAULT.contains(&call.code.as_ref()) =>
            {
                StatusCode::BAD_REQUEST
            }
            LedgerError::Seller(_) | LedgerError::Defect => StatusCode::INTERNAL_SERVER_ERROR,
            LedgerError::Store(_) | LedgerError::Conflicts | LedgerError::Late => {
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        if status != StatusCode::BAD_REQUEST {
            tracing::error!(code = error.code(), "api request failed");
        }
        let mut body = json!({"code": error.code(), "message": error.to_string()});
        if let LedgerError::Seller(SellerError::Call(call)) = &error
            && let Ok(problems) = serde_json::from_str::<serde_json::Value>(&call.problems)
        {
            body["problems"] = problems;
        }
        refused(status, &json!({ "error": body }))
    }
}
