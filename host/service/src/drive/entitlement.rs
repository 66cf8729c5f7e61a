//! Policies and worlds by handle, and the checks on them.

use std::collections::BTreeMap;

use countersign_core::abi::CallError;
use countersign_core::entitlement::{Directory, EntitlementError, PolicyWarning};
use countersign_core::{Problem, ReasonCode};
use serde_json::json;
use serde_json::value::RawValue;

use super::line::{Line, malformed};
use super::{Done, shape};
use crate::gate::fresh;

/// The directories that were loaded.
#[derive(Default)]
pub(super) struct Directories {
    loaded: BTreeMap<u64, Directory>,
    last: u64,
}

impl Directories {
    pub(super) fn load(&mut self, line: &Line<'_>) -> Done {
        let world = line.get("world").ok_or_else(|| malformed("world"))?;
        let (directory, warnings) =
            Directory::load_seeded(world.get().as_bytes(), fresh()).map_err(|error| refused(&error))?;
        self.last += 1;
        self.loaded.insert(self.last, directory);
        let warnings: Vec<_> = warnings.iter().map(warning).collect();
        shape(&json!({ "directory": self.last, "warnings": warnings }))
    }

    pub(super) fn apply(&mut self, line: &Line<'_>) -> Done {
        let handle = handle(line)?;
        let directory = self.loaded.get_mut(&handle).ok_or(ReasonCode::UnknownDirectory)?;
        let world = line.get("world").ok_or_else(|| malformed("world"))?;
        directory.apply(world.get().as_bytes()).map_err(|error| refused(&error))?;
        shape(&json!({ "directory": handle }))
    }

    /// The line itself is the check.
    pub(super) fn check(&self, line: &Line<'_>, text: &[u8]) -> Done {
        let directory = self.loaded.get(&handle(line)?).ok_or(ReasonCode::UnknownDirectory)?;
        let decision = directory.check(text).map_err(|error| refused(&error))?;
        RawValue::from_string(decision.to_json()).map_err(|_| ReasonCode::Internal.into())
    }
}

fn handle(line: &Line<'_>) -> Result<u64, CallError> {
    line.typed("directory").ok_or_else(|| malformed("directory"))
}

fn refused(error: &EntitlementError) -> CallError {
    let shape = |one: &Problem| json!({"path": one.path, "code": one.code, "message": one.message});
    let problems: Vec<_> = error.problems().iter().map(shape).collect();
    let problems = if problems.is_empty() { String::new() } else { json!(problems).to_string() };
    CallError { problems, ..error.reason().into() }
}

fn warning(warning: &PolicyWarning) -> serde_json::Value {
    let PolicyWarning { problem, instance_id } = warning;
    let mut shown = json!({"path": problem.path, "code": problem.code, "message": problem.message});
    if let Some(id) = instance_id {
        shown["instance_id"] = json!(id);
    }
    shown
}
