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
use super::{Handler, HttpAnswer, refused};
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
            if let Some(status) = refused(&head) {
                return self.unread(status);
            }
            let body = match body::read(body, self.max_body_bytes, self.body_timeout).await {
                Body::Complete(bytes) => Some(bytes),
                Body::Oversized => None,
                Body::Late => return self.unread(StatusCode::REQUEST_TIMEOUT),
                Body::Broken => return self.unread(StatusCode::BAD_REQUEST),
            };
            let request_id = fresh();
            let request = OwnedRequest::from_head(&head, body);
            if let Some((shadow, handler)) =
                self.shadow.as_ref().and_then(|one| Some((one, one.handler(&head)?)))
            {
                return shadow.answer(handler, head, request, request_id).await;
            }
            let ongoing = self.telemetry.begin(hex::encode(&request_id), None, &request.target);
            let answer = self.gate.handle(request, request_id).await;
            ongoing.finish(answer.status);
            written(answer)
        })
    }
}

impl Public {
    /// The rest of the connection means nothing any more.
    fn unread(&self, status: StatusCode) -> HttpAnswer {
        self.telemetry.unread(None, status.as_u16());
        closing(status)
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
