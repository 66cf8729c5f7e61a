//! One HTTP request on its way to the core.

use countersign_core::{Body, Request};
use hyper::http::request::Parts;

/// One HTTP request, owned.
#[derive(Debug, Clone, Default)]
pub struct OwnedRequest {
    /// As it stood in the request line.
    pub method: String,
    /// As it stood in the request line, in whatever form.
    pub target: Vec<u8>,
    /// In the order of arrival.
    pub headers: Vec<(String, Vec<u8>)>,
    /// `None`: larger than the listener reads.
    pub body: Option<Vec<u8>>,
}

impl OwnedRequest {
    /// A request whose head hyper has read. Nothing is judged here: what a target means the core says.
    #[must_use]
    pub fn from_head(head: &Parts, body: Option<Vec<u8>>) -> Self {
        let field = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
            (name.as_str().to_owned(), value.as_bytes().to_vec())
        };
        Self {
            method: head.method.as_str().to_owned(),
            target: head.uri.to_string().into_bytes(),
            headers: head.headers.iter().map(field).collect(),
            body,
        }
    }

    /// The request as the core reads it.
    pub fn read<T>(&self, with: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        let body = self.body.as_deref().map_or(Body::Oversized, Body::Bytes);
        with(&Request::new(&self.method, &self.target, &headers, body))
    }
}
