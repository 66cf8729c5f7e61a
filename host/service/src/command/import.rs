//! `countersign import`.

use std::fs::File;
use std::io::{BufReader, Read, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use countersign_ledger::Missing;

use super::{FAILURE, SUCCESS, fail, misuse};
use crate::config::LedgerPart;
use crate::transfer::{Importer, Refused};

/// Takes instances from before the gateway into its ledger: one JSON object per line.
///
/// A line has order_id, order_line_id (V2), product_id, instance_id, phase (trial, active, frozen, released; active when
/// absent), expire_time (milliseconds UTC, RFC 3339, or the platform's digits), front_end_url, admin_url, user_name,
/// password and memo, beside the rest or under "access"; the platform's spelling of the names will do. A repeated create
/// of such an order then gets this instance. The same file twice changes nothing; a line that contradicts the ledger is
/// refused and changes nothing.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// JSON Lines; `-` is standard input
    file: PathBuf,
    /// The configuration
    #[arg(long, value_name = "FILE", default_value = "countersign.toml")]
    config: PathBuf,
    /// The product of lines that name none; needed where the configuration has several
    #[arg(long)]
    product: Option<String>,
    /// Check every line against the ledger, not against each other, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let ledger = match LedgerPart::load(&args.config) {
        Ok(ledger) => ledger,
        Err(errors) => return misuse(&errors),
    };
    let product = match ledger.product(args.product.as_deref()) {
        Ok(product) => product.unwrap_or_default().to_owned(),
        Err(message) => return misuse(&message),
    };
    let input = match open(&args.file) {
        Ok(input) => BufReader::new(input),
        Err(error) => return misuse(&format!("cannot read {}: {}", args.file.display(), error.kind())),
    };
    let (seller, store) = match ledger.open(Missing::Create) {
        Ok((seller, store)) => (Arc::new(seller), store),
        Err(error) => return fail(&error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let importer = Importer { seller, store, product, dry_run: args.dry_run };
    let (done, result) = runtime.block_on(importer.run(input, |refused| print(&refused)));
    let verb = if args.dry_run { "would import" } else { "imported" };
    eprintln!("{verb} {}, unchanged {}, refused {}", done.imported, done.unchanged, done.refused);
    match result {
        Err(error) => fail(&error),
        Ok(()) if done.refused > 0 => ExitCode::from(FAILURE),
        Ok(()) => ExitCode::from(SUCCESS),
    }
}

fn open(file: &Path) -> std::io::Result<Box<dyn Read>> {
    Ok(if file == Path::new("-") { Box::new(stdin().lock()) } else { Box::new(File::open(file)?) })
}

/// `line 3: order_id: conflict: the order has another instance`
fn print(refused: &Refused) {
    for problem in &refused.problems {
        let path = if problem.path.is_empty() { "(line)" } else { &problem.path };
        eprintln!("line {}: {path}: {}: {}", refused.line, problem.code, problem.message);
    }
}
