//! The listener for the platform: bytes in, the gate, bytes out. It knows no path and no dialect.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Answer, wire::hex};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::{Request, Response, StatusCode};

use super::body::{self, Body};
use super::{Handler, HttpAnswer};
use crate::gate::{Gate, OwnedRequest, fresh};
use crate::shadow::Shadow;
use crate::telemetry::Telemetry;

/// Hands requests to the gate.
pub(crate) struct Public {
    pub(crate) gate: Arc<Gate>,
    pub(crate) telemetry: Arc<Telemetry>,
    /// The largest body that is read at all.
    pub(crate) max_body_bytes: usize,
    pub(crate) body_timeout: Duration,
    /// Old handlers that answer in the gate's place.
    pub(crate) shadow: Option<Arc<Shadow>>,
}

impl Handler for Public {
    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Pin<Box<dyn Future<Output = HttpAnswer> + Send>> {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = match body::read(body, self.max_body_bytes, self.body_timeout).await {
                Body::Complete(bytes) => Some(bytes),
                Body::Oversized => None,
                Body::Late => return closing(StatusCode::REQUEST_TIMEOUT),
                Body::Broken => return closing(StatusCode::BAD_REQUEST),
            };
            let request_id = fresh();
            let request = owned(&head, body);
            if let Some((shadow, handler)) =
                self.shadow.as_ref().and_then(|one| Some((one, one.handler(&head)?)))
            {
                return shadow.answer(handler, head, request, request_id).await;
            }
            let ongoing = self.telemetry.begin(hex::encode(&request_id));
            let answer = self.gate.handle(request, request_id).await;
            ongoing.finish(answer.status);
            written(answer)
        })
    }
}

/// The request as the core reads it. Of a target in absolute form (RFC 9112 §3.2.2) path and query remain.
fn owned(head: &hyper::http::request::Parts, body: Option<Vec<u8>>) -> OwnedRequest {
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    let headers =
        head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    OwnedRequest {
        method: head.method.as_str().to_owned(),
        target: target.as_bytes().to_vec(),
        headers: headers.collect(),
        body,
    }
}

/// The answer's bytes as they are.
pub(crate) fn written(answer: Answer) -> HttpAnswer {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    for (name, value) in answer.headers {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        else {
            continue;
        };
        response.headers_mut().append(name, value);
    }
    response
}

/// The rest of the connection means nothing any more.
fn closing(status: StatusCode) -> HttpAnswer {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}
