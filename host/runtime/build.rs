//! Builds the module and compiles it for the target, so that `cargo run` works from a clean clone and the host is
//! shipped without a compiler.

use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

use sha2::{Digest, Sha256};

use crate::precompile::precompile;

#[path = "src/memory.rs"]
#[expect(unreachable_pub, reason = "public in the library")]
mod memory;
#[path = "build/precompile.rs"]
mod precompile;

/// Cargo shows the sentence, where it would show a returned error as Rust prints its parts.
fn main() {
    if let Err(error) = build() {
        println!("cargo::error={error}");
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let workspace = countersign_artefact::workspace();
    for source in countersign_artefact::sources(&workspace) {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=src/memory.rs");

    let wasm = countersign_artefact::build(&workspace, &out.join("target"))?;
    let compiled = precompile(&wasm)?;
    let parts = [("wasm", wasm), ("reserved", compiled.reserved), ("small", compiled.small)];
    let mut embedded = String::from("Embedded {\n");
    for (name, bytes) in parts {
        fs::write(out.join(name), &bytes)?;
        embedded += &part(name, &bytes);
    }
    fs::write(out.join("embedded.rs"), embedded + "}\n")?;
    Ok(())
}

fn part(name: &str, bytes: &[u8]) -> String {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let bytes = format!(r#"include_bytes!(concat!(env!("OUT_DIR"), "/{name}"))"#);
    format!("    {name}: Part {{ bytes: {bytes}, sha256: {digest:?} }},\n")
}
