//! Artefact B: the module for JavaScript and the glue that belongs to it.

use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::recipe::{BuildError, Recipe, compile};

/// SIMD makes SHA-256 1.3 to 1.6 times faster, and every current JavaScript runtime has it.
const JAVASCRIPT: Recipe = Recipe {
    target: "wasm32-unknown-unknown",
    profile: "artefact-js",
    features: "js",
    flags: &["-Ctarget-feature=+simd128"],
};

/// The name of the glue's file, without extension.
const NAME: &str = "countersign";

/// What a JavaScript package carries.
#[derive(Debug)]
pub struct JsArtefact {
    /// `countersign.wasm`.
    pub wasm: Vec<u8>,
    /// An ECMAScript module that instantiates it, and instantiates it anew after a trap.
    pub glue: String,
    /// The types of the glue.
    pub types: String,
}

/// Builds artefact B of `workspace` with `target_dir` as its own target folder.
///
/// # Errors
///
/// In this order: cargo or the Rust target is missing, cargo failed, the glue could not be written.
pub fn build_js(workspace: &Path, target_dir: &Path) -> Result<JsArtefact, BuildError> {
    let module = compile(&JAVASCRIPT, workspace, target_dir)?;
    bind(module).map_err(|error| BuildError::Glue(error.to_string()))
}

fn bind(module: Vec<u8>) -> Result<JsArtefact, Box<dyn std::error::Error>> {
    let mut bindgen = Bindgen::new();
    // `web` because its glue takes a compiled module from whoever has one: the entry of each runtime finds it in its
    // own way. The path that it would guess by itself is left out for the same reason.
    bindgen.web(true)?.omit_default_module_path(true).reset_state_function(true);
    bindgen.typescript(true).remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.input_bytes(NAME, module).generate_output()?;
    Ok(JsArtefact {
        glue: output.js().to_owned(),
        types: output.ts().unwrap_or_default().to_owned(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}
