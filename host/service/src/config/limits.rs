//! What connections may cost, and how logs look.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::problem::Problems;
use super::table::Table;

/// Limits of the listeners. Sizes of single calls are the seller's `settings`. Each listener has these for itself, but for
/// the first two, of which the api listener has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections of the public listener at the same time (1 024). When all are taken, the one gives way to the next that
    /// uses its own least: nothing said yet, then idle, then a head, then a body that does not get on. Connections with a
    /// call in progress are never closed for it. Lowered at start to what the descriptors of the process allow.
    pub max_connections: usize,
    /// What requests that are arriving or being answered may hold in memory, heads and bodies of all connections of the
    /// public listener together, bytes (33 554 432). Beyond it the requests that have been arriving longest lose their
    /// connections; where none is arriving, a further one is answered 503.
    pub max_inflight_bytes: usize,
    /// From the acceptance of a connection to the first byte of a request, the TLS handshake included; and from the first
    /// byte of a request to the end of its header section (30 s).
    pub head_timeout: Duration,
    /// From an answer to the first byte of the next request on the same connection (75 s).
    pub idle_timeout: Duration,
    /// From the end of the header section to the end of the body (10 s).
    pub body_timeout: Duration,
    /// At the end of the process: for calls in flight and running sends (20 s).
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 1_024,
            max_inflight_bytes: 33_554_432,
            head_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(20),
        }
    }
}

impl Limits {
    /// What all calls of one listener may hold has to be enough for the largest one.
    const INFLIGHT: RangeInclusive<u64> = 4_194_304..=17_179_869_184;

    pub(super) fn read(mut table: Table<'_>, problems: &mut Problems) -> Self {
        let default = Self::default();
        let mut times = |name, default: Duration, table: &mut Table<'_>| {
            let default = u64::try_from(default.as_millis()).unwrap_or(u64::MAX);
            Duration::from_millis(table.number(name, default, 100..=600_000, problems))
        };
        let head_timeout = times("head_timeout_ms", default.head_timeout, &mut table);
        let idle_timeout = times("idle_timeout_ms", default.idle_timeout, &mut table);
        let body_timeout = times("body_timeout_ms", default.body_timeout, &mut table);
        let shutdown_timeout = times("shutdown_timeout_ms", default.shutdown_timeout, &mut table);
        let mut sizes = |name, default: usize, range| {
            let number = table.number(name, u64::try_from(default).unwrap_or(u64::MAX), range, problems);
            usize::try_from(number).unwrap_or(usize::MAX)
        };
        let max_connections = sizes("max_connections", default.max_connections, 1..=1_000_000);
        let max_inflight_bytes = sizes("max_inflight_bytes", default.max_inflight_bytes, Self::INFLIGHT);
        table.finish(problems);
        Self {
            max_connections,
            max_inflight_bytes,
            head_timeout,
            idle_timeout,
            body_timeout,
            shutdown_timeout,
        }
    }
}

/// How logs look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogConfig {
    /// One JSON object per line instead of text.
    pub json: bool,
    /// The least important events that are logged.
    pub level: tracing::Level,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { json: false, level: tracing::Level::INFO }
    }
}

impl LogConfig {
    pub(super) fn read(mut table: Table<'_>, problems: &mut Problems) -> Self {
        use tracing::Level;
        let levels =
            [("info", Level::INFO), ("error", Level::ERROR), ("warn", Level::WARN), ("debug", Level::DEBUG)];
        let json = table.choice("format", &[("text", false), ("json", true)], problems);
        let level = table.choice("level", &levels, problems);
        table.finish(problems);
        Self { json: json.unwrap_or_default(), level: level.unwrap_or(Level::INFO) }
    }
}
