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
//!
//! [`open()`] turns a setting such as `sqlite:countersign.db` into a store.
//!
//! # A decision and its commit
//!
//! ```
//! # use std::path::Path;
//! # use countersign_core::ledger::{Change, Write};
//! # use countersign_ledger::{Missing, Outcome, StoreError, open};
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let store = open("memory:", Path::new("."), Missing::Create)?.store;
//!
//! let rows = store.load(vec!["order/CS1".into()]).await?;
//! let seen = rows.first().and_then(|row| row.value.as_ref()).map(|stored| stored.version);
//! let put = Change::Put { bytes: b"reserved".to_vec(), expires_at: None };
//! match store.commit(vec![Write { key: "order/CS1".into(), expect: seen, change: put }]).await {
//!     Ok(Outcome::Committed) => {}                // durable: act now
//!     Ok(Outcome::Conflict) => {}                 // somebody was faster: load and decide again
//!     Err(StoreError::Unknown { .. }) => {}       // it may have been committed: load and decide again
//!     Err(other) => return Err(other.into()),     // nothing was written
//! }
//! # Ok(())
//! # }
//! # let waker = std::task::Waker::noop();
//! # let mut example = Box::pin(example());
//! # assert!(matches!(example.as_mut().poll(&mut std::task::Context::from_waker(waker)), std::task::Poll::Ready(Ok(()))));
//! ```
//!
//! # Several gateways on one store
//!
//! Nothing in the contract relies on being the only process. [`Watch`] is the exception and says so: it wakes waiters
//! of this process only, hence every wait also has a deadline.
//!
//! # What runs where
//!
//! The futures need no particular executor. SQLite works on threads of its own; a commit of sixty-four connections
//! blocks none of the executor's threads, and commits that arrive together share one write to the disk.

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

#[cfg(feature = "conformance")]
pub mod conformance;
mod contract;
mod error;
mod follow;
mod memory;
mod open;
mod sqlite;
mod store;
mod watch;

pub use contract::{MAX_KEY_BYTES, MAX_VALUE_BYTES, PURGE_DELAY_MS};
pub use error::{MisuseError, OpenError, StoreError};
pub use follow::{Follower, Lost};
pub use memory::MemoryStore;
pub use open::{Missing, Opened, check, open};
pub use sqlite::{SqliteOptions, SqliteStats, SqliteStore};
pub use store::{Changed, Changes, Limit, Outcome, Page, Purged, Reply, Store};
pub use watch::{Subscription, Watch, Watched, Woken};
