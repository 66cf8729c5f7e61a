//! Logs on standard error.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::config::LogConfig;

/// Sends the log of this process to standard error, as text or as one JSON object per line. What libraries say goes
/// there as far as it is a warning. Does nothing where a log was installed before.
pub fn install(config: LogConfig) {
    let targets = Targets::new().with_target("countersign", config.level).with_default(LevelFilter::WARN);
    let layer = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let layer = if config.json {
        layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
    } else {
        layer.with_ansi(false).boxed()
    };
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}
