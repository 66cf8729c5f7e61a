//! The listener for the platform: bytes in, the gate, bytes out. It knows no path and no dialect.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use countersign_core::{Answer, wire::hex};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use super::{Body, Caller, Handler, HttpAnswer, refused};
use crate::current::Current;
use crate::gate::{Gate, OwnedRequest, fresh};
use crate::shadow::Shadow;
use crate::telemetry::Telemetry;

/// Hands requests to the gate.
pub(crate) struct Public {
    pub(crate) gate: Arc<Gate>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) terms: Current<PublicTerms>,
}

/// What holds for calls that begin from now on.
pub(crate) struct PublicTerms {
    /// The largest body that is read at all.
    pub(crate) max_body_bytes: usize,
    pub(crate) body_timeout: Duration,
    /// Old handlers that answer in the gate's place.
    pub(crate) shadow: Option<Arc<Shadow>>,
}

impl Handler for Public {
    type Body = Full<Bytes>;

    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        caller: Caller,
    ) -> Pin<Box<dyn Future<Output = HttpAnswer> + Send>> {
        Box::pin(async move {
            let terms = self.terms.get();
            let (head, body) = request.into_parts();
            if let Some(status) = refused(&head) {
                return self.unread(&caller, status);
            }
            let shadow = terms.shadow.as_ref().and_then(|one| Some((one, one.handler(&head)?)));
            let limit =
                if shadow.is_some() { terms.max_body_bytes } else { self.limit(&head, &body, &terms) };
            let body = match caller.read(body, limit, terms.body_timeout).await {
                Body::Complete(bytes) => Some(bytes),
                Body::Oversized => None,
                Body::Late => return self.unread(&caller, StatusCode::REQUEST_TIMEOUT),
                Body::Broken => return self.unread(&caller, StatusCode::BAD_REQUEST),
                // Nothing of the call is known to be genuine, so no result code is due: the platform calls again.
                Body::Crowded => return self.unread(&caller, StatusCode::SERVICE_UNAVAILABLE),
            };
            let complete = body.is_some();
            // The call begins now, under whatever holds now: its body may have taken a while.
            let terms = self.terms.get();
            let shadow = terms.shadow.as_ref().and_then(|one| Some((one, one.handler(&head)?)));
            let request_id = fresh();
            let request = OwnedRequest::from_head(&head, body);
            let answer = match shadow {
                Some((shadow, handler)) => shadow.answer(handler, head, request, request_id).await,
                None => {
                    let (name, peer) = (hex::encode(&request_id), Some(caller.peer));
                    let ongoing = self.telemetry.begin(name, peer, &request.target);
                    let answer = self.gate.handle(request, request_id).await;
                    ongoing.finish(answer.status);
                    written(answer)
                }
            };
            if complete { answer } else { last(answer) }
        })
    }
}

impl Public {
    /// The most bytes of a body that are of any use: none where no route takes the call.
    fn limit(&self, head: &Parts, body: &Incoming, terms: &PublicTerms) -> usize {
        // What goes to an old handler is not ours to refuse.
        let is_shadowed = || terms.shadow.as_ref().is_some_and(|one| one.handler(head).is_some());
        if body.is_end_stream() || is_shadowed() {
            return terms.max_body_bytes;
        }
        let limit = self.gate.body_limit(head.method.as_str(), head.uri.to_string().as_bytes());
        usize::try_from(limit).unwrap_or(usize::MAX)
    }

    /// Answers what was not read to its end.
    fn unread(&self, caller: &Caller, status: StatusCode) -> HttpAnswer {
        self.telemetry.unread(Some(caller.peer), status.as_u16());
        last(empty(status))
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

/// A body was left unread: what comes after it on this connection means nothing any more.
fn last(mut answer: HttpAnswer) -> HttpAnswer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn empty(status: StatusCode) -> HttpAnswer {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
