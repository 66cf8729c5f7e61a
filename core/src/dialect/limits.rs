//! Sizes are judged before anything is parsed.

use super::Interface;
use crate::reason::{Reason, ReasonCode};
use crate::request::{Body, Request};
use crate::seller::Settings;

/// Refuses what is over a limit: the target, then the headers, then the body.
pub(crate) fn check(settings: &Settings, request: &Request<'_>, max_body: u64) -> Result<(), Reason> {
    if exceeds(request.target.len(), settings.max_target_bytes) {
        return Err(ReasonCode::TargetTooLong.into());
    }
    let header_bytes = request.headers.iter().map(|(name, value)| name.len().saturating_add(value.len()));
    if exceeds(request.headers.len(), settings.max_headers)
        || exceeds(header_bytes.fold(0, usize::saturating_add), settings.max_header_bytes)
    {
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
