//! The files of the package for JavaScript: straight-line code for each type, so that nothing is looked up when it runs.

mod idiom;
mod layout;
mod methods;
mod reader;

use countersign_core::abi::describe::Operation;

pub(super) use methods::print as operations;

/// `codec.ts`.
pub(super) fn codec(operations: &[Operation]) -> String {
    reader::print(operations)
}
