//! What HTTP asks of a head beyond its grammar, at every door alike.

use hyper::header::{EXPECT, HOST};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};

/// The status of a request that reaches no handler; `None` for one that does.
///
/// * A request of HTTP/1.1 has exactly one `Host`: which of two is meant, or what none means, is read differently by
///   whatever stands in between (RFC 9112 §3.2).
/// * An expectation that nobody knows cannot be met (RFC 9110 §10.1.1).
pub(crate) fn refused(head: &Parts) -> Option<StatusCode> {
    let hosts = head.headers.get_all(HOST).iter().count();
    if hosts > 1 || (hosts == 0 && head.version == Version::HTTP_11) {
        return Some(StatusCode::BAD_REQUEST);
    }
    let known = |value: &[u8]| value.eq_ignore_ascii_case(b"100-continue");
    let expects = head.headers.get_all(EXPECT).iter().all(|value| known(value.as_bytes()));
    (!expects).then_some(StatusCode::EXPECTATION_FAILED)
}
