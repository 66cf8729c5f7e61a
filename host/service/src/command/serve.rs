//! `countersign serve`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use super::{FAILURE, SUCCESS, USAGE};
use crate::config::{Config, EngineKind};
use crate::gateway::{Options, Running, StartError, start};
use crate::telemetry;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "countersign.toml")]
    config: PathBuf,
    /// Which engine runs the core, over what the configuration says
    #[arg(long)]
    engine: Option<EngineKind>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let config = match Config::load(&args.config) {
        Ok(config) => config,
        Err(errors) => {
            eprintln!("{errors}");
            return ExitCode::from(USAGE);
        }
    };
    telemetry::install(config.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let options = Options { engine: args.engine, ..Options::default() };
    match runtime.block_on(serve(config, options)) {
        Ok(()) => ExitCode::from(SUCCESS),
        Err(error) if matches!(error.downcast_ref(), Some(StartError::Descriptors { .. })) => {
            eprintln!("{error}");
            ExitCode::from(USAGE)
        }
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("{error}");
    ExitCode::from(FAILURE)
}

async fn serve(config: Config, options: Options) -> Result<(), Box<dyn std::error::Error>> {
    // Before anybody is told that the gateway is ready: whoever is told may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let running = start(config, options).await?;
    announce(&running)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    running.shutdown().await;
    Ok(())
}

/// One line for each listener.
fn announce(running: &Running) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening public {}", running.public())?;
    if let Some(api) = running.api() {
        writeln!(out, "listening api {api}")?;
    }
    out.flush()
}
