//! What other languages need of the core's tables, written by `cargo xtask generate`:
//!
//! | File | Holds |
//! |---|---|
//! | `core/schema/operations.json` | every operation and every type of a frame, for whoever writes a codec |
//! | `tests/vectors/frames.json` | one conversation with the core, byte for byte, in which every operation is heard |
//! | `bindings/js/src/constants.ts` | the version of the frames, and the header fields that cross in them |
//! | `bindings/js/src/codec.ts` | how JavaScript reads answers |
//! | `bindings/js/src/operations.ts` | the methods of a seller in JavaScript |
//! | `core/schema/events.json` | what the seller's application is told and what it answers, as JSON Schema |
//! | `core/EVENTS.md` | the same to read, with an example of each |
//! | `bindings/js/src/events.ts` | the same as types of TypeScript |
//!
//! The core describes itself ([`OPERATIONS`]); nothing here knows a rule, and nothing of this is linked into a module.

mod conversation;
mod events;
mod schema;
mod types;
mod typescript;

use countersign_core::abi::OPERATIONS;

pub use conversation::{Exchange, conversation};

/// Every generated file: its path in the workspace, and its text.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("core/schema/operations.json", schema::print(OPERATIONS)),
        ("tests/vectors/frames.json", conversation::print(&conversation())),
        ("bindings/js/src/constants.ts", typescript::constants()),
        ("bindings/js/src/codec.ts", typescript::codec(OPERATIONS)),
        ("bindings/js/src/operations.ts", typescript::operations(OPERATIONS)),
        ("core/schema/events.json", events::schema()),
        ("core/EVENTS.md", events::page()),
        ("bindings/js/src/events.ts", events::typescript()),
    ]
}
