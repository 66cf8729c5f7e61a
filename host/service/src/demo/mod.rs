//! `countersign demo`: a marketplace, the gate and a small seller's backend in one process, on loopback.
//!
//! The marketplace is [`countersign_simulator`], which shares no code with the gate; the gate is the one that `serve`
//! runs, over SQLite; the backend is a complete small seller. Every answer is checked as the platform checks it, and at
//! the end the ledger and the backend must agree about what exists.
//!
//! Time is real. Keys, buyers, orders, nonces and initialisation vectors come from the seed, so that the same seed gives
//! the same answers, byte by byte, on both engines.

pub mod backend;
mod chance;
mod play;
mod show;
mod stage;
mod tape;
mod witness;

use std::io::{self, Write};
use std::sync::Arc;

pub use play::{Played, Row, Total};
pub use witness::{Source, Thread};

use crate::config::{ConfigErrors, EngineKind};
use crate::gate::LedgerError;
use crate::gateway::StartError;
use play::Presenter;
use show::{Lines, Screen, Text};
use stage::Stage;
use witness::{Live, Witness, words};

/// What is played, and how it is shown.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which engine runs the core.
    pub engine: EngineKind,
    /// Draws everything that is random.
    pub seed: u64,
    /// JSON lines instead of text.
    pub json: bool,
    /// The output is a terminal: colours, and a line that says what goes on.
    pub terminal: bool,
    /// Something that is wrong on purpose.
    pub sabotage: Option<Sabotage>,
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
/// [`DemoError`] when it could not be played; what was played and found wrong is in the [`Total`].
pub fn run(options: &Options, out: Box<dyn Write + Send>) -> Result<Total, DemoError> {
    let screen = Screen::new(out, options.terminal && !options.json);
    let passing = screen.clone();
    let live: Live = Arc::new(move |step| passing.pass(&words(step)));
    let witness = Arc::new(Witness::new(live));
    let stage = Stage::set(options, Arc::clone(&witness))?;
    let mut presenter: Box<dyn Presenter> = if options.json {
        Box::new(Lines::new(screen))
    } else {
        Box::new(Text::new(screen, options.terminal))
    };
    let total = play::play(options, &stage, &witness, &mut *presenter);
    stage.strike();
    total
}
