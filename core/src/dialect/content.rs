//! Whether a body is the text that was signed, or that text in a wrapping that somebody put on it on the way.

use crate::detail::Detail;
use crate::reason::{Reason, ReasonCode};
use crate::request::Arrived;

/// The byte order marks of UTF-8, UTF-16 and UTF-32, either order.
const BYTE_ORDER_MARKS: [&[u8]; 4] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"];

/// Why nobody may act on this body even if its very bytes are signed; `None` for a body that is to be judged like any
/// other.
///
/// Neither wrapping is taken off: the platform puts on none, so a call that has one went through a proxy or an editor
/// that is to be put right, and reading behind it would be a second reading of the same bytes. The signature is tried
/// all the same, as for malformed JSON: if it holds, the platform is told `000002`, else `000001`, as of any call that no
/// key signed; the operator learns of the wrapping either way.
pub(super) fn unreadable(request: &Arrived<'_>, body: &[u8]) -> Option<Reason> {
    for value in request.header("content-encoding") {
        let mut codings = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        if let Some(coding) = codings.find(|coding| !is_identity(coding)) {
            let shown = core::str::from_utf8(coding).ok().and_then(Detail::found);
            return Some(Reason::from(ReasonCode::BodyEncoded).with_any(shown));
        }
    }
    let marked = BYTE_ORDER_MARKS.iter().any(|mark| body.starts_with(mark));
    marked.then(|| ReasonCode::ByteOrderMark.into())
}

/// `identity`, or nothing where a list is empty (RFC 9110 §8.4.1, §5.6.1).
fn is_identity(coding: &[u8]) -> bool {
    coding.is_empty() || coding.eq_ignore_ascii_case(b"identity")
}
