//! What the continuous integration runs, as commands that anybody runs: `cargo xtask ci` is all of it.

use std::process::ExitCode;

mod artefact;
mod bench;
mod check;
mod constant_time;
mod fuzz;
mod generate;
mod js;
mod miri;
mod step;
mod test;
mod tools;

const USAGE: &str = "\
usage: cargo xtask <command>

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
  js         builds the package for JavaScript in bindings/js
  bench      measures everything in about ten minutes and prints one table; --quick only shows that it runs,
             --markdown prints it for the README";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["test"] => test::run(),
        ["check"] => check::run(),
        ["ci"] => test::run().and_then(|()| check::run()),
        ["constant-time"] => constant_time::run(),
        ["fuzz", ref arguments @ ..] => fuzz::run(arguments),
        ["miri"] => miri::run(),
        ["generate"] => generate::run(),
        ["artefact"] => artefact::write(),
        ["js"] => js::build(),
        ["bench", ref options @ ..] if bench::knows(options) => bench::run(options),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            ExitCode::FAILURE
        }
    }
}
