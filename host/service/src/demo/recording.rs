//! A transport that keeps every answer, byte by byte.

use std::sync::{Mutex, PoisonError};

use countersign_simulator::transport::{Plain, Transport, TransportError};
use countersign_simulator::{HttpRequest, HttpResponse};

/// Sends over sockets, and keeps what came back.
pub(super) struct RecordingTransport {
    inner: Plain,
    answers: Mutex<Vec<HttpResponse>>,
}

impl RecordingTransport {
    pub(super) fn new(inner: Plain) -> Self {
        Self { inner, answers: Mutex::default() }
    }

    /// The answers since the last call, in the order of their arrival. Header fields of the connection are left out:
    /// they say when and how an answer was carried, not what it is.
    pub(super) fn drain(&self) -> Vec<HttpResponse> {
        let mut answers = std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner));
        for answer in &mut answers {
            answer.headers.retain(|(name, _)| {
                !["connection", "date", "keep-alive"].iter().any(|known| name.eq_ignore_ascii_case(known))
            });
        }
        answers
    }
}

impl Transport for RecordingTransport {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer = self.inner.send(request)?;
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push(answer.clone());
        Ok(answer)
    }
}
