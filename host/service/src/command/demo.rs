//! `countersign demo`.

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use super::{FAILURE, SUCCESS};
use crate::config::EngineKind;
use crate::demo::{self, Chapter, Options, Sabotage};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which engine runs the core
    #[arg(long, default_value = "wasm")]
    engine: EngineKind,
    /// Draws keys, buyers and orders: the same seed gives the same answers; a new one each time by default
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// One JSON object per step, and a summary at the end
    #[arg(long)]
    json: bool,
    /// Breaks something on purpose, to see that it is found
    #[arg(long, value_name = "WHAT")]
    sabotage: Option<Sabotage>,
    /// Plays this chapter alone; may be repeated
    #[arg(long = "chapter", value_name = "NAME")]
    chapters: Vec<Chapter>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let options = Options {
        engine: args.engine,
        seed: args.seed.unwrap_or_else(|| u64::from(u32::from_le_bytes(crate::gate::fresh()))),
        json: args.json,
        terminal: stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        sabotage: args.sabotage,
        chapters: args.chapters.clone(),
    };
    match demo::run(&options, Box::new(stdout())) {
        Ok(summary) if summary.passed() => ExitCode::from(SUCCESS),
        Ok(_) => ExitCode::from(FAILURE),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(FAILURE)
        }
    }
}
