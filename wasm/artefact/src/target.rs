//! Whether the standard library for a target is there.

use std::path::Path;
use std::process::Command;
use std::{fmt, io};

/// The toolchain has no standard library for this target.
#[derive(Debug, Clone, Copy)]
pub struct NoTarget(pub &'static str);

impl fmt::Display for NoTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(target) = self;
        write!(
            f,
            "the Rust target {target} is missing: `cargo xtask demo` installs it and goes on, `rustup target add {target}` \
             installs it alone"
        )
    }
}

impl std::error::Error for NoTarget {}

/// Asks `rustc`, a command without arguments, where the library would be.
pub(crate) fn is_installed(rustc: &mut Command, target: &str) -> io::Result<bool> {
    let output = rustc.args(["--print", "target-libdir", "--target", target]).output()?;
    let folder = String::from_utf8_lossy(&output.stdout);
    Ok(output.status.success() && Path::new(folder.trim()).is_dir())
}
