//! `cargo xtask bench`: everything that is measured, in one table.
//!
//! What is compared with what, and what is equal on both sides, is in `benches/README.md`.

mod criterion;
mod machine;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::step::{self, Result, cargo, step, target, workspace};
use crate::{artefact, js, tools};
use table::{Row, Table, Target};

/// How long and how often.
#[derive(Clone, Copy)]
struct Effort {
    /// Criterion's options.
    criterion: [&'static str; 6],
    rounds: &'static str,
    seconds: &'static str,
    starts: &'static str,
}

const THOROUGH: Effort = Effort {
    criterion: ["--warm-up-time", "0.5", "--measurement-time", "1.5", "--sample-size", "50"],
    rounds: "5",
    seconds: "4",
    starts: "15",
};
/// Shows that everything runs and all answers are right; its figures mean little.
const QUICK: Effort = Effort {
    criterion: ["--warm-up-time", "0.05", "--measurement-time", "0.1", "--sample-size", "10"],
    rounds: "1",
    seconds: "0.5",
    starts: "2",
};

const QUICKLY: &str = "--quick";
const AS_MARKDOWN: &str = "--markdown";

/// Whether all of these are options of [`run`].
pub(crate) fn knows(options: &[&str]) -> bool {
    options.iter().all(|option| [QUICKLY, AS_MARKDOWN].contains(option))
}

pub(crate) fn run(options: &[&str]) -> Result {
    let effort = if options.contains(&QUICKLY) { QUICK } else { THOROUGH };
    let markdown = options.contains(&AS_MARKDOWN);
    step("tools", || tools::require(&[tools::NODE, tools::NPM]))?;
    js::build()?;
    step("bench: the peer", || js::install(&benches().join("peer")))?;
    step("bench: build", || {
        step::run(&mut cargo([
            "build",
            "--release",
            "--package",
            "countersign",
            "--package",
            "countersign-benches",
        ]))
    })?;

    let mut table = Table::default();
    in_node(effort, &mut table)?;
    in_rust(effort, &mut table)?;
    gateways(effort, &mut table)?;
    starts(effort, &mut table)?;
    sizes(&mut table)?;
    println!("\n{}\n{}", table.print(markdown), machine::describe()?);
    Ok(())
}

/// One callback judged in Node: by the package, and by hand.
fn in_node(effort: Effort, table: &mut Table) -> Result {
    let lines = step("bench: admit in Node", || node("admit.mjs", &[effort.seconds], &calls()?))?;
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

/// The same in the two engines, and the whole loop of a call.
fn in_rust(effort: Effort, table: &mut Table) -> Result {
    let home = target("criterion");
    step("bench: criterion", || {
        let mut bench = cargo(["bench", "--quiet", "--package", "countersign-benches", "--"]);
        step::run(bench.env("CRITERION_HOME", &home).args(effort.criterion).stdout(Stdio::null()))
    })?;
    let of = |group: &str, function: &str, value: &str| criterion::median(&home, group, function, value);
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
fn gateways(effort: Effort, table: &mut Table) -> Result {
    let options = ["--rounds", effort.rounds, "--seconds", effort.seconds];
    let lines = step("bench: gateways", || harness("load", &options))?;
    let peer = contender(&lines, "peer")?;
    for engine in ["wasm", "native"] {
        let ours = contender(&lines, engine)?;
        let of = |name: &str| Ok::<_, Box<dyn std::error::Error>>((number(ours, name)?, number(peer, name)?));
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
fn starts(effort: Effort, table: &mut Table) -> Result {
    let lines = step("bench: gateways start", || harness("start", &["--rounds", effort.starts]))?;
    let peer = number(contender(&lines, "peer")?, "first_answer_ms")? * 1e6;
    for engine in ["wasm", "native"] {
        let ours = number(contender(&lines, engine)?, "first_answer_ms")? * 1e6;
        let what = format!("start to first answer, {engine}, against Express");
        table.add(Row::times(what, ours, peer, Target::Within(100e6)));
    }
    let lines = step("bench: Node starts", || node("start.mjs", &[effort.starts], &calls()?))?;
    let line = lines.first().ok_or("nothing was measured")?;
    let what = "start of Node to first verdict, against node:crypto".to_owned();
    table.add(Row::times(what, number(line, "ours")?, number(line, "peer")?, Target::None));
    Ok(())
}

fn sizes(table: &mut Table) -> Result {
    let module = step("bench: artefact A", artefact::build)?;
    let gzipped = artefact::gzipped_size(&module)?;
    table.add(Row::size("artefact A", module.len(), Some(artefact::MAX_SIZE)));
    table.add(Row::size("artefact A, gzipped", gzipped, Some(artefact::MAX_GZIPPED)));
    let module = std::fs::read(js::package().join("dist/countersign.wasm"))?;
    table.add(Row::size("artefact B", module.len(), None));
    table.add(Row::size("artefact B, gzipped", artefact::gzipped_size(&module)?, None));
    Ok(())
}

fn benches() -> PathBuf {
    workspace().join("benches")
}

/// The calls that all runtimes judge, as the harness signs them.
fn calls() -> Result<Vec<u8>> {
    step::output(Command::new(release("countersign-benches")).arg("calls"))
}

fn release(binary: &str) -> PathBuf {
    target("release").join(binary)
}

/// Runs the harness of gateways. Ledgers lie in the target folder: a temporary one may be in memory.
fn harness(command: &str, options: &[&str]) -> Result<Vec<Value>> {
    let folder = target("bench");
    std::fs::create_dir_all(&folder)?;
    let mut harness = Command::new(release("countersign-benches"));
    harness.arg(command).arg("--gateway").arg(release("countersign"));
    harness.arg("--peer").arg(benches().join("peer/gateway.mjs")).arg("--folder").arg(folder);
    json_lines(&step::output(harness.args(options).stderr(Stdio::inherit()))?)
}

fn node(script: &str, options: &[&str], input: &[u8]) -> Result<Vec<Value>> {
    let mut node = Command::new("node");
    node.arg(benches().join("node").join(script)).args(options).stderr(Stdio::inherit());
    json_lines(&step::output_of(&mut node, input)?)
}

fn json_lines(text: &[u8]) -> Result<Vec<Value>> {
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
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

/// A file's text.
fn read(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
