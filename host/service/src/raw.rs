//! A request as it stands in a file, read as the public listener reads it from a socket: by the same implementation of
//! HTTP, under the same limits of the head.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use countersign_core::Settings;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::gate::OwnedRequest;
use crate::listen::{head_limits, refused};

/// Why a text is not taken as a request. None of these reaches the core, at whatever door.
#[derive(Debug)]
#[non_exhaustive]
pub enum RawError {
    /// The text ends before the empty line after the head.
    Incomplete,
    /// HTTP itself refuses it, with this status.
    Refused {
        /// What a caller is answered.
        status: u16,
        /// What is wrong.
        reason: String,
    },
    /// The body is shorter than its `Content-Length`, or its chunks are none.
    Body,
    /// The machine gave no runtime.
    Runtime(std::io::Error),
}

impl fmt::Display for RawError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete => out.write_str("the request ends before its empty line"),
            Self::Refused { status, reason } => {
                write!(out, "this is no HTTP request, the listener answers it with {status}: {reason}")
            }
            Self::Body => {
                out.write_str("the body is shorter than its Content-Length, or its chunks are malformed")
            }
            Self::Runtime(error) => write!(out, "no runtime: {error}"),
        }
    }
}

impl std::error::Error for RawError {}

/// What was read.
#[derive(Debug)]
pub struct Raw {
    /// The request.
    pub request: OwnedRequest,
    /// Bytes behind a head that announces no body: on a socket they are no part of the request.
    pub unannounced: usize,
}

/// Reads one request; what stands behind it is not looked at.
///
/// # Errors
/// [`RawError`].
pub fn read(text: &[u8], settings: &Settings) -> Result<Raw, RawError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(RawError::Runtime)?;
    let (read, error, answer) = runtime.block_on(serve(text, settings));
    let Some((head, body)) = read else {
        let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        return Err(status.map_or(RawError::Incomplete, |status| RawError::Refused { status, reason: error }));
    };
    if let Some(status) = refused(&head) {
        let reason = status.canonical_reason().unwrap_or_default().to_lowercase();
        return Err(RawError::Refused { status: status.as_u16(), reason });
    }
    let announces = [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| head.headers.contains_key(name));
    let unannounced = if announces { 0 } else { behind_head(text).trim_ascii().len() };
    let request = OwnedRequest::from_head(&head, Some(body.ok_or(RawError::Body)?));
    Ok(Raw { request, unannounced })
}

/// The first request with its body, as far as it could be read; what hyper says of the connection; what it answered.
type Served = (Option<(Parts, Option<Vec<u8>>)>, String, Vec<u8>);

async fn serve(text: &[u8], settings: &Settings) -> Served {
    let first = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&first);
    let service = service_fn(move |request: Request<Incoming>| {
        let kept = Arc::clone(&kept);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.ok().map(|body| body.to_bytes().to_vec());
            *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some((head, body));
            let mut answer = Response::new(Full::<Bytes>::default());
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Ok::<_, std::convert::Infallible>(answer)
        }
    });
    let (mut caller, listener) = tokio::io::duplex(PIPE_BYTES);
    let (max_head_bytes, max_headers) = head_limits(settings);
    let connection = Builder::new()
        .header_read_timeout(None)
        .half_close(true)
        .max_buf_size(max_head_bytes)
        .max_headers(max_headers)
        .serve_connection(TokioIo::new(listener), service);
    let (ended, answer) = tokio::join!(connection, call(&mut caller, text));
    let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
    (first, ended.err().map(|error| error.to_string()).unwrap_or_default(), answer)
}

const PIPE_BYTES: usize = 65_536;

/// Sends the text, as far as the other side takes it, and hears the answer.
async fn call(caller: &mut DuplexStream, text: &[u8]) -> Vec<u8> {
    let (mut hear, mut say) = tokio::io::split(caller);
    let mut answer = Vec::new();
    let (_, _) = tokio::join!(
        async {
            let _ = say.write_all(text).await;
            say.shutdown().await
        },
        hear.read_to_end(&mut answer)
    );
    answer
}

/// What stands behind the empty line of a head that was read, whichever line ends there are.
fn behind_head(text: &[u8]) -> &[u8] {
    let mut rest = text.trim_ascii_start();
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
        if let [b'\n', body @ ..] | [b'\r', b'\n', body @ ..] = rest {
            return body;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::Seller;

    fn parse(text: &[u8]) -> Result<Raw, RawError> {
        let config = br#"{"routes":[{"path":"/x","dialect":"saas-v2","keys":["a-test-key-0000001"]}]}"#;
        read(text, Seller::from_json(config).unwrap().settings())
    }

    #[test]
    fn line_ends_may_be_bare() {
        let request =
            parse(b"POST /x?y=1 HTTP/1.1\nHost: h\nContent-Length: 7\n\n{\"a\":1}").unwrap().request;
        assert_eq!((request.method.as_str(), request.target.as_slice()), ("POST", b"/x?y=1".as_slice()));
        assert_eq!(request.body.as_deref(), Some(b"{\"a\":1}".as_slice()));
    }

    #[test]
    fn without_a_length_there_is_no_body_as_on_a_socket() {
        for head in ["POST /x HTTP/1.1\nHost: h\n\n", "\r\nPOST /x HTTP/1.1\r\nHost: h\r\n\r\n"] {
            let raw = parse(format!("{head}{{\"a\":1}}\n").as_bytes()).unwrap();
            assert_eq!((raw.request.body.as_deref(), raw.unannounced), (Some(b"".as_slice()), 7), "{head:?}");
            assert_eq!(parse(head.as_bytes()).unwrap().unannounced, 0);
        }
    }

    #[test]
    fn the_length_cuts_what_an_editor_added() {
        let raw = parse(b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}\n").unwrap();
        assert_eq!((raw.request.body.as_deref(), raw.unannounced), (Some(b"{}".as_slice()), 0));
    }

    #[test]
    fn chunks_are_put_together() {
        let text =
            b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        assert_eq!(parse(text).unwrap().request.body.as_deref(), Some(b"{}".as_slice()));
    }

    #[test]
    fn a_body_of_any_size_is_read() {
        let body = vec![b' '; 300_000];
        let head = format!("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
        assert_eq!(parse(&[head.as_bytes(), &body].concat()).unwrap().request.body, Some(body));
    }

    #[test]
    fn what_is_no_request_is_said() {
        for text in [b"".as_slice(), b"hello", b"GET /x HTTP/1.1\r\n", b"\r\n\r\n"] {
            assert!(matches!(parse(text), Err(RawError::Incomplete)), "{text:?}");
        }
        for text in [
            b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{}".as_slice(),
            b"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        ] {
            assert!(matches!(parse(text), Err(RawError::Body)), "{text:?}");
        }
        for (text, expected) in [
            ("hello\r\n\r\n".to_owned(), 400),
            ("GET /x HTTP/9.9\r\n\r\n".to_owned(), 400),
            ("GET /x HTTP/1.1\r\n\r\n".to_owned(), 400),
            ("GET /x HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n".to_owned(), 400),
            ("GET /x HTTP/1.1\r\nHost: a\r\nExpect: a miracle\r\n\r\n".to_owned(), 417),
            ("GET /x HTTP/1.1\r\nno colon\r\n\r\n".to_owned(), 400),
            (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(70_000)), 414),
            (format!("GET /x HTTP/1.1\r\nx: {}\r\n\r\n", "1".repeat(150_000)), 431),
        ] {
            let Err(RawError::Refused { status, reason }) = parse(text.as_bytes()) else { panic!("{text}") };
            assert_eq!((status, reason.is_empty()), (expected, false), "{text}");
        }
    }
}
