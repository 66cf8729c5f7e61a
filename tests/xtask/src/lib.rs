//! What the README's readers and the continuous integration run, as commands that set up what they need.
//!
//! It has no dependencies: on a bare machine it is compiled before anything is installed.

mod artefact;
mod bench;
mod check;
mod constant_time;
mod demo;
mod fuzz;
mod generate;
mod invocation;
mod js;
mod miri;
mod oracle;
mod setup;
mod step;
mod test;

use std::process::ExitCode;

pub use invocation::Invocation;
use setup::Lacking;

const USAGE: &str = "\
usage: cargo xtask <command> [--no-install]

  demo       a marketplace against a running gateway; options go to the demo: --engine, --seed, --json
  test       every test suite; nothing is skipped
  check      formatting, lints, documentation, dependencies, generated files, the module's size and bytes,
             constant time, Miri, and every fuzz target for a while
  ci         test, then check
  constant-time
             what handles keys, under valgrind
  fuzz       every fuzz target for a bounded number of rounds: [TARGET] [--runs N]
  miri       tests of the core and of the module, interpreted
  generate   writes the generated files anew
  artefact   builds countersign.wasm, the module without imports, into target/artefact
  size       the bytes of countersign.wasm by crate and by room of the core; --json prints them for programs
  js         builds the package for JavaScript in bindings/js
  bench      measures everything in about ten minutes and prints one table; --quick only shows that it runs,
             --markdown prints it for the README

Each looks first for what it needs. Toolchains and their parts are installed by rustup, packages of a Debian-like system
by apt-get where that takes no password; where it cannot be installed from here, or with --no-install, one message names
all that is missing, and the exit code is 2.";

/// Runs the command that these arguments name.
#[must_use]
pub fn main(arguments: &[&str]) -> ExitCode {
    let Some(invocation) = Invocation::parse(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match invocation.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            if error.is::<Lacking>() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}
