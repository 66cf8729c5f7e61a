//! Whether the gateway is alive and ready, and what it counted.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;

use super::Api;
use crate::telemetry;

/// Whether the process is alive
///
/// It is as long as it answers; see `/readyz` for whether calls should be sent to it.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "getHealth",
    tag = "status",
    security(()),
    responses((status = 200, description = "The process answers.", body = String, content_type = "text/plain"))
)]
pub(super) async fn health() -> &'static str {
    "ok\n"
}

/// Whether calls should be sent here
///
/// They should as long as the store takes commits: it took one within the last ten seconds and refused none since, or takes
/// one now.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "getReadiness",
    tag = "status",
    security(()),
    responses(
        (status = 200, description = "The store takes commits.", body = String, content_type = "text/plain"),
        (status = 503, description = "The store takes none.", body = String, content_type = "text/plain"),
    )
)]
pub(super) async fn ready(State(api): State<Arc<Api>>) -> (StatusCode, &'static str) {
    if api.gate.is_ready().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable\n")
    }
}

/// What the gateway counted
///
/// Calls, sends, settlements, refusals and waits since the process began, as OpenMetrics text.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "getMetrics",
    tag = "status",
    security(()),
    responses((
        status = 200,
        description = "OpenMetrics text 1.0.",
        body = String,
        content_type = "application/openmetrics-text",
    ))
)]
pub(super) async fn metrics(State(api): State<Arc<Api>>) -> impl IntoResponse {
    ([(CONTENT_TYPE, telemetry::CONTENT_TYPE)], api.telemetry.render())
}
