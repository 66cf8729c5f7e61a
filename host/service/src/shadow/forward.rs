//! A call on its way to the old handler and its answer on the way back: the same bytes, without the headers that
//! belong to one connection.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    CONNECTION, EXPECT, HeaderMap, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use hyper::http::{request, response};
use hyper::{Request, Uri, Version};

use crate::backend::{Cause, Client};
use crate::config::OldHandler;

/// The most bytes of an old handler's answer: a query for a hundred instances with their data has less.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Sends the call and returns what came back, complete, in time.
pub(super) async fn exchange(
    client: &Client,
    handler: &OldHandler,
    head: request::Parts,
    body: &[u8],
) -> Result<(response::Parts, Bytes), Cause> {
    let request = forwarded(handler, head, body).ok_or(Cause::Request)?;
    let answer = client.exchange_whole(request, MAX_ANSWER_BYTES);
    tokio::time::timeout(handler.timeout, answer).await.unwrap_or(Err(Cause::Deadline))
}

fn forwarded(handler: &OldHandler, mut head: request::Parts, body: &[u8]) -> Option<Request<Full<Bytes>>> {
    let mut uri = handler.origin.clone().into_parts();
    uri.path_and_query = Some(head.uri.path_and_query()?.clone());
    head.uri = Uri::from_parts(uri).ok()?;
    head.version = Version::HTTP_11;
    drop_hop_by_hop(&mut head.headers);
    // The body is here already: nobody has to be asked for it.
    head.headers.remove(EXPECT);
    Some(Request::from_parts(head, Full::new(Bytes::copy_from_slice(body))))
}

/// The answer's head as the platform gets it. Names keep their case: it travels in the extensions.
pub(super) fn end_to_end(mut head: response::Parts) -> response::Parts {
    drop_hop_by_hop(&mut head.headers);
    head.version = Version::HTTP_11;
    head
}

/// RFC 9110 §7.6.1: what `Connection` names, and what belongs to one connection by itself.
fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let by_itself = [
        CONNECTION,
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        PROXY_AUTHENTICATE,
        PROXY_AUTHORIZATION,
        TE,
        TRAILER,
        TRANSFER_ENCODING,
        UPGRADE,
    ];
    for name in named.iter().chain(&by_itself) {
        headers.remove(name);
    }
}

/// The headers as the core reads them; a value that is no text says nothing to the platform either.
pub(super) fn readable(headers: &HeaderMap) -> Vec<(String, String)> {
    let readable = headers.iter().filter_map(|(name, value)| Some((name, value.to_str().ok()?)));
    readable.map(|(name, value)| (name.as_str().to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn what_belongs_to_one_connection_stays_there() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("body-sign", "kept"),
            ("x-kept", "1"),
        ] {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        drop_hop_by_hop(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["body-sign", "x-kept"]);
    }
}
