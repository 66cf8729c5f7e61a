//! One HTTP request as it arrived.

/// One HTTP request as bytes, borrowed from the host.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method, upper case: `GET`, `POST`.
    pub method: &'a str,
    /// The request target in origin form, exactly as it stood in the request line: path, `?`, query; still percent-encoded.
    pub target: &'a [u8],
    /// Header fields in the order in which they arrived. Names are compared without regard to case.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body after transfer decoding.
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
