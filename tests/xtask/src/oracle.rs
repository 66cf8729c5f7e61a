//! The vectors that Python writes: made anew by hashlib, integers and pyca/cryptography, and compared with those in the repository.

use std::fs;
use std::process::Command;

use crate::step::{self, Result, step, target, workspace};

/// Pinned: what it refuses changes between versions.
const CRYPTOGRAPHY: &str = "cryptography==48.0.0";

/// Each program and the file that it writes.
const PROGRAMS: [(&str, &str); 3] =
    [("oaep.py", "oaep.json"), ("kit.py", "kit.json"), ("account.py", "account.json")];

pub(crate) fn check() -> Result {
    // Beside the system's packages, so that none of them changes; the name tells one version from another.
    let packages = target("oracle").join(CRYPTOGRAPHY);
    if !packages.exists() {
        step("vectors of Python: pyca/cryptography", || {
            let unfinished = target("oracle").join("unfinished");
            let mut pip = Command::new("pip3");
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--upgrade", "--target"]);
            step::run(pip.arg(&unfinished).arg(CRYPTOGRAPHY))?;
            Ok(fs::rename(unfinished, &packages)?)
        })?;
    }
    for (program, file) in PROGRAMS {
        step(&format!("vectors of Python: {file}"), || {
            let mut python = Command::new("python3");
            python.env("PYTHONPATH", &packages).env("PYTHONDONTWRITEBYTECODE", "1");
            python.arg(workspace().join("tests/oracle/python").join(program));
            step::run(python.arg(workspace().join("tests/vectors").join(file)))
        })?;
    }
    Ok(())
}
