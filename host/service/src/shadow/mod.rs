//! Shadow mode: calls go to the seller's old handler and are answered by it, byte for byte; the gateway's own core judges
//! them on its own ledger, learns from the answers, and records where its own would differ. No effect is ever sent.
//!
//! The ledger is the gateway's usual one: to cut over, take `shadow` out of the configuration.

mod forward;
mod record;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use countersign_core::wire::Target;
use countersign_core::{Difference, DifferenceCode, OldAnswer, Seller, Verdict};
use http_body_util::Full;
use hyper::Response;
use hyper::http::request::Parts;

use crate::backend::{Cause, Client, ClientError};
use crate::config::{OldHandler, ShadowConfig};
use crate::gate::{Gate, OwnedRequest, Terms};
use crate::listen::{HttpAnswer, written};
use crate::pace::Pace;
use crate::telemetry::Telemetry;

pub use record::RecordError;
use record::{Entry, Record};

/// The old handlers of all routes.
pub(crate) struct Shadow {
    gate: Arc<Gate>,
    /// A call is judged and declined under the same terms, whatever the gate's are by then.
    terms: Arc<Terms>,
    /// Their seller in the native core.
    rules: Arc<Seller>,
    telemetry: Arc<Telemetry>,
    client: Client,
    common: Option<Arc<OldHandler>>,
    routes: HashMap<(String, &'static str), Arc<OldHandler>>,
    /// Path and method of every route: nothing else is forwarded.
    known: Vec<(String, &'static str)>,
    record: Option<Record>,
    /// Anybody makes as many unsigned calls as he likes, so none is recorded; but the platform's own look the same where a
    /// key is wrong here, so that they happen is said.
    strangers: Pace,
}

/// Why calls cannot be forwarded.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShadowError {
    /// Old handlers cannot be reached.
    Client(ClientError),
    /// Differences cannot be written.
    Record(RecordError),
}

impl std::fmt::Display for ShadowError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Client(error) => error.fmt(out),
            Self::Record(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for ShadowError {}

/// So long an answer waits until the ledger has learned from it, so that the platform's next call finds it there. A slow
/// store delays no answer by more.
const LEARN_FIRST: Duration = Duration::from_millis(250);

impl Shadow {
    pub(crate) fn new(
        config: ShadowConfig,
        terms: Arc<Terms>,
        rules: Arc<Seller>,
        known: &[(String, &'static str)],
        gate: Arc<Gate>,
        telemetry: Arc<Telemetry>,
    ) -> Result<Self, ShadowError> {
        let handlers = config.routes.iter().map(|(_, _, handler)| handler).chain(&config.common);
        let mut origins = handlers.map(|handler| &handler.origin);
        let https = origins.any(|origin| origin.scheme_str() == Some("https"));
        let routes = config.routes.into_iter();
        Ok(Self {
            gate,
            terms,
            rules,
            telemetry,
            client: Client::keeping_names(https).map_err(ShadowError::Client)?,
            common: config.common.map(Arc::new),
            routes: routes.map(|(path, method, handler)| ((path, method), Arc::new(handler))).collect(),
            known: known.to_vec(),
            record: config.record.map(Record::open).transpose().map_err(ShadowError::Record)?,
            strangers: Pace::default(),
        })
    }

    /// The old handler of a call; `None` for one that the gateway answers itself.
    pub(crate) fn handler(&self, head: &Parts) -> Option<Arc<OldHandler>> {
        let target = head.uri.to_string();
        let path = Target::parse(target.as_bytes()).path();
        let same = |(known, takes): &&(String, _)| known.as_bytes() == path && head.method.as_str() == *takes;
        let (path, method) = self.known.iter().find(same)?;
        self.routes.get(&(path.clone(), method)).or(self.common.as_ref()).cloned()
    }

    /// Answers a call by its old handler. Runs to its end even when the caller hangs up.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        handler: Arc<OldHandler>,
        head: Parts,
        request: OwnedRequest,
        request_id: [u8; 16],
    ) -> HttpAnswer {
        let shadow = Arc::clone(self);
        let task = self.gate.spawn(async move { shadow.pass(&handler, head, request, request_id).await });
        task.await.unwrap_or_else(|_| unavailable())
    }

    async fn pass(
        self: Arc<Self>,
        handler: &OldHandler,
        head: Parts,
        request: OwnedRequest,
        request_id: [u8; 16],
    ) -> HttpAnswer {
        let verdict = match self.gate.judge(&self.terms, &request, &request_id) {
            Ok(verdict) => Some(verdict),
            Err(error) => {
                tracing::error!(code = error.code(), "a shadowed call cannot be judged");
                None
            }
        };
        let entry = Entry::begin(&request_id, verdict.as_ref());
        let begun = Instant::now();
        let forwarded = match &request.body {
            // More than is read at all: nobody has the bytes that could be forwarded.
            None => Err(Cause::TooLarge),
            Some(body) => forward::exchange(&self.client, handler, head, body).await,
        };
        let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        match forwarded {
            Ok((head, body)) => {
                let old = OldAnswer {
                    status: head.status.as_u16(),
                    headers: forward::readable(&head.headers),
                    body: body.to_vec(),
                    took_ms,
                };
                if let Some(verdict) = verdict {
                    let shadow = Arc::clone(&self);
                    let learning =
                        self.gate.spawn(async move { shadow.learn(&request, &verdict, &old, entry).await });
                    let _ = tokio::time::timeout(LEARN_FIRST, learning).await;
                }
                Response::from_parts(forward::end_to_end(head), Full::new(body))
            }
            Err(cause) => {
                let code = DifferenceCode::NoAnswer;
                let theirs = Some(cause.code().to_owned());
                let difference = Difference { code, field: None, own: None, theirs };
                self.tell(&entry.ended(None, None, &[difference], took_ms));
                verdict
                    .map_or_else(unavailable, |verdict| written(Gate::without_answer(&self.terms, &verdict)))
            }
        }
    }

    async fn learn(&self, request: &OwnedRequest, verdict: &Verdict, old: &OldAnswer, entry: Entry) {
        match self.gate.look(&self.rules, request, verdict, old).await {
            Ok(seen) => {
                let theirs = Some((old.status, seen.theirs.as_deref()));
                let own = Some((seen.own.as_str(), seen.reason.as_ref()));
                self.tell(&entry.ended(own, theirs, &seen.differences, old.took_ms));
            }
            Err(error) => {
                self.telemetry.shadow_failed(error.code());
                tracing::error!(request = entry.request(), code = error.code(), "the shadow learned nothing");
            }
        }
    }

    fn tell(&self, ended: &record::Ended) {
        self.telemetry.shadowed(ended.codes());
        if let Some(reason) = ended.stranger() {
            self.telemetry.shadow_stranger(reason);
            if let Some(calls) = self.strangers.one() {
                let message = "calls that no key of ours signed went to the old handler, unrecorded";
                tracing::warn!(calls, reason, message);
            }
            return;
        }
        if ended.is_worth_a_look() {
            let line = ended.line();
            tracing::warn!(
                request = ended.text("request"),
                dialect = ended.text("dialect"),
                product = ended.text("product"),
                event = ended.text("event"),
                reason = ended.reason(),
                codes = ended.kinds().join(","),
                "shadow differs"
            );
            if let Some(record) = &self.record {
                record.write(&line);
            }
        }
    }
}

/// Neither an old handler nor ours can say anything.
fn unavailable() -> HttpAnswer {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = hyper::StatusCode::SERVICE_UNAVAILABLE;
    response
}
