//! `countersign drive`: one JSON object per line in, one per line out.

use std::process::ExitCode;

use crate::config::EngineKind;
use crate::drive::Driver;

/// Arguments of `drive`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What runs the core.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineKind,
    /// Takes `reveal`, which shows the secret that a call carries in plain text.
    #[arg(long)]
    reveal_secrets: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let engine = match args.engine.engine() {
        Ok(engine) => engine,
        Err(error) => return super::fail(&error),
    };
    let driven = Driver::new(engine)
        .map(|driver| if args.reveal_secrets { driver.revealing() } else { driver })
        .and_then(|mut driver| driver.run(std::io::stdin().lock(), std::io::stdout()));
    match driven {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the answers has gone: nothing is left to be said.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => super::fail(&error),
    }
}
