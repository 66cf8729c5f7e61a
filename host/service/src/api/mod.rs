//! The listener for the operator and for the seller's own services.
//!
//! | | | scope |
//! |---|---|---|
//! | `GET /healthz` | the process is alive | – |
//! | `GET /readyz` | the store takes commits, else 503 | – |
//! | `GET /metrics` | OpenMetrics text | – |
//! | `GET /v1/instances?after=&limit=` | instances in key order | `read` |
//! | `GET /v1/instances/{id}?product=` | one instance | `read` |
//! | `PUT /v1/instances/{id}/access?product=` | replaces the access data | `operate` |
//! | `POST /v1/effects/{id}` | the backend says how an effect ended | `operate` |
//!
//! Access data are shown to tokens with the scope `secrets` only. What goes wrong is
//! `{"error": {"code": …, "message": …}}`, in this order: 404 for an unknown path, 405, 401, 403, 400 for what cannot be
//! read, then 404 or 409 for what cannot be done, 503 while the store is away.

mod answer;
mod auth;
mod effects;
mod instances;
mod route;
mod status;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};

use crate::config::Scope;
use crate::current::Current;
use crate::gate::Gate;
use crate::listen::{Body, Caller, Handler, HttpAnswer};
use crate::telemetry::Telemetry;

use answer::{Refusal, problem};
use auth::Granted;
pub(crate) use auth::Tokens;
use route::Route;

/// The largest body.
const MAX_BODY_BYTES: usize = 262_144;

/// Answers on the api listener.
pub(crate) struct Api {
    pub(crate) gate: Arc<Gate>,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) terms: Current<ApiTerms>,
}

/// What holds for requests that begin from now on.
pub(crate) struct ApiTerms {
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) body_timeout: Duration,
}

impl Api {
    async fn answer(&self, request: Request<Incoming>, caller: &Caller) -> Result<HttpAnswer, Refusal> {
        let (head, body) = request.into_parts();
        let query = head.uri.query().unwrap_or_default();
        let route = Route::of(&head.method, head.uri.path())?;
        let granted = match route.scope() {
            Some(scope) => self.terms.get().tokens.check(&head.headers, scope)?,
            None => Granted::default(),
        };
        match route {
            Route::Health => Ok(status::health()),
            Route::Ready => Ok(status::ready(&self.gate).await),
            Route::Metrics => Ok(status::metrics(&self.telemetry)),
            Route::Instances => instances::list(&self.gate, query, granted.has(Scope::Secrets)).await,
            Route::Instance(id) => instances::one(&self.gate, query, &id, granted.has(Scope::Secrets)).await,
            Route::Access(id) => {
                let body = self.body(body, caller).await?;
                instances::change_access(&self.gate, query, &id, &body).await
            }
            Route::Effect(id) => {
                let body = self.body(body, caller).await?;
                effects::report(&self.gate, &id, &body).await
            }
        }
    }

    async fn body(&self, body: Incoming, caller: &Caller) -> Result<Vec<u8>, Refusal> {
        match caller.read(body, MAX_BODY_BYTES, self.terms.get().body_timeout).await {
            Body::Complete(bytes) => Ok(bytes),
            Body::Oversized => {
                Err(problem(StatusCode::BAD_REQUEST, "body-too-large", "the body is over 256 KiB"))
            }
            Body::Late | Body::Broken => {
                Err(problem(StatusCode::REQUEST_TIMEOUT, "body-incomplete", "the body did not arrive"))
            }
            Body::Crowded => {
                let message = "other requests take up all the room for bodies";
                Err(problem(StatusCode::SERVICE_UNAVAILABLE, "too-many-requests", message))
            }
        }
    }
}

impl Handler for Api {
    fn handle(
        self: Arc<Self>,
        request: Request<Incoming>,
        caller: Caller,
    ) -> Pin<Box<dyn Future<Output = HttpAnswer> + Send>> {
        Box::pin(async move {
            match self.answer(request, &caller).await {
                Ok(answer) => answer,
                Err(refusal) => refusal.into_answer(),
            }
        })
    }
}
