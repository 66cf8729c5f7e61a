//! `cargo xtask <command>`; see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    xtask::main(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}
