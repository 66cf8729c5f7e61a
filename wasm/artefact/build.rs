//! Says at once that the module cannot be built here. Whoever uses this crate will build it, and would otherwise learn so
//! after minutes of compiling other things.

use std::env;
use std::process::Command;

#[path = "src/target.rs"]
#[expect(unreachable_pub, reason = "public in the library")]
mod target;

const PORTABLE: &str = "wasm32v1-none";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/target.rs");
    println!("cargo::rerun-if-env-changed=RUSTUP_TOOLCHAIN");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    // What cannot be asked is left to the build itself.
    if let Ok(false) = target::is_installed(&mut Command::new(rustc), PORTABLE) {
        println!("cargo::error={}", target::NoTarget(PORTABLE));
    }
}
