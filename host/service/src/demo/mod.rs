//! `countersign demo`: a marketplace, the gate and a small seller's backend in one process, on loopback.
//!
//! The marketplace is [`countersign_simulator`], which shares no code with the gate; the gate is the one that `serve`
//! runs, over SQLite; the backend is a complete small seller. Every answer is checked as the platform checks it, and at
//! the end the ledger and the backend must agree about what exists.
//!
//! Time is real. Keys, buyers, orders, nonces and initialisation vectors come from the seed, so that the same seed gives
//! the same answers, byte by byte, on both engines; what is sealed for an identity centre is compared opened.

pub mod backend;
mod entropy;
mod environment;
mod output;
mod recording;
mod run;
mod trace;

use std::io::{self, Write};
use std::sync::Arc;

pub use run::{StepRecord, StorySummary, Summary};
pub use trace::{Source, Trace};

use countersign_simulator::Dialect;

use crate::config::{ConfigErrors, EngineKind};
use crate::gate::LedgerError;
use crate::gateway::StartError;
use environment::Environment;
use output::{JsonLines, SharedOutput, Text};
use run::Presenter;
use trace::{OnStep, TraceRecorder, describe};

/// What is played, and how it is shown.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which engine runs the core.
    pub engine: EngineKind,
    /// The seed from which everything random is drawn.
    pub seed: u64,
    /// Whether the output is JSON lines instead of text.
    pub json: bool,
    /// The output is a terminal: colours, and a line that says what goes on.
    pub terminal: bool,
    /// What is broken on purpose, if anything is.
    pub sabotage: Option<Sabotage>,
    /// Which chapters are played; all if none is named.
    pub chapters: Vec<Chapter>,
}

/// A part of the demo: the dialects that are about one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Chapter {
    /// Subscriptions of SaaS products.
    Saas,
    /// Licences and license codes.
    Licences,
    /// Notices about orders.
    Orders,
    /// Tenants, their applications, users and departments.
    Kit,
    /// Accounts of an identity centre.
    Accounts,
}

impl Chapter {
    /// The chapter of a dialect.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::LicenseV1 | Dialect::LicenseOnline | Dialect::LicenseCode => Self::Licences,
            Dialect::OrderNotify => Self::Orders,
            Dialect::KitV1 | Dialect::KitV2 | Dialect::OrgidSync | Dialect::OrgidSyncSha1 => Self::Kit,
            Dialect::AccountEvents => Self::Accounts,
            _ => Self::Saas,
        }
    }
}

/// What can be broken on purpose, to see that it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sabotage {
    /// The platform signs with keys that the gate does not have.
    WrongKey,
    /// The gate sends no `Body-Sign`.
    UnsignedAnswers,
}

/// Why the demo could not be played to its end.
#[derive(Debug)]
pub enum DemoError {
    /// No folder, no port, or nobody reads the output.
    Io(io::Error),
    /// The demo's own configuration was refused.
    Config(ConfigErrors),
    /// The gate did not start.
    Start(StartError),
    /// The ledger could not be read at the end.
    Ledger(LedgerError),
    /// The simulator has a dialect that the demo has no route for.
    NoRoute,
}

impl std::fmt::Display for DemoError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(out),
            Self::Config(errors) => errors.fmt(out),
            Self::Start(error) => error.fmt(out),
            Self::Ledger(error) => error.fmt(out),
            Self::NoRoute => out.write_str("the demo has no route for one of the simulator's dialects"),
        }
    }
}

impl std::error::Error for DemoError {}

impl From<io::Error> for DemoError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ConfigErrors> for DemoError {
    fn from(errors: ConfigErrors) -> Self {
        Self::Config(errors)
    }
}

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<LedgerError> for DemoError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// Plays every story for every dialect. Blocks; must not be called from an asynchronous task.
///
/// # Errors
/// [`DemoError`] when it could not be played; what was played and found wrong is in the [`Summary`].
pub fn run(options: &Options, out: Box<dyn Write + Send>) -> Result<Summary, DemoError> {
    let output = SharedOutput::new(out, options.terminal && !options.json);
    let progress = output.clone();
    let on_step: OnStep = Arc::new(move |step| progress.show_progress(&describe(step)));
    let recorder = Arc::new(TraceRecorder::new(on_step));
    let environment = Environment::start(options, Arc::clone(&recorder))?;
    let mut presenter: Box<dyn Presenter> = if options.json {
        Box::new(JsonLines::new(output))
    } else {
        Box::new(Text::new(output, options.terminal))
    };
    let summary = run::run_stories(options, &environment, &recorder, &mut *presenter);
    environment.shut_down();
    summary
}
