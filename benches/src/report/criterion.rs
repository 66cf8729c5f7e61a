//! What criterion wrote down.

use std::path::Path;

use serde_json::Value;

use super::read;
use crate::gateway::Result;

/// The median of one benchmark in nanoseconds.
pub(super) fn median(home: &Path, group: &str, function: &str, value: &str) -> Result<f64> {
    let path = home.join(group).join(function).join(value).join("new/estimates.json");
    let estimates: Value = serde_json::from_slice(&read(&path)?)?;
    let median = estimates.pointer("/median/point_estimate").and_then(Value::as_f64);
    Ok(median.ok_or_else(|| format!("no median in {}", path.display()))?)
}
