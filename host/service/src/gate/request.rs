//! One HTTP request on its way to the core.

use countersign_core::{Body, Request};

/// One HTTP request, owned.
#[derive(Debug, Clone, Default)]
pub struct OwnedRequest {
    /// Upper case.
    pub method: String,
    /// Origin form, still percent-encoded.
    pub target: Vec<u8>,
    /// In the order of arrival.
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None`: larger than the listener reads.
    pub body: Option<Vec<u8>>,
}

impl OwnedRequest {
    /// The request as the core reads it.
    pub fn read<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let body = self.body.as_deref().map_or(Body::Oversized, Body::Bytes);
        with(&Request { method: &self.method, target: &self.target, headers: &headers, body })
    }
}
