//! Calls that are under way, put together from the steps that the gate reports.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use countersign_core::Reason;

use super::Telemetry;
use crate::gate::Subject;

/// What is known of a call so far.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) begun: Instant,
    pub(super) peer: Option<SocketAddr>,
    /// Without the query.
    pub(super) path: String,
    pub(super) subject: Subject,
    pub(super) event: &'static str,
    pub(super) test: bool,
    pub(super) effect: String,
    /// `ok`, or the code of the latest reason.
    pub(super) result: Option<String>,
    /// The latest reason.
    pub(super) reason: Option<Reason>,
}

/// By request id.
#[derive(Debug, Default)]
pub(super) struct Calls(Mutex<HashMap<String, Call>>);

impl Calls {
    pub(super) fn begin(&self, request: &str, peer: Option<SocketAddr>, path: String) {
        let call = Call {
            begun: Instant::now(),
            peer,
            path,
            subject: Subject { request: request.to_owned(), ..Subject::default() },
            event: "",
            test: false,
            effect: String::new(),
            result: None,
            reason: None,
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(request.to_owned(), call);
    }

    /// Steps of works that belong to no call under way change nothing.
    pub(super) fn change(&self, request: &str, change: impl FnOnce(&mut Call)) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(call) = calls.get_mut(request) {
            change(call);
        }
    }

    pub(super) fn result(&self, request: &str, code: &str, reason: Option<&Reason>) {
        self.change(request, |call| (call.result, call.reason) = (Some(code.to_owned()), reason.cloned()));
    }

    pub(super) fn end(&self, request: &str) -> Option<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(request)
    }
}

/// A call under way. Dropped without an answer it counts as abandoned by its caller.
#[derive(Debug)]
pub struct Ongoing {
    telemetry: Arc<Telemetry>,
    request: String,
}

impl Ongoing {
    pub(super) fn new(telemetry: Arc<Telemetry>, request: String) -> Self {
        Self { telemetry, request }
    }

    /// The answer is ready.
    pub fn finish(self, status: u16) {
        self.telemetry.finish(&self.request, Some(status));
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.telemetry.finish(&self.request, None);
    }
}
