//! Sizes are judged before anything is parsed.

use super::Settings;
use crate::detail::Detail;
use crate::dialect::Interface;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};

/// Refuses what is over a limit: the target, then the headers, then the body.
pub(crate) fn check(settings: &Settings, request: &Arrived<'_>, interface: Interface) -> Result<(), Reason> {
    let max_body = largest_body(settings, interface);
    if exceeds(request.target.length(), settings.max_target_bytes) {
        return Err(over(ReasonCode::TargetTooLong, settings.max_target_bytes));
    }
    let (headers, header_bytes) = request.header_sizes();
    for (length, limit, cause) in [
        (headers, settings.max_headers, "too-many-fields"),
        (header_bytes, settings.max_header_bytes, "too-many-bytes"),
    ] {
        if exceeds(length, limit) {
            return Err(over(ReasonCode::HeadersTooLarge, limit).with(Detail::cause(cause)));
        }
    }
    match request.body {
        Body::Bytes(bytes) if !exceeds(bytes.len(), max_body) => Ok(()),
        Body::Bytes(_) | Body::Oversized => Err(over(ReasonCode::BodyTooLarge, max_body)),
    }
}

/// The largest body of a call of this interface, bytes.
pub(crate) fn largest_body(settings: &Settings, interface: Interface) -> u64 {
    let own = match interface {
        Interface::Basic => settings.max_base_body_bytes,
        Interface::Account => settings.max_body_bytes,
    };
    own.min(settings.max_body_bytes)
}

fn over(code: ReasonCode, limit: u64) -> Reason {
    Reason::from(code).with(Detail::limit(limit))
}

fn exceeds(length: usize, limit: u64) -> bool {
    u64::try_from(length).map_or(true, |length| length > limit)
}
