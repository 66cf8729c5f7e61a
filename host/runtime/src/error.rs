//! What can go wrong around the core. What the core itself refuses is an answer, not an error.

use std::fmt;

use countersign_core::ReasonCode;

/// Why there is no answer. None of them contains bytes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EngineError {
    /// Opening and closing have functions of their own.
    NotACall,
    /// The frame names a seller that is not open.
    UnknownSeller,
    /// The frame is larger than the module takes.
    TooLarge,
    /// No instance became free in time.
    Busy,
    /// The instance did not answer in time. It was dropped.
    Deadline,
    /// The instance asked for more memory than it may have. It was dropped.
    OutOfMemory,
    /// The instance trapped: a defect of the core. It was dropped.
    Trap(String),
    /// The native core panicked: a defect of the core. What it held was dropped.
    Panic,
    /// The answer is not one: a defect of the core. The instance was dropped.
    Malformed,
    /// No instance could be made.
    Start(String),
    /// The embedded module is not the one that this host was built with.
    Artefact,
}

impl EngineError {
    /// A stable name for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotACall => "not-a-call",
            Self::UnknownSeller => ReasonCode::UnknownSeller.code(),
            Self::TooLarge => "too-large",
            Self::Busy => ReasonCode::Overloaded.code(),
            Self::Deadline => "deadline",
            Self::OutOfMemory => "out-of-memory",
            Self::Trap(_) => "trap",
            Self::Panic => "panic",
            Self::Malformed => "malformed",
            Self::Start(_) => "start",
            Self::Artefact => "artefact",
        }
    }

    /// Whether the instance may serve another call.
    pub(crate) fn is_harmless(&self) -> bool {
        matches!(self, Self::NotACall | Self::UnknownSeller | Self::TooLarge)
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACall => write!(f, "sellers are opened and closed by functions of their own"),
            Self::UnknownSeller => write!(f, "the frame names a seller that is not open"),
            Self::TooLarge => write!(f, "the frame is larger than the module takes"),
            Self::Busy => write!(f, "no instance became free in time"),
            Self::Deadline => write!(f, "the call took longer than its deadline"),
            Self::OutOfMemory => write!(f, "the call needed more memory than an instance may have"),
            Self::Trap(cause) => write!(f, "the module trapped: {cause}"),
            Self::Panic => write!(f, "the native core panicked"),
            Self::Malformed => write!(f, "the core's answer is not a frame"),
            Self::Start(cause) => write!(f, "no instance could be made: {cause}"),
            Self::Artefact => write!(f, "the embedded module is not the one that this host was built with"),
        }
    }
}

impl std::error::Error for EngineError {}

/// Why a seller was not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The core refused the configuration; the whole answer frame says why.
    Refused {
        /// The core's error number.
        status: u16,
        /// The whole answer.
        answer: Vec<u8>,
    },
    /// The core could not be asked.
    Engine(EngineError),
}

impl From<EngineError> for OpenError {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, .. } => {
                write!(f, "the core refused the configuration with status {status}")
            }
            Self::Engine(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {}
