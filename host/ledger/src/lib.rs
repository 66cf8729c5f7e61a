//! Where the gate keeps what it remembers: one small storage contract, and the stores that keep it.
//!
//! The decisions are made elsewhere, by pure functions over rows. A store knows nothing of what the bytes mean. It
//! promises five things ([`Store`]):
//!
//! * `load` — the rows behind some keys, all of one moment;
//! * `commit` — several writes as one, each with the version that its row must have: all hold or none does, and what
//!   was committed survives a power cut before anyone hears of it;
//! * `scan` — the rows below a prefix, in key order;
//! * `changes` — what became of the rows, in commit order and without gaps;
//! * `purge` — rows that have meant nothing for ten minutes go.

#![cfg_attr(
    not(test),
    deny(
        clippy::panic,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::arithmetic_side_effects,
        clippy::panic_in_result_fn
    )
)]
#![forbid(unsafe_code)]

mod contract;
mod error;
mod follow;
mod memory;
mod store;

pub use contract::{MAX_KEY_BYTES, MAX_VALUE_BYTES, PURGE_DELAY_MS};
pub use error::{MisuseError, OpenError, StoreError};
pub use follow::{Follower, Lost};
pub use memory::MemoryStore;
pub use store::{Changed, Changes, Outcome, Purged, Reply, Store};
