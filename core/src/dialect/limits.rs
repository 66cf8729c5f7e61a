//! Sizes are judged before anything is parsed.

use super::Interface;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Arrived, Body};
use crate::seller::Settings;

/// Refuses what is over a limit: the target, then the headers, then the body.
pub(crate) fn check(settings: &Settings, request: &Arrived<'_>, max_body: u64) -> Result<(), Reason> {
    if exceeds(request.target.length(), settings.max_target_bytes) {
        return Err(ReasonCode::TargetTooLong.into());
    }
    let (headers, header_bytes) = request.header_sizes();
    if exceeds(headers, settings.max_headers) || exceeds(header_bytes, settings.max_header_bytes) {
        return Err(ReasonCode::HeadersTooLarge.into());
    }
    match request.body {
        Body::Bytes(bytes) if !exceeds(bytes.len(), max_body.min(settings.max_body_bytes)) => Ok(()),
        Body::Bytes(_) | Body::Oversized => Err(ReasonCode::BodyTooLarge.into()),
    }
}

/// The largest body of a call of this interface, bytes.
pub(crate) fn largest_body(settings: &Settings, interface: Interface) -> u64 {
    let own = match interface {
        Interface::Basic => settings.max_base_body_bytes,
    };
    own.min(settings.max_body_bytes)
}

fn exceeds(length: usize, limit: u64) -> bool {
    u64::try_from(length).map_or(true, |length| length > limit)
}
