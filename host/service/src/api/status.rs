//! Whether the gateway is alive and ready, and what it counted.

use hyper::StatusCode;

use super::answer::text;
use crate::gate::Gate;
use crate::listen::HttpAnswer;
use crate::telemetry::{CONTENT_TYPE, Telemetry};

/// The process answers.
pub(super) fn health() -> HttpAnswer {
    text(StatusCode::OK, "text/plain; charset=utf-8", "ok\n")
}

/// The store takes commits.
pub(super) async fn ready(gate: &Gate) -> HttpAnswer {
    if gate.is_ready().await {
        text(StatusCode::OK, "text/plain; charset=utf-8", "ready\n")
    } else {
        text(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "the store is unavailable\n")
    }
}

pub(super) fn metrics(telemetry: &Telemetry) -> HttpAnswer {
    text(StatusCode::OK, CONTENT_TYPE, telemetry.render())
}
