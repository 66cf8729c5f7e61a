//! Plain HTTP/1.1 over TCP that keeps the exact case of header names.
//!
//! HTTP libraries fold header names; the platform does not: `Body-sign` is no `Body-Sign` to it. Without TLS this is
//! for loopback and test networks only.

mod read;

use crate::http::{HttpRequest, HttpResponse};
use std::fmt;
use std::io::{self, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

/// How a request reaches the seller and its answer comes back.
pub trait Transport: Sync {
    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    /// [`TransportError`] when there is no complete answer.
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// One connection per request, closed afterwards, to a fixed address.
#[derive(Debug, Clone)]
pub struct Plain {
    address: String,
    timeout: Duration,
}

impl Plain {
    /// A transport to `host:port`. The `Host` header stays what the request says.
    #[must_use]
    pub fn to(address: impl Into<String>) -> Self {
        Self { address: address.into(), timeout: Duration::from_secs(20) }
    }

    /// Bounds the whole exchange, connecting included; 20 s (the platform's longest documented limit) unless set.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn connected(&self, deadline: Instant) -> Result<TcpStream, TransportError> {
        let addresses = self.address.to_socket_addrs().map_err(|_| TransportError::Address)?;
        let mut failure = TransportError::Address;
        for address in addresses {
            match TcpStream::connect_timeout(&address, left(deadline)?) {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = TransportError::from(error),
            }
        }
        Err(failure)
    }
}

impl Transport for Plain {
    fn send(&self, request: &HttpRequest) -> Result<HttpResponse, TransportError> {
        let start = Instant::now();
        let deadline = start.checked_add(self.timeout).unwrap_or(start);
        let mut stream = self.connected(deadline)?;
        stream.set_write_timeout(Some(left(deadline)?))?;
        stream.write_all(&request.written(&[("Connection", "close")]))?;
        read::response(&stream, deadline)
    }
}

/// The host with its port, and the path, of a plain `http` URL: `http://127.0.0.1:8080/saas`.
///
/// `None` for anything else, a query or user data among it.
#[must_use]
pub fn split_url(url: &str) -> Option<(&str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "/"),
    };
    let plain = !host.is_empty() && !host.contains('@') && !rest.contains(['?', '#']);
    plain.then_some((host, path))
}

fn left(deadline: Instant) -> Result<Duration, TransportError> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(TransportError::TimedOut) } else { Ok(left) }
}

/// Why there is no complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportError {
    /// The address cannot be resolved.
    Address,
    /// Nobody listens there.
    Refused,
    /// The answer was not complete in time.
    TimedOut,
    /// The connection ended before the answer was complete.
    CutShort,
    /// What came back is not HTTP/1.1.
    NotHttp,
    /// The head is over 64 KiB or the body over 4 MiB.
    TooLarge,
    /// The operating system failed in another way.
    Io(io::ErrorKind),
}

impl TransportError {
    /// The stable code that tests match on.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Address => "transport-address",
            Self::Refused => "transport-refused",
            Self::TimedOut => "transport-timed-out",
            Self::CutShort => "transport-cut-short",
            Self::NotHttp => "transport-not-http",
            Self::TooLarge => "transport-too-large",
            Self::Io(_) => "transport-io",
        }
    }
}

impl From<io::Error> for TransportError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::TimedOut,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::CutShort,
            kind => Self::Io(kind),
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("the address cannot be resolved"),
            Self::Refused => f.write_str("nobody listens at the address"),
            Self::TimedOut => f.write_str("there was no complete answer in time"),
            Self::CutShort => f.write_str("the connection ended before the answer was complete"),
            Self::NotHttp => f.write_str("what came back is not HTTP/1.1"),
            Self::TooLarge => f.write_str("the answer is too large"),
            Self::Io(kind) => write!(f, "the connection failed: {kind}"),
        }
    }
}

impl std::error::Error for TransportError {}
