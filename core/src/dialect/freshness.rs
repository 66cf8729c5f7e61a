//! How far a signed time may be from now.

use crate::config::{Problems, Table};
use crate::detail::Detail;
use crate::reason::{Reason, ReasonCode};

/// The window of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// A signed time may differ from now by so much, on both sides; `None`: any time is taken.
    width_ms: Option<u64>,
    /// Added on both sides for clock error.
    allowance_ms: u64,
}

/// How the signed time of a call is judged, before any key is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Freshness {
    pub(super) window: Window,
    /// A short timestamp is read as seconds.
    pub(super) in_seconds: bool,
}

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 86_400_000;

impl Window {
    /// Reads `window_ms`, whose default the dialect says, and `clock_allowance_ms` (0).
    pub(super) fn read(table: &mut Table<'_>, default_ms: Option<u64>, problems: &mut Problems) -> Self {
        Self {
            width_ms: table.optional_number("window_ms", 1_000..=DAY_MS, problems).or(default_ms),
            allowance_ms: table.number("clock_allowance_ms", 0, 0..=60 * MINUTE_MS, problems),
        }
    }

    /// # Errors
    /// [`ReasonCode::TimestampStale`], [`ReasonCode::TimestampFuture`], about this field.
    pub(super) fn check(&self, signed_at: u64, now: u64, field: &'static str) -> Result<(), Reason> {
        let Some(width) = self.width_ms else { return Ok(()) };
        let width = width.saturating_add(self.allowance_ms);
        let code = if now.saturating_sub(signed_at) > width {
            ReasonCode::TimestampStale
        } else if signed_at.saturating_sub(now) > width {
            ReasonCode::TimestampFuture
        } else {
            return Ok(());
        };
        Err(Reason::about(code, field).with(distance(signed_at, now)))
    }

    /// Until when bytes that were signed at this time pass for fresh, milliseconds.
    pub(super) fn end(&self, signed_at: u64) -> u64 {
        signed_at.saturating_add(self.width_ms.unwrap_or_default()).saturating_add(self.allowance_ms)
    }
}

#[cold]
#[inline(never)]
fn distance(signed_at: u64, now: u64) -> Detail {
    let millis = |time: u64| i64::try_from(time).unwrap_or(i64::MAX);
    Detail::DistanceMs(millis(signed_at).saturating_sub(millis(now)))
}
