//! Mistakes in a configuration: all of them at once, each with its path.

use std::fmt;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `api.tokens[0].scopes`; empty for the document itself.
    pub path: String,
    /// What kind of mistake: `missing`, `unknown-field`, `unknown-value`, `wrong-type`, `out-of-range`, `duplicate`,
    /// `conflict`, `unreadable`; of files and secrets also `empty`, `stray-character`, `not-pem`, `cut-short`, `encrypted`,
    /// `wrong-content`, `unsupported`, `wrong-order`, `key-mismatch`.
    pub code: &'static str,
    /// A sentence. Never holds a value that may be secret.
    pub message: String,
}

impl From<countersign_core::Problem> for Problem {
    fn from(problem: countersign_core::Problem) -> Self {
        Self { path: problem.path, code: problem.code, message: problem.message }
    }
}

impl From<countersign_core::Warning> for Problem {
    fn from(warning: countersign_core::Warning) -> Self {
        Self { path: warning.path, code: warning.code, message: warning.message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "(configuration)" } else { &self.path };
        write!(out, "{path}: {}", self.message)
    }
}

/// A configuration that cannot be used: exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    /// Every mistake that was found; at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            problem.fmt(out)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// Gathers mistakes while a configuration is read.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, path: &str, code: &'static str, message: impl Into<String>) {
        self.0.push(Problem { path: path.to_owned(), code, message: message.into() });
    }

    pub(super) fn extend(&mut self, more: impl IntoIterator<Item = Problem>) {
        self.0.extend(more);
    }

    pub(super) fn into_list(self) -> Vec<Problem> {
        self.0
    }

    /// The value, if nothing was wrong.
    pub(super) fn unless_any<T>(self, value: Option<T>) -> Result<T, ConfigErrors> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(ConfigErrors { problems: self.0 }),
        }
    }
}
