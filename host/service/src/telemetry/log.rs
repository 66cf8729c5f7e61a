//! Logs on standard error.

use std::sync::OnceLock;

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry, fmt, reload};

use crate::config::LogConfig;

/// The filter of the log that was installed.
static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// Sends the log of this process to standard error, as text or as one JSON object per line. What libraries say goes
/// there as far as it is a warning. Does nothing where a log was installed before.
pub fn install(config: LogConfig) {
    let (filter, handle) = reload::Layer::new(targets(config.level));
    let layer = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let layer = if config.json {
        layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        layer.with_ansi(false).boxed()
    };
    if tracing_subscriber::registry().with(layer.with_filter(filter)).try_init().is_ok() {
        let _ = FILTER.set(handle);
    }
}

/// The least important events that are logged from now on, if the log is ours.
pub(crate) fn set_level(level: Level) {
    if let Some(filter) = FILTER.get() {
        let _ = filter.reload(targets(level));
    }
}

fn targets(level: Level) -> Targets {
    Targets::new().with_target("countersign", level).with_default(LevelFilter::WARN)
}
