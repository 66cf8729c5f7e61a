//! Reproducible stories: what a marketplace does to a seller in a year, told in seconds.
//!
//! A [`Story`] is an ordered list of named steps, written as data; [`stories()`] holds the ones that every gate must
//! live through. The [`Runner`] sends them through a [`Transport`](crate::transport::Transport), checks every answer
//! and reports step by step. Over all answers of a story it watches that an order has one instance id for ever, that no
//! two orders share one, and that a query lists exactly what was asked for.
//!
//! The runner owns neither clock nor randomness: both come from its caller, so the same seed and clock give the same
//! bytes. Some stories need the seller's backend to misbehave on command, [`Backend`].
//!
//! ```no_run
//! use countersign_simulator::scenario::{Route, Runner, Summary, stories};
//! use countersign_simulator::transport::Plain;
//! use countersign_simulator::{AccessKey, Dialect};
//! use std::time::{Duration, SystemTime, UNIX_EPOCH};
//!
//! let route = Route::new("127.0.0.1:8080", "/saas/v2", AccessKey::new("test-access-key-0001"));
//! let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
//! let runner = Runner {
//!     transport: &Plain::to("127.0.0.1:8080").with_timeout(Duration::from_secs(20)),
//!     backend: None,
//!     main: &route,
//!     other: None,
//!     now_ms: &clock,
//!     pause: &std::thread::sleep,
//!     seed: 1,
//! };
//! let mut summary = Summary::default();
//! for story in stories(Dialect::SaasV2) {
//!     summary += runner.run(&story, &mut |step| println!("{}: {}", step.name, step.passed()));
//! }
//! ```

mod backend;
mod finding;
mod report;
mod run;
pub mod stories;
mod story;
mod world;

pub use backend::{Backend, Behaviour};
pub use finding::Finding;
pub use report::{Answered, StepReport, Summary};
pub use run::{Route, Runner};
pub use stories::stories;
pub use story::{Call, Delivery, Kind, Of, Step, Story, To};
