//! The files of the package for JavaScript: straight-line code for each type, so that nothing is looked up when it runs.

mod idiom;
mod layout;
mod methods;
mod reader;

use countersign_core::READ_HEADERS;
use countersign_core::abi::FRAME_VERSION;
use countersign_core::abi::describe::Operation;

pub(super) use methods::print as operations;

/// `constants.ts`.
pub(super) fn constants() -> String {
    let headers: Vec<String> = READ_HEADERS.iter().map(|name| format!("{name:?}")).collect();
    format!(
        "// Generated from the core by `cargo xtask generate`: what both sides of a frame have to know.\n\n\
         {}export const FRAME_VERSION = {FRAME_VERSION};\n\n{}export const READ_HEADERS: readonly string[] = [{}];\n",
        layout::comment(0, "The version that stands at the head of every frame."),
        layout::comment(
            0,
            "The header fields that the core reads, in lower case; the others are only counted."
        ),
        headers.join(", "),
    )
}

/// `codec.ts`.
pub(super) fn codec(operations: &[Operation]) -> String {
    reader::print(operations)
}
