//! On what it was measured.

use std::process::Command;
use std::{fs, thread};

use crate::gateway::{Failed, Result};

/// Processor, system, versions and commit, one per line.
pub(super) fn describe() -> Result<String> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("unknown").to_owned();
    let dirty = if said("git", &["status", "--porcelain"])?.is_empty() { "" } else { ", with changes" };
    Ok([
        format!("processor  {}, {cores} cores; load {load} at the end", processor()),
        format!("system     {}", said("uname", &["-sr"])?),
        format!("rustc      {}", said("rustc", &["--version"])?),
        format!("node       {}", said("node", &["--version"])?),
        format!("commit     {}{dirty}", said("git", &["rev-parse", "--short", "HEAD"])?),
    ]
    .join("\n"))
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.to_owned())
}

fn said(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        return Err(Failed(format!("{program}: {}", output.status)));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
