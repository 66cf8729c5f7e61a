//! `countersign serve`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

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
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    // Before anything else: a signal that nobody awaits would end the process.
    let signals = match runtime.block_on(async { Signals::await_them() }) {
        Ok(signals) => signals,
        Err(error) => return failed(&error),
    };
    let config = match Config::load(&args.config) {
        Ok(config) => config,
        Err(errors) => {
            eprintln!("{errors}");
            return ExitCode::from(USAGE);
        }
    };
    telemetry::install(config.log);
    let options = Options { engine: args.engine, ..Options::default() };
    match runtime.block_on(serve(config, &args.config, options, signals)) {
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

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn await_them() -> std::io::Result<Self> {
        let [terminate, interrupt, hangup] =
            [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()].map(signal);
        Ok(Self { terminate: terminate?, interrupt: interrupt?, hangup: hangup? })
    }
}

async fn serve(
    config: Config,
    file: &Path,
    options: Options,
    mut signals: Signals,
) -> Result<(), Box<dyn std::error::Error>> {
    let running = start(config, options).await?;
    announce(&running)?;
    let reload = async {
        while signals.hangup.recv().await.is_some() {
            tracing::info!("reading the configuration again");
            running.reload(file).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = signals.terminate.recv() => {}
        _ = signals.interrupt.recv() => {}
        () = reload => {}
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
