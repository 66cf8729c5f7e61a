//! The listener for the operator and for the seller's own services.
//!
//! | | | scope |
//! |---|---|---|
//! | `GET /healthz` | the process is alive | – |
//! | `GET /readyz` | the store takes commits, else 503 | – |
//! | `GET /metrics` | OpenMetrics text | – |
//! | `GET /openapi.json` | all of this as OpenAPI 3.1 | – |
//! | `GET /v1/instances?after=&limit=` | instances in key order | `read` |
//! | `GET /v1/instances/{id}?product=` | one instance | `read` |
//! | `PUT /v1/instances/{id}/access?product=` | replaces the access data | `operate` |
//! | `GET /v1/tenants/{id}?product=&instance_id=` | one tenant with its applications, members and departments | `read` |
//! | `POST /v1/effects/{id}` | the backend says how an effect ended | `operate` |
//!
//! Access data are shown to tokens with the scope `secrets` only. What goes wrong is a problem (RFC 9457), in this order:
//! 404 for an unknown path, 405, 401, 403, 400 or 408 for what cannot be read, then 404 or 409 for what cannot be done, 503
//! while the store is away.
//!
//! Each handler describes itself, and is routed and documented by one call. Its arguments are taken in their order, which is
//! that of the problems: the token, the path, the query, the body. Connections are those of both listeners: the router is a
//! service that they call.

mod answer;
mod auth;
mod document;
mod effects;
mod instances;
mod problem;
mod request;
mod status;
mod tenants;
mod view;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::middleware::map_response;
use hyper::body::Incoming;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Request, Response};
use tower_service::Service as _;
use utoipa::openapi::path::PathItem;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use crate::current::Current;
use crate::gate::Gate;
use crate::listen::{Caller, Handler};
use crate::telemetry::Telemetry;

pub(crate) use auth::Tokens;
pub use document::openapi;
use problem::{METHOD_NOT_ALLOWED, Refusal, UNKNOWN_PATH};

/// What requests on the api listener are answered from.
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
    /// What answers requests.
    pub(crate) fn router(self: Arc<Self>) -> Router {
        let router = Router::from(routes()).fallback(unknown_path);
        router.layer(map_response(answer::never_kept)).with_state(self)
    }
}

/// Every operation, routed and described.
fn routes() -> OpenApiRouter<Arc<Api>> {
    let all = [
        routes!(status::health),
        routes!(status::ready),
        routes!(status::metrics),
        routes!(document::document),
        routes!(instances::list),
        routes!(instances::one),
        routes!(instances::change_access),
        routes!(tenants::one),
        routes!(effects::report),
    ];
    all.into_iter().map(strict).fold(OpenApiRouter::with_openapi(document::frame()), OpenApiRouter::routes)
}

/// A path takes the one method of its operation. axum alone would answer `HEAD` as it answers `GET`, and count it among the
/// methods that are allowed.
fn strict((schemas, paths, methods): UtoipaMethodRouter<Arc<Api>>) -> UtoipaMethodRouter<Arc<Api>> {
    let takes = paths.paths.values().find_map(method).unwrap_or_default();
    let refuse = move || async move { method_not_allowed(takes) };
    let methods = if takes == "GET" { methods.head(refuse) } else { methods };
    (schemas, paths, methods.fallback(refuse))
}

fn method(path: &PathItem) -> Option<&'static str> {
    let operations = [("GET", &path.get), ("PUT", &path.put), ("POST", &path.post), ("DELETE", &path.delete)];
    operations.into_iter().find(|(_, operation)| operation.is_some()).map(|(name, _)| name)
}

fn method_not_allowed(takes: &'static str) -> Refusal {
    METHOD_NOT_ALLOWED
        .because(format!("this path takes {takes}"))
        .with(ALLOW, HeaderValue::from_static(takes))
}

async fn unknown_path() -> Refusal {
    UNKNOWN_PATH.because("there is nothing under this path")
}

impl Handler for Router {
    type Body = Body;

    fn handle(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        caller: Caller,
    ) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> {
        request.extensions_mut().insert(caller);
        // A clone is a pointer. It is ready at any time, as axum says.
        let mut router = Self::clone(&self);
        Box::pin(async move {
            let Ok(answer) = router.call(request).await;
            answer
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The paths of a router, which it shows nowhere else; behind them stand those of its fallback.
    fn paths(router: &Router<Arc<Api>>) -> BTreeSet<String> {
        let shown = format!("{router:?}");
        let (own, _) = shown.split_once("fallback_router").unwrap();
        let texts = own.split('"').skip(1).step_by(2);
        texts.filter(|text| text.starts_with('/')).map(str::to_owned).collect()
    }

    #[test]
    fn what_is_served_is_what_is_described() {
        let (router, document) = routes().split_for_parts();
        let described: BTreeSet<String> = document.paths.paths.into_keys().collect();
        assert_eq!(paths(&router), described);
        let more = router.route("/undescribed", axum::routing::get(unknown_path));
        assert_eq!(paths(&more).difference(&described).count(), 1, "the paths were read");
    }
}
