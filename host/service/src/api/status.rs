//! Whether the gateway is alive and ready, and what it counted.

use std::time::Duration;

use hyper::StatusCode;

use super::answer::text;
use crate::gate::Gate;
use crate::listen::HttpAnswer;
use crate::telemetry::{CONTENT_TYPE, Telemetry};

/// A store that takes longer is not one to send calls to.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) fn health() -> HttpAnswer {
    text(StatusCode::OK, "text/plain; charset=utf-8", "ok\n")
}

/// The store answers too.
pub(super) async fn ready(gate: &Gate) -> HttpAnswer {
    let load = gate.store().load(vec!["ready".to_owned()]);
    match tokio::time::timeout(STORE_TIMEOUT, load).await {
        Ok(Ok(_)) => text(StatusCode::OK, "text/plain; charset=utf-8", "ready\n"),
        _ => text(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "the store is unavailable\n"),
    }
}

pub(super) fn metrics(telemetry: &Telemetry) -> HttpAnswer {
    text(StatusCode::OK, CONTENT_TYPE, telemetry.render())
}
