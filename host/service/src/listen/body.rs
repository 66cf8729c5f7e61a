//! Bodies read up to a limit, in a limited time.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    /// All of it.
    Complete(Vec<u8>),
    /// More than the limit.
    Oversized,
    /// Not all of it in time.
    Late,
    /// The connection ended before the body did.
    Broken,
}

/// Of a body that is too large so much more is read and dropped: who is still sending would not see the answer.
const DISCARDED_BYTES: usize = 16 << 20;
/// And no longer than this.
const DISCARDED_FOR: Duration = Duration::from_secs(1);

/// Reads at most `limit` bytes.
pub(crate) async fn read(mut body: Incoming, limit: usize, within: Duration) -> Body {
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
            drop(bytes);
            discard(body, deadline.min(Instant::now() + DISCARDED_FOR)).await;
            return Body::Oversized;
        }
        bytes.extend_from_slice(&data);
    }
}

async fn discard(mut body: Incoming, deadline: Instant) {
    let mut left = DISCARDED_BYTES;
    while let Ok(Some(Ok(frame))) = timeout_at(deadline, body.frame()).await {
        let length = frame.data_ref().map_or(0, bytes::Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => return,
        }
    }
}
