//! Everything that is measured, in one table.

mod criterion;
mod machine;
mod table;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign_artefact::size;
use serde_json::Value;

use crate::gateway::{Failed, Field, Result, load, start};
use crate::sync;
use table::{Row, Table, Target};

/// What was built, and what is measured already.
pub(crate) struct Materials {
    /// The gateway's binary.
    pub(crate) gateway: PathBuf,
    /// The folder `benches`.
    pub(crate) benches: PathBuf,
    /// Where ledgers may lie.
    pub(crate) folder: PathBuf,
    /// Where criterion wrote down what it measured.
    pub(crate) criterion: PathBuf,
    /// Artefact A.
    pub(crate) portable: PathBuf,
    /// Artefact B.
    pub(crate) javascript: PathBuf,
}

/// How long and how often.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    rounds: usize,
    seconds: f64,
    starts: usize,
}

pub(crate) const THOROUGH: Effort = Effort { rounds: 5, seconds: 4.0, starts: 15 };
/// Shows that everything runs and all answers are right; its figures mean little.
pub(crate) const QUICK: Effort = Effort { rounds: 1, seconds: 0.5, starts: 2 };

/// Measures what is not measured yet, and prints the table.
pub(crate) fn print(materials: &Materials, effort: Effort, markdown: bool) -> Result {
    let mut table = Table::default();
    in_node(materials, effort, &mut table)?;
    in_rust(materials, &mut table)?;
    gateways(materials, effort, &mut table)?;
    starts(materials, effort, &mut table)?;
    full_sync(materials, &mut table)?;
    sizes(materials, &mut table)?;
    println!("\n{}\n{}", table.print(markdown), machine::describe()?);
    Ok(())
}

/// One callback judged in Node: by the package, and by hand.
fn in_node(materials: &Materials, effort: Effort, table: &mut Table) -> Result {
    eprintln!("admit in Node");
    let lines = node(materials, "admit.mjs", &effort.seconds.to_string())?;
    for line in lines {
        let call = text(&line, "call")?;
        let target = match call {
            "v2-165" | "v2-350" => Target::Faster(2.5),
            "v2-1024" => Target::Faster(1.5),
            _ => Target::None,
        };
        let (ours, plain, tuned) = (number(&line, "ours")?, number(&line, "plain")?, number(&line, "tuned")?);
        table.add(Row::times(format!("admit {call} in Node, against createHmac"), ours, plain, Target::None));
        table.add(Row::times(
            format!("admit {call} in Node, against the fastest by hand"),
            ours,
            tuned,
            target,
        ));
    }
    Ok(())
}

/// The same in the two engines, and the whole loop of a call: criterion measured them.
fn in_rust(materials: &Materials, table: &mut Table) -> Result {
    let home = &materials.criterion;
    let of = |group: &str, function: &str, value: &str| criterion::median(home, group, function, value);
    for call in ["v1", "v2-165", "v2-350", "v2-1024", "v2-4096", "v2-65536", "v2-refused"] {
        let (wasm, core) = (of("admit", "wasm", call)?, of("admit", "core", call)?);
        // The target speaks of documented calls.
        let target = if matches!(call, "v2-165" | "v2-350") { Target::Slower(8.0) } else { Target::None };
        table.add(Row::times(format!("admit {call} in wasmtime, against the core"), wasm, core, target));
    }
    for what in ["purchase", "repeat", "query"] {
        let (wasm, native) = (of("loop", "wasm", what)?, of("loop", "native", what)?);
        table.add(Row::times(
            format!("whole {what} in wasmtime, against native"),
            wasm,
            native,
            Target::None,
        ));
    }
    Ok(())
}

/// New subscriptions over 64 connections.
fn gateways(materials: &Materials, effort: Effort, table: &mut Table) -> Result {
    let lines = load::compare(&materials.field(effort.rounds, effort.seconds)?)?;
    let peer = contender(&lines, "peer")?;
    for engine in ["wasm", "native"] {
        let ours = contender(&lines, engine)?;
        let of = |name: &str| Result::Ok((number(ours, name)?, number(peer, name)?));
        let (rate, rates) = of("per_second")?;
        let what = |what: &str| format!("new subscriptions, {engine}, against Express: {what}");
        table.add(Row::rates(what("throughput"), rate, rates, Target::Faster(3.0)));
        for (name, shown) in [("p50_ms", "median"), ("p99_ms", "p99")] {
            let (ours, theirs) = of(name)?;
            table.add(Row::times(what(shown), ours * 1e6, theirs * 1e6, Target::None));
        }
    }
    table.note(format!(
        "SQLite {} under the gateway, {} under the peer",
        text(contender(&lines, "native")?, "sqlite")?,
        text(peer, "sqlite")?
    ));
    Ok(())
}

/// From the start of a process to its first answer.
fn starts(materials: &Materials, effort: Effort, table: &mut Table) -> Result {
    eprintln!("starts");
    let lines = start::compare(&materials.field(effort.starts, effort.seconds)?)?;
    let peer = number(contender(&lines, "peer")?, "first_answer_ms")? * 1e6;
    for engine in ["wasm", "native"] {
        let ours = number(contender(&lines, engine)?, "first_answer_ms")? * 1e6;
        let what = format!("start to first answer, {engine}, against Express");
        table.add(Row::times(what, ours, peer, Target::Within(100e6)));
    }
    let lines = node(materials, "start.mjs", &effort.starts.to_string())?;
    let line = lines.first().ok_or("nothing was measured")?;
    let what = "start of Node to first verdict, against node:crypto".to_owned();
    table.add(Row::times(what, number(line, "ours")?, number(line, "peer")?, Target::None));
    Ok(())
}

/// A whole directory into SQLite, without delivery.
fn full_sync(materials: &Materials, table: &mut Table) -> Result {
    eprintln!("full sync");
    let lines = sync::measure(&materials.folder)?;
    let (native, wasm) = (contender(&lines, "native")?, contender(&lines, "wasm")?);
    table.add(Row::times(
        "full sync of 999 departments and 100 000 users, native, against wasmtime".to_owned(),
        number(native, "seconds")? * 1e9,
        number(wasm, "seconds")? * 1e9,
        Target::Within(5e9),
    ));
    table.note(format!(
        "full sync, native: at most {:.0} KiB after a tenth of the calls, {:.0} KiB after all",
        number(native, "peak_kib_after_a_tenth")?,
        number(native, "peak_kib_at_the_end")?
    ));
    Ok(())
}

fn sizes(materials: &Materials, table: &mut Table) -> Result {
    let portable = read(&materials.portable)?;
    table.add(Row::size("artefact A", portable.len(), Some(size::MAX_BYTES)));
    table.add(Row::size("artefact A, gzipped", size::gzipped(&portable), Some(size::MAX_GZIPPED_BYTES)));
    let javascript = read(&materials.javascript)?;
    table.add(Row::size("artefact B", javascript.len(), None));
    table.add(Row::size("artefact B, gzipped", size::gzipped(&javascript), None));
    Ok(())
}

impl Materials {
    fn field(&self, rounds: usize, seconds: f64) -> Result<Field> {
        fs::create_dir_all(&self.folder)?;
        let (gateway, peer) = (self.gateway.clone(), self.benches.join("peer/gateway.mjs"));
        Ok(Field { gateway, peer, folder: self.folder.clone(), rounds, seconds })
    }
}

/// Runs a script over the calls that all runtimes judge, and reads one JSON object a line.
fn node(materials: &Materials, script: &str, option: &str) -> Result<Vec<Value>> {
    let mut node = Command::new("node");
    node.arg(materials.benches.join("node").join(script)).arg(option);
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // The calls are few: they are written before anything is read.
        stdin.write_all(crate::calls().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(Failed(format!("{script}: {}", output.status)));
    }
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    Ok(lines.map(serde_json::from_slice).collect::<std::result::Result<_, _>>()?)
}

fn contender<'l>(lines: &'l [Value], name: &str) -> Result<&'l Value> {
    let found = lines.iter().find(|line| line.get("contender").is_some_and(|contender| contender == name));
    Ok(found.ok_or_else(|| format!("nothing was measured of {name}"))?)
}

fn number(line: &Value, name: &str) -> Result<f64> {
    Ok(line.get(name).and_then(Value::as_f64).ok_or_else(|| format!("no {name} in {line}"))?)
}

fn text<'l>(line: &'l Value, name: &str) -> Result<&'l str> {
    Ok(line.get(name).and_then(Value::as_str).ok_or_else(|| format!("no {name} in {line}"))?)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Failed(format!("{}: {error}", path.display())))
}
