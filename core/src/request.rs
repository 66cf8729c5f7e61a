//! One HTTP request as it arrived, and the one reading that every door gives it.

use crate::wire::Target;

/// One HTTP request as bytes, borrowed from the host. A host passes on what it got and judges nothing: which path a
/// target names, which header counts, is said here, so that all hosts say the same.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method exactly as it stood in the request line; `post` is not `POST` (RFC 9110 §9.1).
    pub method: &'a str,
    /// The request target exactly as it stood in the request line, in whatever form, still percent-encoded; see [`Target::parse`].
    pub target: &'a [u8],
    /// Header fields in the order in which they arrived, repeated ones repeated. Names are compared without regard to
    /// case; blanks and tabs around a value mean nothing.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body after transfer decoding, before content decoding: what was signed is its bytes.
    pub body: Body<'a>,
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// The exact bytes that arrived.
    Bytes(&'a [u8]),
    /// The host stopped reading at its limit; the bytes never reach the core.
    Oversized,
}

/// A request as routes and dialects read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: Target<'a>,
    headers: &'a [(&'a str, &'a [u8])],
    pub(crate) body: Body<'a>,
}

impl<'a> Request<'a> {
    pub(crate) fn arrived(&self) -> Arrived<'a> {
        let Self { method, target, headers, body } = *self;
        Arrived { method, target: Target::parse(target), headers, body }
    }
}

impl<'a> Arrived<'a> {
    /// The number of header fields and the bytes of their names and values.
    pub(crate) fn header_sizes(&self) -> (usize, usize) {
        let sizes = self.headers.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        (self.headers.len(), sizes.fold(0, usize::saturating_add))
    }

    /// The values of a field in the order in which they arrived.
    pub(crate) fn header(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let of_name = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.trim_ascii())
    }
}
