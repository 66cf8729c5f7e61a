//! Scenes: requests and what must come of them, as data. They are written by [`scenes::all`], whose requests the
//! simulator signs and whose expectations stand there by hand; the file in `tests/vectors` is regenerated in CI and may
//! not differ. [`replay`] runs them through a driver.

pub mod replay;
pub mod scenes;

use std::path::PathBuf;

/// The folder of the vectors.
#[must_use]
pub fn vectors() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

/// The text of the scenes file: one scene per line, so that a change shows as a line.
#[must_use]
pub fn scenes_text() -> String {
    let lines: Vec<String> = scenes::all().iter().map(ToString::to_string).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}
