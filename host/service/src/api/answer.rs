//! Answers as JSON.

use axum::response::{IntoResponse, Response};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::gate::LedgerError;

/// The media type of every answer that is neither text nor a problem.
pub(super) const MEDIA_TYPE: &str = "application/json";

/// A value as JSON.
pub(super) struct Json<T>(pub(super) T);

/// An object without members: there is nothing to say but that it is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Empty {}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Answers hold texts, numbers and JSON that the core wrote: nothing that JSON could not hold.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        ([(CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
    }
}

/// What the ledger holds now may be something else a moment later.
pub(super) async fn never_kept(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// JSON that goes out as it stands.
pub(super) fn written_by_the_core(view: Vec<u8>) -> Result<Box<RawValue>, LedgerError> {
    let text = String::from_utf8(view).map_err(|_| LedgerError::Defect)?;
    RawValue::from_string(text).map_err(|_| LedgerError::Defect)
}
