//! Bodies read up to a limit, in a limited time, as far as there is room.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as HttpBody;
use tokio::time::{Instant, timeout_at};

use super::places::Place;

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// All of it.
    Complete(Vec<u8>),
    /// More than the limit, or announced as more. The rest is not read.
    Oversized,
    /// Not all of it in time.
    Late,
    /// The connection ended before the body did.
    Broken,
    /// Requests that are being answered take up all the room there is for bodies.
    Crowded,
}

/// A body takes up so much at first, however little of it has arrived.
const FIRST_BYTES: usize = 1_024;

/// Reads at most `limit` bytes. A length that is announced is judged before the first byte is read; nobody is told to
/// go on (`100 Continue`) before that.
pub(super) async fn read(
    mut body: impl HttpBody<Data = Bytes> + Unpin,
    limit: usize,
    within: Duration,
    place: &Place,
) -> Body {
    let announced = body.size_hint();
    let unwanted = limit == 0 && !body.is_end_stream();
    if unwanted || announced.lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Body::Oversized;
    }
    let most = announced.exact().and_then(|length| usize::try_from(length).ok()).unwrap_or(limit);
    let deadline = Instant::now() + within;
    let mut bytes = Vec::new();
    loop {
        let frame = match timeout_at(deadline, body.frame()).await {
            Err(_) => return Body::Late,
            Ok(Some(Err(_))) => return Body::Broken,
            Ok(None) => return Body::Complete(bytes),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limit.saturating_sub(bytes.len()) {
            return Body::Oversized;
        }
        if !make_room(&mut bytes, data.len(), most, place) {
            return Body::Crowded;
        }
        bytes.extend_from_slice(&data);
    }
}

/// Room for `more` bytes, counted before it is taken. It doubles, but never beyond what was announced.
fn make_room(bytes: &mut Vec<u8>, more: usize, most: usize, place: &Place) -> bool {
    let needed = bytes.len() + more;
    if needed <= bytes.capacity() {
        return true;
    }
    let wanted = needed.max(bytes.capacity() * 2).max(FIRST_BYTES).min(most.max(needed));
    let taken = bytes.capacity();
    place.hold(wanted - taken) && {
        bytes.reserve_exact(wanted - bytes.len());
        true
    }
}
