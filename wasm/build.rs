//! Linker arguments that belong to the module, whatever folder or command builds it.

use std::env;

/// 256 MiB: more than any call needs, and an upper bound that every host can read in the module.
const MAX_MEMORY: u32 = 256 << 20;

/// What rustc gives by default, said here so that the code which wipes the stack and the linker which places it have one
/// number.
const STACK: u32 = 1 << 20;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name, value| env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") {
        println!("cargo:rustc-link-arg-cdylib=--max-memory={MAX_MEMORY}");
        println!("cargo:rustc-link-arg-cdylib=-zstack-size={STACK}");
        println!("cargo:rustc-env=COUNTERSIGN_STACK={STACK}");
    }
}
