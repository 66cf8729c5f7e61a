//! Mistakes in a document, be it a configuration or a line of an import: all of them at once, each with its path.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: `routes[0].keys[1]`.
    pub path: String,
    /// What kind of mistake: `missing`, `unknown-field`, `unknown-value`, `wrong-type`, `malformed`,
    /// `out-of-range`, `stray-character`, `duplicate`, `conflict`.
    pub code: &'static str,
    /// A sentence. Never holds a value that may be secret.
    pub message: String,
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Every mistake that was found, in the order of the document.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the configuration has mistakes")?;
        self.problems.iter().try_for_each(|one| write!(out, "; {}: {}", one.path, one.message))
    }
}

impl core::error::Error for ConfigError {}

impl Problem {
    /// Every kind of mistake.
    pub const CODES: [&'static str; 9] = [
        "missing",
        "unknown-field",
        "unknown-value",
        "wrong-type",
        "malformed",
        "out-of-range",
        "stray-character",
        "duplicate",
        "conflict",
    ];
}

/// Gathers mistakes while a document is read.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, path: &str, code: &'static str, message: &str) {
        self.0.push(Problem { path: path.to_string(), code, message: message.to_string() });
    }

    /// Keeps those of which this holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Problem) -> bool) {
        self.0.retain(keep);
    }

    /// Whether this holds of any.
    pub(crate) fn any(&self, holds: impl Fn(&Problem) -> bool) -> bool {
        self.0.iter().any(holds)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_error(self) -> ConfigError {
        ConfigError { problems: self.0 }
    }

    pub(crate) fn into_list(self) -> Vec<Problem> {
        self.0
    }
}
