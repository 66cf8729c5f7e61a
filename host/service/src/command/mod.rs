//! The command line.

mod demo;
mod serve;

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
    /// Take the platform's calls until SIGTERM or SIGINT
    Serve(serve::Args),
    /// Watch a marketplace buy, retry, renew, freeze, upgrade, release and attack a running gateway
    Demo(demo::Args),
}

/// Runs the command that the process was started with. What is wrong with the command line goes to standard error,
/// exit code 2.
#[must_use]
pub fn run() -> ExitCode {
    match CommandLine::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
    }
}
