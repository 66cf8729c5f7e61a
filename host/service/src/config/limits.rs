//! What connections may cost, and how logs look.

use std::time::Duration;

use super::problem::Problems;
use super::table::Table;

/// Limits of every listener. Sizes of calls are the seller's `settings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at the same time; further ones wait to be accepted (1 024).
    pub max_connections: usize,
    /// From the acceptance of a connection, or from the answer before, to the end of the header section (30 s). So it
    /// also closes idle connections.
    pub head_timeout: Duration,
    /// From the end of the header section to the end of the body (10 s).
    pub body_timeout: Duration,
    /// At the end of the process: for calls in flight and running sends (20 s).
    pub shutdown_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 1_024,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(10),
            shutdown_timeout: Duration::from_secs(20),
        }
    }
}

impl Limits {
    pub(super) fn read(mut table: Table<'_>, problems: &mut Problems) -> Self {
        let mut times = |name, default, table: &mut Table<'_>| {
            Duration::from_millis(table.number(name, default, 100..=600_000, problems))
        };
        let head_timeout = times("head_timeout_ms", 30_000, &mut table);
        let body_timeout = times("body_timeout_ms", 10_000, &mut table);
        let shutdown_timeout = times("shutdown_timeout_ms", 20_000, &mut table);
        let connections = table.number("max_connections", 1_024, 1..=1_000_000, problems);
        table.finish(problems);
        let max_connections = usize::try_from(connections).unwrap_or(usize::MAX);
        Self { max_connections, head_timeout, body_timeout, shutdown_timeout }
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
