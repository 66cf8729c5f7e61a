//! Old handlers beside which the gateway runs: `[shadow]` for all routes, `shadow` of a route for that one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::Uri;
use serde_json::Value;

use super::problem::Problems;
use super::table::Table;

/// One old handler.
#[derive(Debug, Clone)]
pub struct OldHandler {
    /// Scheme, host and port; path and query are the call's.
    pub origin: Uri,
    /// From the end of the call to the end of its answer.
    pub timeout: Duration,
}

/// Where calls go that an old handler answers.
#[derive(Debug, Clone, Default)]
pub struct ShadowConfig {
    /// Of every route that has none of its own.
    pub common: Option<OldHandler>,
    /// By path and HTTP method.
    pub routes: Vec<(String, &'static str, OldHandler)>,
    /// Where differences are written, one JSON object per line; logs and metrics have them too.
    pub record: Option<PathBuf>,
}

impl ShadowConfig {
    /// Whether any call goes to an old handler.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.common.is_some() || !self.routes.is_empty()
    }

    /// Reads `[shadow]`.
    pub(super) fn read(value: Option<&Value>, base: &Path, problems: &mut Problems) -> Self {
        let Some(mut table) = value.and_then(|value| Table::new(value, "shadow", problems)) else {
            return Self::default();
        };
        let record = table.text("record", problems).map(|file| base.join(file));
        let timeout = read_timeout(&mut table, problems);
        let origin = if table.value("url").is_some() { read_origin(&mut table, problems) } else { None };
        table.finish(problems);
        let common = origin.map(|origin| OldHandler { origin, timeout });
        Self { common, routes: Vec::new(), record }
    }
}

impl OldHandler {
    /// Reads `shadow` of a route.
    pub(super) fn read(value: &Value, path: &str, problems: &mut Problems) -> Option<Self> {
        let mut table = Table::new(value, path, problems)?;
        let timeout = read_timeout(&mut table, problems);
        let origin = read_origin(&mut table, problems);
        table.finish(problems);
        Some(Self { origin: origin?, timeout })
    }
}

/// As long as the platform waits at most: whoever cut an old handler off earlier would change what it does.
const PATIENCE_MS: u64 = 20_000;

fn read_timeout(table: &mut Table<'_>, problems: &mut Problems) -> Duration {
    Duration::from_millis(table.number("timeout_ms", PATIENCE_MS, 100..=60_000, problems))
}

fn read_origin(table: &mut Table<'_>, problems: &mut Problems) -> Option<Uri> {
    let text = table.required_text("url", problems)?;
    let origin = text.parse::<Uri>().ok().filter(|url| {
        let host = url.host().is_some_and(|host| !host.is_empty());
        let user = url.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let bare = url.path() == "/" && url.query().is_none() && !text.contains('#');
        matches!(url.scheme_str(), Some("http" | "https")) && host && !user && bare
    });
    if origin.is_none() {
        let message = "must be http or https with host and port alone: path and query are the call's";
        problems.add(&table.at("url"), "out-of-range", message);
    }
    origin
}
