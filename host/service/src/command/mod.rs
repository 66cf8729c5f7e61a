//! The command line.

mod demo;
mod drive;
mod export;
mod import;
mod serve;
mod sign;
mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// It worked.
pub const SUCCESS: u8 = 0;
/// It did not.
pub const FAILURE: u8 = 1;
/// The command line or the configuration has mistakes.
pub const USAGE: u8 = 2;

/// The gate between a marketplace and a seller's backend.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take the platform's calls until SIGTERM or SIGINT; SIGHUP reads the configuration again
    Serve(serve::Args),
    /// Watch a marketplace buy, retry, renew, freeze, upgrade, release and attack a running gateway
    Demo(demo::Args),
    /// Would the gate admit this raw HTTP request?
    Verify(verify::Args),
    /// Print the signed request that the platform would send
    Sign(Box<sign::Args>),
    /// Take instances from before the gateway into its ledger
    Import(import::Args),
    /// Print the instances of the ledger as `import` takes them
    Export(export::Args),
    /// Answer one JSON object per line, for programs
    Drive(drive::Args),
}

/// Runs the command that the process was started with. What is wrong with the command line goes to standard error,
/// exit code 2.
#[must_use]
pub fn run() -> ExitCode {
    match CommandLine::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Drive(args) => drive::run(&args),
    }
}

/// Something failed on the way: standard error, exit code 1.
fn fail(error: &impl std::fmt::Display) -> ExitCode {
    eprintln!("countersign: {error}");
    ExitCode::from(FAILURE)
}

/// The command line or the configuration has mistakes: standard error, exit code 2.
fn misuse(error: &impl std::fmt::Display) -> ExitCode {
    eprintln!("countersign: {error}");
    ExitCode::from(USAGE)
}
