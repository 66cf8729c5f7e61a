//! Measures processes: gateways under load, and how soon they answer.
//!
//! ```text
//! countersign-benches load  --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N] [--seconds S]
//! countersign-benches start --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N]
//! countersign-benches calls
//! countersign-benches sync  --folder FOLDER
//! countersign-benches paddings
//! countersign-benches report --gateway BINARY --benches FOLDER --folder FOLDER --criterion FOLDER --portable FILE --javascript FILE [--quick] [--markdown]
//! ```
//!
//! Prints one JSON object for each contender, or for each call that other runtimes judge; `report` prints the table of
//! everything, and is run by `cargo xtask bench`. Exit code 1, and no figure, if any answer was wrong.

mod gateway;
mod paddings;
mod report;
mod sync;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use countersign_benches::sample::{self, Call};
use countersign_simulator::HttpRequest;
use serde_json::{Value, json};

use gateway::{Failed, Field};

const USAGE: &str = "\
usage: countersign-benches load|start --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N] [--seconds S]
       countersign-benches calls
       countersign-benches sync --folder FOLDER
       countersign-benches paddings
       countersign-benches report --gateway BINARY --benches FOLDER --folder FOLDER --criterion FOLDER
                                  --portable FILE --javascript FILE [--quick] [--markdown]";

fn main() -> ExitCode {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let command = if words.is_empty() { String::new() } else { words.remove(0) };
    let print = |lines: Vec<Value>| lines.iter().for_each(|line| println!("{line}"));
    let result = match command.as_str() {
        "calls" => {
            print!("{}", calls());
            Ok(())
        }
        "load" => field(words).and_then(|field| gateway::load::compare(&field).map(print)),
        "start" => field(words).and_then(|field| gateway::start::compare(&field).map(print)),
        "paddings" => paddings::measure().map(print),
        "sync" => sync_folder(words).and_then(|folder| sync::measure(&folder)).map(print),
        "report" => report(words),
        _ => Err(Failed(USAGE.to_owned())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed(reason)) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Those that are measured, then those that are only judged; one JSON object a line.
fn calls() -> String {
    let line = |measured: bool, (name, call): (String, Call)| {
        let HttpRequest { method, target, headers, body } = call.http();
        let body = String::from_utf8_lossy(body);
        let route = json!({"path": sample::V2, "dialect": "saas-v2", "keys": sample::RING, "product": "crm"});
        let line = json!({
            "call": name, "measured": measured, "now": sample::NOW, "route": route,
            "method": method, "target": target, "headers": headers, "body": body,
        });
        format!("{line}\n")
    };
    let measured = sample::measured().into_iter().map(|call| line(true, call));
    measured.chain(sample::unusual().into_iter().map(|call| line(false, call))).collect()
}

fn report(mut words: Vec<String>) -> Result<(), Failed> {
    let mut flag = |name: &str| {
        let before = words.len();
        words.retain(|word| word != name);
        words.len() < before
    };
    let effort = if flag("--quick") { report::QUICK } else { report::THOROUGH };
    let markdown = flag("--markdown");
    let mut options = Options::read(words)?;
    let materials = report::Materials {
        gateway: options.path("gateway")?,
        benches: options.path("benches")?,
        folder: options.path("folder")?,
        criterion: options.path("criterion")?,
        portable: options.path("portable")?,
        javascript: options.path("javascript")?,
    };
    options.finish()?;
    report::print(&materials, effort, markdown)
}

fn field(words: Vec<String>) -> Result<Field, Failed> {
    let mut options = Options::read(words)?;
    let field = Field {
        gateway: options.path("gateway")?,
        peer: options.path("peer")?,
        folder: options.path("folder")?,
        rounds: options.number("rounds", 3)?,
        seconds: options.number("seconds", 4.0)?,
    };
    options.finish()?;
    Ok(field)
}

fn sync_folder(words: Vec<String>) -> Result<PathBuf, Failed> {
    let mut options = Options::read(words)?;
    let folder = options.path("folder")?;
    options.finish()?;
    Ok(folder)
}

/// `--name value`, in any order.
struct Options(HashMap<String, String>);

impl Options {
    fn read(words: Vec<String>) -> Result<Self, Failed> {
        let mut words = words.into_iter();
        let mut options = HashMap::new();
        while let Some(name) = words.next() {
            let name = name.strip_prefix("--").ok_or(USAGE)?.to_owned();
            options.insert(name, words.next().ok_or(USAGE)?);
        }
        Ok(Self(options))
    }

    fn path(&mut self, name: &str) -> Result<PathBuf, Failed> {
        Ok(self.0.remove(name).ok_or(USAGE)?.into())
    }

    fn number<T: FromStr>(&mut self, name: &str, default: T) -> Result<T, Failed> {
        self.0.remove(name).map_or(Ok(default), |text| text.parse().map_err(|_| Failed(USAGE.to_owned())))
    }

    fn finish(self) -> Result<(), Failed> {
        if self.0.is_empty() { Ok(()) } else { Err(Failed(USAGE.to_owned())) }
    }
}
