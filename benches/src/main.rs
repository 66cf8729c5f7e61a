//! Measures processes: gateways under load, and how soon they answer.
//!
//! ```text
//! countersign-benches load  --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N] [--seconds S]
//! countersign-benches start --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N]
//! countersign-benches calls
//! ```
//!
//! Prints one JSON object for each contender, or for each call that other runtimes judge. Exit code 1, and no figure, if any answer was wrong.

mod gateway;

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_benches::sample::{self, Call};
use countersign_simulator::HttpRequest;
use serde_json::json;

use gateway::{Failed, Field};

const USAGE: &str = "\
usage: countersign-benches load|start --gateway BINARY --peer SCRIPT --folder FOLDER [--rounds N] [--seconds S]
       countersign-benches calls";

fn main() -> ExitCode {
    if std::env::args().skip(1).eq(["calls"]) {
        calls();
        return ExitCode::SUCCESS;
    }
    let Some((command, field)) = arguments() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let result = match command.as_str() {
        "load" => gateway::load::compare(&field),
        "start" => gateway::start::compare(&field),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(Failed(reason)) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Those that are measured, then those that are only judged.
fn calls() {
    let line = |measured: bool, (name, call): (String, Call)| {
        let HttpRequest { method, target, headers, body } = call.http();
        let body = String::from_utf8_lossy(body);
        let route = json!({"path": sample::V2, "dialect": "saas-v2", "keys": sample::RING, "product": "crm"});
        println!(
            "{}",
            json!({
                "call": name, "measured": measured, "now": sample::NOW, "route": route,
                "method": method, "target": target, "headers": headers, "body": body,
            })
        );
    };
    sample::measured().into_iter().for_each(|call| line(true, call));
    sample::unusual().into_iter().for_each(|call| line(false, call));
}

fn arguments() -> Option<(String, Field)> {
    let mut words = std::env::args().skip(1);
    let command = words.next()?;
    let mut options = HashMap::new();
    while let Some(name) = words.next() {
        options.insert(name.strip_prefix("--")?.to_owned(), words.next()?);
    }
    let mut take = |name: &str| options.remove(name);
    let field = Field {
        gateway: PathBuf::from(take("gateway")?),
        peer: PathBuf::from(take("peer")?),
        folder: PathBuf::from(take("folder")?),
        rounds: take("rounds").map_or(Some(3), |text| text.parse().ok())?,
        seconds: take("seconds").map_or(Some(4.0), |text| text.parse().ok())?,
    };
    options.is_empty().then_some((command, field))
}
