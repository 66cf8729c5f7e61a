//! `countersign verify`: would this request be admitted?

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use countersign_core::Verdict;
use countersign_runtime::OpenSeller;

use crate::gate::{Clock, SystemClock, fresh};
use crate::raw::{self, Raw};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A raw HTTP/1.1 request; `-` or nothing is standard input.
    request: Option<PathBuf>,
    /// The gateway's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The time of the check, milliseconds since the epoch; now when absent.
    #[arg(long, value_name = "MILLIS")]
    now: Option<u64>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let seller = match crate::config::load_seller(&args.config) {
        Ok(seller) => seller,
        Err(errors) => return super::misuse(&errors),
    };
    let text = match read(args.request.as_deref()) {
        Ok(text) => text,
        Err(error) => return super::misuse(&error),
    };
    let Raw { request, unannounced } = match raw::read(&text, seller.settings()) {
        Ok(raw) => raw,
        Err(error) => return super::misuse(&error),
    };
    if unannounced > 0 {
        eprintln!(
            "countersign: {unannounced} bytes stand behind a head without Content-Length: they are no part of the request"
        );
    }
    let opened = seller
        .engine()
        .engine()
        .map_err(|error| error.to_string())
        .and_then(|engine| OpenSeller::open(engine, seller.json()).map_err(|error| error.to_string()));
    let now = args.now.unwrap_or_else(|| SystemClock.now());
    let verdict = opened.and_then(|seller| {
        request.read(|request| seller.admit(request, &fresh(), now)).map_err(|error| error.to_string())
    });
    let (line, code) = match &verdict {
        Ok(Verdict::Admitted(admitted)) => (admitted.to_redacted_json(), ExitCode::SUCCESS),
        Ok(refused) => (serde_json::to_string(refused).unwrap_or_default(), ExitCode::FAILURE),
        Err(error) => return super::fail(error),
    };
    match writeln!(std::io::stdout(), "{line}") {
        Ok(()) => code,
        Err(error) => super::fail(&error),
    }
}

fn read(path: Option<&std::path::Path>) -> Result<Vec<u8>, String> {
    match path.filter(|path| path.as_os_str() != "-") {
        Some(path) => std::fs::read(path).map_err(|error| format!("{}: {error}", path.display())),
        None => {
            let mut text = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut text);
            read.map(|_| text).map_err(|error| format!("standard input: {error}"))
        }
    }
}
