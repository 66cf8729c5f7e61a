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
    /// What stood between `headers` and was not handed over.
    pub(crate) withheld: Withheld,
}

/// Header fields that stay with the host since nobody here reads them. They count towards the limits all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Withheld {
    pub(crate) fields: usize,
    /// Of their names and values.
    pub(crate) bytes: usize,
}

/// The header fields that the core reads, in lower case. Each field that crosses into the module costs more than reading
/// one does, so an engine hands over these alone and says how many others there were, and how long.
pub const READ_HEADERS: &[&str] =
    &["content-encoding", "authtoken", "x-sign", "x-timestamp", "x-nonce", "authorization"];

/// Whether the core reads a field of this name, in whatever case.
#[must_use]
pub fn reads_header(name: &str) -> bool {
    READ_HEADERS.iter().any(|read| read.eq_ignore_ascii_case(name))
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
    withheld: Withheld,
    pub(crate) body: Body<'a>,
}

impl<'a> Request<'a> {
    /// A request as it arrived, with all of its header fields.
    #[must_use]
    pub const fn new(
        method: &'a str,
        target: &'a [u8],
        headers: &'a [(&'a str, &'a [u8])],
        body: Body<'a>,
    ) -> Self {
        Self { method, target, headers, body, withheld: Withheld { fields: 0, bytes: 0 } }
    }

    pub(crate) fn arrived(&self) -> Arrived<'a> {
        let Self { method, target, headers, body, withheld } = *self;
        Arrived { method, target: Target::parse(target), headers, withheld, body }
    }

    /// The fields that the core reads, in their order, and what the others come to.
    pub(crate) fn parted(&self) -> (impl Iterator<Item = (&'a str, &'a [u8])> + Clone, Withheld) {
        let read = self.headers.iter().copied().filter(|(name, _)| reads_header(name));
        let others = self.headers.iter().filter(|(name, _)| !reads_header(name));
        let withheld = others.fold(self.withheld, |sum, (name, value)| Withheld {
            fields: sum.fields.saturating_add(1),
            bytes: sum.bytes.saturating_add(name.len()).saturating_add(value.len()),
        });
        (read, withheld)
    }
}

impl<'a> Arrived<'a> {
    /// The number of header fields and the bytes of their names and values.
    pub(crate) fn header_sizes(&self) -> (usize, usize) {
        let sizes = self.headers.iter().map(|(name, value)| name.len().saturating_add(value.len()));
        let fields = self.headers.len().saturating_add(self.withheld.fields);
        (fields, sizes.fold(self.withheld.bytes, usize::saturating_add))
    }

    /// The values of a field in the order in which they arrived. It is one of [`READ_HEADERS`]: others do not get here.
    pub(crate) fn header(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        debug_assert!(reads_header(name), "{name} is never handed over");
        let of_name = self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        of_name.map(|(_, value)| value.trim_ascii())
    }
}
